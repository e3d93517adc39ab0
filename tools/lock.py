"""Write requirements/*.lock anew from pyproject.toml: every version and hash, no address of any index."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
REQUIREMENTS = REPOSITORY / "requirements"
HEADER = "# Written by tools/lock.py from pyproject.toml; do not edit.\n"
ADDRESS = re.compile(r"https?:|file:|git\+|--(extra-)?index-url|--find-links", re.IGNORECASE)
PIN = re.compile(r"^[a-z0-9._-]+==", re.IGNORECASE | re.MULTILINE)


def resolve(*arguments: str, lock: Path, upgrade: bool) -> str:
    """Return the text of one lock, keeping the versions it already names unless asked to move them."""
    options = [
        "--universal",
        "--generate-hashes",
        "--no-emit-index-url",
        "--no-emit-find-links",
        "--no-header",
        "--quiet",
    ]
    # Wheels only: nobody who installs the hub needs a compiler.
    options += [
        "--only-binary",
        ":all:",
        "--python-version",
        "3.11",
        "--output-file",
        str(lock.relative_to(REPOSITORY)),
    ]
    if upgrade:
        options.append("--upgrade")
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", *arguments, *options]
    subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
    return lock.read_text(encoding="utf-8")


def finish(lock: Path, text: str) -> None:
    """Put our header on a lock, or refuse it if it says where its packages came from."""
    addresses = [line for line in text.splitlines() if ADDRESS.search(line)]
    if addresses:
        raise SystemExit(f"{lock.name} names an address, which would tie it to this machine: {addresses[0]}")
    lock.write_text(HEADER + text.removeprefix(HEADER), encoding="utf-8", newline="\n")
    print(f"{lock.relative_to(REPOSITORY)}: {len(PIN.findall(text))} packages")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--upgrade", action="store_true", help="take the newest versions instead of keeping the locked ones"
    )
    upgrade = parser.parse_args().upgrade
    core = REQUIREMENTS / "core.lock"
    development = REQUIREMENTS / "dev.lock"
    finish(core, resolve(lock=core, upgrade=upgrade))
    # Constrained by the core lock: what is tested is what is installed.
    finish(
        development,
        resolve("--group", "dev", "--constraint", "requirements/core.lock", lock=development, upgrade=upgrade),
    )


if __name__ == "__main__":
    main()
