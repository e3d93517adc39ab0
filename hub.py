#!/usr/bin/env python3
"""Set TradersHub up in the folder of this file and hand over to it; needs nothing but Python.

Written so that any Python 3 can read it: an old one says in one line what is missing, or passes on to a newer one.
"""

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

OLDEST, NEWEST = (3, 11), (3, 14)
REPOSITORY = Path(__file__).resolve().parent
ENVIRONMENT = REPOSITORY / ".venv"
SCRIPTS = ENVIRONMENT / ("Scripts" if sys.platform == "win32" else "bin")
PYTHON = SCRIPTS / ("python.exe" if sys.platform == "win32" else "python")
STAMP = ENVIRONMENT / "tradershub-stamp.json"
PIP_LOG = ENVIRONMENT / "setup.log"
# Every package is named in the lock, so nothing has to be worked out; compiling is left to the first import.
PIP_INSTALL = (
    *("-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "--no-deps", "--no-compile"),
    *("--no-input", "--disable-pip-version-check"),
)
LOCKS = {"core": REPOSITORY / "requirements" / "core.lock", "dev": REPOSITORY / "requirements" / "dev.lock"}
USAGE = """usage: python3 hub.py VERB [options]

  demo    run the hub with simulated markets, strategies and alerts: the quickest look
  run     run the hub on your own data, paper first
  setup   only make the environment (.venv), so that the first start is quick
  test    run every test (--long for the full numbers; other options go to pytest)
  check   format, lint, types and layers, one line each
  bench   measure this machine

`python3 hub.py VERB --help` tells more about one verb."""

NO_SPACE = "the disk is full: free about 400 MB and run this again"
# What pip says, and what that means to the person in front of it. The first match counts.
NO_NETWORK = (
    "new connection|name resolution|getaddrinfo|timed out|Connection (refused|reset|aborted)|unreachable"
    "|Cannot connect to proxy|Could not fetch URL"
)
PIP_FAILURES = {
    "No space left on device|not enough space on the disk": NO_SPACE,
    r"(?im)^.*error.*(Permission denied|Read-only file system|Access is denied)": (
        ".venv cannot be written: stop a running hub, look who owns the folder, and run this again"
    ),
    "CERTIFICATE_VERIFY_FAILED": (
        "this machine does not trust the certificate of the package index: set PIP_CERT to your proxy's certificate"
    ),
    "DO NOT MATCH THE HASHES": (
        "a downloaded package is not the one that was checked, so nothing was installed: run this again, "
        "and if it stays so ask who runs your package index"
    ),
    NO_NETWORK: "no network: the package index cannot be reached; check the connection or proxy and run this again",
    r"No matching distribution found for (?P<package>\S+)": (
        "the package index offers no ready-made {package} for this Python and system, or cannot be reached"
    ),
}


class SetupError(Exception):
    """Something the person at the terminal can mend, said in one line."""


def main(arguments: "list[str]") -> int:
    verb = arguments[0] if arguments else "--help"
    if verb not in VERBS:
        print(USAGE if verb in ("-h", "--help", "help") else f"hub.py: there is no `{verb}`\n\n{USAGE}")
        return 0 if verb in ("-h", "--help", "help") else 2
    try:
        if not is_supported(sys.version_info[:2]):
            return hand_over([*a_newer_python(), str(Path(__file__).resolve()), *arguments])
        return VERBS[verb](arguments[1:])
    except SetupError as problem:
        print(f"hub.py: {problem}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"hub.py: {explain(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nhub.py: stopped; the same command starts over", file=sys.stderr)
        return 130


def is_supported(version: "tuple[int, int]") -> bool:
    return OLDEST <= version <= NEWEST


def a_newer_python() -> "list[str]":
    """Return the command of a suitable Python on the PATH, or say how to get one."""
    minors = range(NEWEST[1], OLDEST[1] - 1, -1)
    commands = [["py", f"-3.{minor}"] for minor in minors] if sys.platform == "win32" else []
    commands += [[f"python3.{minor}"] for minor in minors]
    for command in commands:
        # A name on the PATH may be an empty shim, or lack the parts that make an environment.
        if shutil.which(command[0]) and answers([*command, "-c", "import venv, ensurepip"]):
            print(f"Python {this_python()} does not fit, going on with {' '.join(command)}", flush=True)
            return command
    wanted, this = "{}.{} to {}.{}".format(*OLDEST, *NEWEST), ".".join(map(str, sys.version_info[:3]))
    raise SetupError(
        f"TradersHub needs Python {wanted}; this is {this} ({sys.executable}): "
        f"install a newer one and name it, as in `python3.{NEWEST[1] - 1} hub.py demo`"
    )


def answers(command: "list[str]") -> bool:
    try:
        return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def explain(error: OSError) -> str:
    where = error.filename or REPOSITORY
    if error.errno == 28:
        return NO_SPACE
    if isinstance(error, PermissionError) or error.errno == 30:
        return f"{where} cannot be written: move the folder to a place of your own, or change its owner, and try again"
    return f"{where}: {error.strerror or error}"


def prepare(lock: str) -> None:
    """Make sure that .venv holds what the named lock says; costs a few milliseconds once it does."""
    if is_current(lock):
        return
    started = time.perf_counter()
    with one_at_a_time():
        stamp = read_stamp()
        if is_current(lock):
            return
        if not is_usable(stamp):
            make_environment()
            stamp = {"python": this_python(), "repository": str(REPOSITORY)}
        install(lock, stamp)
    print(f"ready in {time.perf_counter() - started:.0f} s\n", flush=True)


def this_python() -> str:
    return "{}.{}".format(*sys.version_info)


def digest(lock: str) -> str:
    return hashlib.sha256(LOCKS[lock].read_bytes()).hexdigest()


def read_stamp() -> "dict[str, str]":
    """Return what was installed last, nothing after an interrupted set-up."""
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def is_ours(stamp: "dict[str, str]") -> bool:
    """Whether the environment was made by this Python for this very folder: it does not survive being moved."""
    return stamp.get("python") == this_python() and stamp.get("repository") == str(REPOSITORY) and PYTHON.exists()


def is_current(lock: str) -> bool:
    stamp = read_stamp()
    return is_ours(stamp) and stamp.get(lock) == digest(lock)


def is_usable(stamp: "dict[str, str]") -> bool:
    return is_ours(stamp) and answers([str(PYTHON), "-c", "import pip"])


@contextmanager
def one_at_a_time() -> "Iterator[None]":
    """Let a second set-up in another terminal wait for the first."""
    with Path(str(ENVIRONMENT) + ".lock").open("a", encoding="utf-8") as file:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_environment() -> None:
    missing = [part for part in ("venv", "ensurepip") if find_spec(part) is None]
    if missing:
        raise SetupError(
            f"this Python came without its {missing[0]} part: install it (Debian and Ubuntu: "
            f"`apt install python{this_python()}-venv`) and run this again"
        )
    if ENVIRONMENT.exists() and not ENVIRONMENT.is_dir():
        raise SetupError(f"{ENVIRONMENT} is in the way: it has to be a folder; rename it and run this again")
    again = " anew" if ENVIRONMENT.exists() else ""
    print(f"Setting TradersHub up in {ENVIRONMENT}{again}, with Python {this_python()}; needed once", flush=True)
    # From inside an older environment the interpreter beneath it is asked, because that environment is about to go.
    base = getattr(sys, "_base_executable", None) or sys.executable
    made = run([base, "-m", "venv", "--clear", str(ENVIRONMENT)])
    if made.returncode != 0:
        raise SetupError(f".venv could not be made: {meaning_of(made.stdout)}")


def run(command: "list[str]") -> "subprocess.CompletedProcess[str]":
    """Run a command in our folder and keep all that it says."""
    return subprocess.run(
        command,
        cwd=str(REPOSITORY),
        env=child_environment(),
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )


def install(lock: str, stamp: "dict[str, str]") -> None:
    """Install one lock, hashes checked; the stamp comes last: an interrupted set-up is never taken for a whole one."""
    count = len(re.findall(r"(?m)^[\w.-]+==", LOCKS[lock].read_text(encoding="utf-8")))
    print(f"  installing {count} packages ...", flush=True)
    if STAMP.exists():
        STAMP.unlink()
    done = run([str(PYTHON), *PIP_INSTALL, "--requirement", str(LOCKS[lock])])
    if done.returncode != 0:
        if "Installing collected packages" not in done.stdout and stamp.get("core"):
            write_stamp(stamp)  # nothing was touched: what worked before still does
        PIP_LOG.write_text(done.stdout, encoding="utf-8")
        raise SetupError(f"{meaning_of(done.stdout)} (pip's own words: {PIP_LOG})")
    link_project()
    # The development lock holds the core lock whole.
    write_stamp({**stamp, **{name: digest(name) for name in ("core", lock)}})


def meaning_of(output: str) -> str:
    for pattern, meaning in PIP_FAILURES.items():
        found = re.search(pattern, output)
        if found:
            return meaning.format(**found.groupdict())
    # A full disk makes tools fail in ways of their own.
    if shutil.disk_usage(str(REPOSITORY)).free < 16 * 1024 * 1024:
        return NO_SPACE
    lines = [line for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(?i)error", line)]
    return (errors or lines or ["no reason was given"])[-1]


def child_environment() -> "dict[str, str]":
    """Return our environment, less what would make Python or pip put things elsewhere."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX")
    }
    return {**ours, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PYTHONUTF8": "1"}


def link_project() -> None:
    """Make this folder importable and its command runnable, without building or downloading anything."""
    library = ENVIRONMENT / "Lib" if sys.platform == "win32" else ENVIRONMENT / "lib" / f"python{this_python()}"
    # Written as code and in ASCII: how a plain path in such a file is decoded differs between versions.
    link = f"import sys; sys.path.append({str(REPOSITORY)!a})\n"
    (library / "site-packages" / "tradershub.pth").write_text(link, encoding="utf-8")
    if sys.platform == "win32":
        (SCRIPTS / "tradershub.cmd").write_text('@"%~dp0python.exe" -m tradershub %*\r\n', encoding="utf-8")
        return
    command = SCRIPTS / "tradershub"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(str(PYTHON))} -m tradershub "$@"\n', encoding="utf-8")
    command.chmod(0o755)


def write_stamp(stamp: "dict[str, str]") -> None:
    unfinished = STAMP.with_suffix(".new")
    unfinished.write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")
    unfinished.replace(STAMP)


def hand_over(command: "list[str]") -> int:
    """Become the command where the system can, else wait for it and leave Ctrl-C to it."""
    sys.stdout.flush()
    os.environ.setdefault("PYTHONUTF8", "1")
    if sys.platform != "win32":
        os.execvp(command[0], command)
    return wait_for(subprocess.Popen(command))  # type: ignore[unreachable,unused-ignore] # seen from Linux


def wait_for(process: "subprocess.Popen[bytes]") -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the process was told too and is closing down


def start(verb: str, arguments: "list[str]") -> int:
    prepare("core")
    return hand_over([str(PYTHON), "-m", "tradershub", verb, *arguments])


def setup(arguments: "list[str]") -> int:
    if arguments:
        print("usage: python3 hub.py setup\n\nMakes .venv beside hub.py from requirements/core.lock, or renews it.")
        return 0 if arguments[0] in ("-h", "--help") else 2
    prepare("core")
    print("TradersHub is set up: `python3 hub.py demo` shows it, `python3 hub.py run` starts yours")
    return 0


def test(arguments: "list[str]") -> int:
    prepare("dev")
    os.chdir(str(REPOSITORY))
    return hand_over([str(PYTHON), "-m", "pytest", *arguments])


def bench(arguments: "list[str]") -> int:
    prepare("dev")
    os.chdir(str(REPOSITORY))
    return hand_over([str(PYTHON), "-m", "tests.bench", *arguments])


def check(arguments: "list[str]") -> int:
    if arguments:
        print("usage: python3 hub.py check\n\nFormat, lint, types and layers of the code, one line each.")
        return 0 if arguments[0] in ("-h", "--help") else 2
    prepare("dev")
    python = str(PYTHON)
    tools = {
        "format": [python, "-m", "ruff", "format", "--check", "--quiet", "."],
        "lint": [python, "-m", "ruff", "check", "--quiet", "."],
        "types": [python, "-m", "mypy", "--no-error-summary"],
        "layers": [str(SCRIPTS / "lint-imports")],
    }
    return max(report(name, command) for name, command in tools.items())


def report(name: str, command: "list[str]") -> int:
    started = time.perf_counter()
    done = run(command)
    verdict = "ok" if done.returncode == 0 else "FAILED"
    print(f"{verdict:<6}  {name:<6}  {time.perf_counter() - started:5.1f} s", flush=True)
    if done.returncode != 0:
        print(done.stdout, flush=True)
    return min(done.returncode, 1)


VERBS = {
    "demo": lambda arguments: start("demo", arguments),
    "run": lambda arguments: start("run", arguments),
    "setup": setup,
    "test": test,
    "check": check,
    "bench": bench,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
