"""The house rules hold in every file of the project."""

from __future__ import annotations

import re

import pytest

from tests.architecture import rules
from tests.architecture.tree import is_foreign, project_files, relative, sources

EVERYWHERE = ("tradershub/", "tests/", "tools/", "hub.py")
PRODUCT = ("tradershub/",)
HUB = ("tradershub/hub/", "tradershub/web/", "tradershub/app", "tradershub/cli", "tradershub/demo/")

CASES = {
    "files are short": (rules.long_file, EVERYWHERE, ()),
    "functions are short": (rules.long_function, EVERYWHERE, ()),
    "classes are narrow": (rules.wide_class, PRODUCT, ()),
    # The composition root names every part: that is its job, and nobody else's.
    "modules know few others": (rules.many_own_imports, PRODUCT, ("tradershub/app.py",)),
    "domain counts in Decimal": (rules.float_in_domain, ("tradershub/domain/",), ()),
    "domain and analytics are pure": (rules.impure_import, ("tradershub/domain/", "tradershub/analytics/"), ()),
    "imports stand at the top": (rules.hidden_import, PRODUCT, ("tradershub/app.py",)),
    "time comes from the Clock": (rules.wall_clock, PRODUCT, ("tradershub/ports/clock.py",)),
    "a broad except has its reason": (rules.broad_except, EVERYWHERE, ()),
    "text is opened with its encoding": (rules.text_without_encoding, EVERYWHERE, ()),
}


@pytest.mark.parametrize("name", CASES)
def test_the_rule_holds(name: str) -> None:
    rule, where, exempt = CASES[name]
    broken = [line for source in sources(*where) if source.path not in exempt for line in rule(source)]
    assert not broken, "\n".join(["", *broken])


def test_one_place_submits_to_an_executor() -> None:
    found = [place for source in sources(*HUB) for place in rules.use_of_submit(source)]
    assert len(found) == 1, found
    assert found[0].startswith(("tradershub/hub/execution_router.py", "tradershub/hub/lanes.py")), found


# Put together from pieces, so that this file does not find itself.
ADDRESSES = re.compile(
    "|".join(
        [
            r"pypi\." + "org",
            r"python" + r"hosted\.org",
            r"registry\." + r"npmjs",
            r"deb\." + r"debian\.org",
            r"(?<![\w.])/" + r"(work|opt|root)/\w",
            r"/tmp/" + r"brief",
            r"(?<![\w.])/" + r"(home|Users)/(?!you\b|trader\b)\w",
        ]
    )
)


def test_no_file_names_a_registry_or_a_machine() -> None:
    found = [
        f"{relative(path)}:{number}: {match.group()}"
        for path in project_files()
        if not is_foreign(path) and path.suffix not in (".png", ".ico", ".woff2", ".gz")
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if (match := ADDRESSES.search(line))
    ]
    assert not found, "\n".join(["", *found])


def test_the_locks_name_no_address() -> None:
    for lock in (path for path in project_files() if path.suffix == ".lock"):
        text = lock.read_text(encoding="utf-8")
        assert not re.search(r"https?:|file:|git\+|index-url|find-links", text), relative(lock)
        assert text.count("--hash=sha256:") > 50, relative(lock)


def test_the_development_lock_holds_the_core_lock() -> None:
    pins = {}
    for lock in (path for path in project_files() if path.suffix == ".lock"):
        pins[lock.stem] = set(re.findall(r"^[\w.-]+==[^ \\]+", lock.read_text(encoding="utf-8"), re.MULTILINE))
    assert pins["core"]
    assert pins["core"] < pins["dev"]
