"""Each house rule catches a deliberate defect and lets the right form pass."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.architecture import rules
from tests.architecture.rules import Source
from tests.architecture.tree import REPOSITORY

MANY_METHODS = "class Wide:\n" + "".join(f"    def do_{n}(self): ...\n" for n in range(13))
MANY_IMPORTS = "".join(f"import tradershub.domain.part_{n}\n" for n in range(13))
LONG_FUNCTION = "def long():\n" + "    step = 1\n" * 40

DEFECTS = {
    "file": (rules.long_file, "x = 1\n" * 401, "x = 1\n" * 400),
    "function": (rules.long_function, LONG_FUNCTION, "def short():\n" + "    step = 1\n" * 39),
    "async function": (rules.long_function, f"async {LONG_FUNCTION}", "async def short():\n    return 1\n"),
    "class": (rules.wide_class, MANY_METHODS, MANY_METHODS.replace("def do_0", "def _do_0")),
    "imports": (rules.many_own_imports, MANY_IMPORTS, MANY_IMPORTS.replace("tradershub", "other")),
    "imports of a package": (
        rules.many_own_imports,
        "from tradershub.domain import " + ", ".join(f"part_{n}" for n in range(13)),
        "from tradershub.domain.orders import " + ", ".join(f"Name{n}" for n in range(13)),
    ),
    "float literal": (rules.float_in_domain, "price = 1.5", 'price = Decimal("1.5")'),
    "float call": (rules.float_in_domain, "price = float(text)", "price = Decimal(text)"),
    "float annotation": (rules.float_in_domain, "price: float", "price: Decimal"),
    "third party in domain": (rules.impure_import, "import msgspec", "import dataclasses"),
    "I/O in domain": (rules.impure_import, "from asyncio import sleep", "from tradershub.domain.ids import OrderId"),
    "hidden import": (rules.hidden_import, "def f():\n    import json", "import json"),
    "import by name": (rules.hidden_import, 'importlib.import_module("x")', "importlib.metadata"),
    "wall clock": (rules.wall_clock, "now = time.time()", "now = clock.now()"),
    "wall clock allowed": (rules.wall_clock, "x = now()  # noqa: TID251", "x = now()  # noqa: S311"),
    "sleep": (
        rules.wall_clock,
        "async def f():\n    await asyncio.sleep(1)",
        "async def f():\n    await clock.sleep(1)",
    ),
    "broad except": (
        rules.broad_except,
        "try:\n    f()\nexcept Exception:\n    g()",
        "try:\n    f()\nexcept Exception:  # noqa: BLE001 - the executor border: it becomes Unknown\n    g()",
    ),
    "broad except without reason": (
        rules.broad_except,
        "try:\n    f()\nexcept (Exception, KeyError):  # noqa: BLE001\n    g()",
        "try:\n    f()\nexcept BaseException:\n    tidy_up()\n    raise",
    ),
    "bare except": (rules.broad_except, "try:\n    f()\nexcept:\n    g()", "try:\n    f()\nexcept KeyError:\n    g()"),
    "open": (rules.text_without_encoding, 'open("x")', 'open("x", encoding="utf-8")'),
    "read_text": (rules.text_without_encoding, "path.read_text()", 'path.read_text(encoding="utf-8")'),
    "open for bytes": (rules.text_without_encoding, 'path.open("w")', 'path.open("wb")'),
    "submit": (rules.use_of_submit, "await executor.submit(order)", "await executor.cancel(order)"),
    "submit handed on": (rules.use_of_submit, "call_later(self.executor.submit)", "call_later(self.executor.close)"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_the_defect_is_caught(name: str) -> None:
    rule, bad, _ = DEFECTS[name]
    assert list(rule(Source(path="tradershub/domain/x.py", text=bad)))


@pytest.mark.parametrize("name", DEFECTS)
def test_the_right_form_passes(name: str) -> None:
    rule, _, good = DEFECTS[name]
    assert list(rule(Source(path="tradershub/domain/x.py", text=good))) == []


LINTED = {
    "TID251": "import time\n\nnow = time.time()\n",
    "DTZ005": "from datetime import datetime\n\nnow = datetime.now()\n",
    "PLC0415": "def f() -> None:\n    import json\n\n    json.loads('1')\n",
    "BLE001": "try:\n    f = 1\nexcept Exception:\n    f = 2\n",
    "PLW1514": "with open('x') as file:\n    file.read()\n",
    "C901": "def f(x: int) -> int:\n"
    + "".join(f"    if x == {n}:\n        x += 1\n" for n in range(11))
    + "    return x\n",
    "D100": "x = 1\n",
    "FBT001": "def f(flag: bool) -> None:\n    f(flag)\n",
    "FIX002": "x = 1  # " + "TO" + "DO later\n",
    "T201": "print(1)\n",
    "S307": "x = eval('1')\n",
}


@pytest.mark.parametrize("code", LINTED)
def test_the_linter_is_set_up_to_catch(code: str) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "json"]
    command += ["--stdin-filename", "tradershub/hub/x.py", "-"]
    done = subprocess.run(
        command, input=LINTED[code], cwd=REPOSITORY, check=False, capture_output=True, encoding="utf-8"
    )
    assert code in {found["code"] for found in json.loads(done.stdout)}
