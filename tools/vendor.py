"""Copies the pinned third-party front-end files into the repository, with licences and checksums.

A maintainer runs `python tools/vendor.py` after changing a version in package.json; it needs npm. Nothing else does:
the copies are committed, and `python tools/vendor.py --check` (also a test) compares them with their manifests.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "tradershub" / "web" / "static" / "vendor"
TESTS = ROOT / "tests" / "browser" / "vendor"
SOURCE_MAP = re.compile(r"\n?(/\*#\s*sourceMappingURL=[^*]*\*/|//#\s*sourceMappingURL=\S*)\s*$")
OUTSIDE = re.compile(r"@import\b|url\(\s*[\"']?(?:https?:)?//", re.IGNORECASE)


class VendorError(Exception):
    """What a maintainer has to put right, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendored:
    package: str
    licence: str
    files: tuple[tuple[str, str], ...]
    """(path in the package, name of the copy)."""
    licence_source: str
    """Path in the package; or, where the package carries no text, a file in tools/licences."""
    destination: Path


VENDORED = (
    Vendored(
        package="@tabler/core",
        licence="MIT",
        files=(("dist/css/tabler.min.css", "tabler.min.css"),),
        licence_source="tools/licences/tabler.txt",
        destination=STATIC,
    ),
    Vendored(
        package="htmx.org",
        licence="0BSD",
        files=(("dist/htmx.min.js", "htmx.min.js"),),
        licence_source="LICENSE",
        destination=STATIC,
    ),
    Vendored(
        package="axe-core",
        licence="MPL-2.0",
        files=(("axe.min.js", "axe.min.js"), ("LICENSE-3RD-PARTY.txt", "axe-core.LICENSE-3RD-PARTY.txt")),
        licence_source="LICENSE",
        destination=TESTS,
    ),
)


def sum_of(content: bytes, algorithm: str) -> str:
    """Return the checksum in the form browsers and npm use, `sha384-…`."""
    return f"{algorithm}-{base64.b64encode(hashlib.new(algorithm, content).digest()).decode('ascii')}"


def pinned_versions() -> dict[str, str]:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    versions: dict[str, str] = {**package["dependencies"], **package["devDependencies"]}
    loose = [name for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)]
    if loose:
        raise VendorError(f"package.json: pin an exact version of {', '.join(loose)}")
    return versions


def download(package: str, version: str, folder: Path) -> bytes:
    npm = shutil.which("npm")
    if npm is None:
        raise VendorError("npm is not installed; it is needed only to refresh the vendored files")
    command = [npm, "pack", f"{package}@{version}", "--silent", "--ignore-scripts", "--pack-destination", str(folder)]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob("*.tgz")
    content = archive.read_bytes()
    archive.unlink()
    return content


def read_member(archive: bytes, path: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        member = tar.extractfile(f"package/{path}")
        if member is None:
            raise VendorError(f"the package has no file {path}")
        return member.read()


def cleaned(content: bytes, name: str) -> bytes:
    """Drop the pointer to a source map that isn't copied and end lines as git stores them.

    Refuses a style sheet that loads something from elsewhere.
    """
    text = SOURCE_MAP.sub("\n", content.decode("utf-8").replace("\r\n", "\n"))
    if name.endswith(".css") and OUTSIDE.search(text):
        raise VendorError(f"{name} loads something from outside; it cannot be served under our content policy")
    return text.encode("utf-8")


def licence_text(item: Vendored, archive: bytes) -> bytes:
    if item.licence_source.startswith("tools/"):
        return (ROOT / item.licence_source).read_bytes()
    return read_member(archive, item.licence_source)


def copy(item: Vendored, version: str, folder: Path, known_integrity: str | None) -> dict[str, object]:
    """Copy one package's files and return its manifest entry."""
    archive = download(item.package, version, folder)
    integrity = sum_of(archive, "sha512")
    if known_integrity not in (None, integrity):
        raise VendorError(f"{item.package} {version} is not the archive it was when it was pinned: {integrity}")
    licence_name = f"{item.package.strip('@').replace('/', '-')}.LICENSE.txt"
    contents = {name: cleaned(read_member(archive, source), name) for source, name in item.files}
    contents[licence_name] = cleaned(licence_text(item, archive), licence_name)
    for name, content in contents.items():
        (item.destination / name).write_bytes(content)
    return {
        "name": item.package,
        "version": version,
        "licence": item.licence,
        "licence_file": licence_name,
        "integrity": integrity,
        "files": {name: sum_of(content, "sha384") for name, content in contents.items()},
    }


def read_manifest(destination: Path) -> list[dict[str, object]]:
    path = destination / "manifest.json"
    if not path.exists():
        return []
    packages: list[dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))["packages"]
    return packages


def known_integrity(package: str, version: str, destination: Path) -> str | None:
    for entry in read_manifest(destination):
        if entry["name"] == package and entry["version"] == version:
            return str(entry["integrity"])
    return None


def refresh() -> None:
    versions = pinned_versions()
    for destination in (STATIC, TESTS):
        destination.mkdir(parents=True, exist_ok=True)
        packages = []
        with tempfile.TemporaryDirectory() as folder:
            for item in VENDORED:
                if item.destination == destination:
                    version = versions[item.package]
                    known = known_integrity(item.package, version, destination)
                    packages.append(copy(item, version, Path(folder), known))
        text = json.dumps({"packages": packages}, indent=2, ensure_ascii=False) + "\n"
        (destination / "manifest.json").write_text(text, encoding="utf-8", newline="\n")


def differences() -> Iterable[str]:
    """Yield one line for each way in which the committed copies differ from package.json and their manifests."""
    versions = pinned_versions()
    for destination in (STATIC, TESTS):
        expected = {"manifest.json"}
        for entry in read_manifest(destination):
            files = entry["files"]
            if not isinstance(files, dict):
                raise VendorError(f"{destination}: the manifest is damaged")
            expected |= files.keys()
            if versions.get(str(entry["name"])) != entry["version"]:
                yield f"{entry['name']} {entry['version']}: package.json pins another version"
            for name, checksum in files.items():
                path = destination / name
                if not path.exists():
                    yield f"{path}: missing"
                elif sum_of(path.read_bytes(), "sha384") != checksum:
                    yield f"{path}: differs from its checksum"
        for path in destination.iterdir():
            if path.name not in expected:
                yield f"{path}: not in the manifest"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; needs no network")
    try:
        if not parser.parse_args().check:
            refresh()
        problems = list(differences())
    except VendorError as error:
        problems = [str(error)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
