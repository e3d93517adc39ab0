"""The vendored front-end files are the pinned ones, carry their licences, and load nothing from outside."""

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "tradershub" / "web" / "static"


def test_vendored_files_are_what_their_manifest_says() -> None:
    check = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "vendor.py"), "--check"], capture_output=True, text=True, check=False
    )

    assert (check.returncode, check.stderr) == (0, "")


def test_every_vendored_package_carries_its_licence_text() -> None:
    manifest = json.loads((STATIC / "vendor" / "manifest.json").read_text(encoding="utf-8"))

    licences = [STATIC / "vendor" / entry["licence_file"] for entry in manifest["packages"]]

    assert len(licences) >= 2
    assert all("THE SOFTWARE IS PROVIDED" in path.read_text(encoding="utf-8") for path in licences)


def test_no_style_sheet_loads_anything_from_outside() -> None:
    outside = re.compile(r"@import|url\((?!\s*[\"']?data:)[^)]*\)|sourceMappingURL", re.IGNORECASE)

    found = {sheet.name: outside.findall(sheet.read_text(encoding="utf-8")) for sheet in STATIC.rglob("*.css")}

    assert "tabler.min.css" in found
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_our_own_scripts_stay_small_and_evaluate_no_text() -> None:
    scripts = {path: path.read_text(encoding="utf-8") for path in (STATIC / "js").glob("*.js")}

    assert scripts
    assert sum(len(text.encode("utf-8")) for text in scripts.values()) <= 25 * 1024
    assert [path.name for path, text in scripts.items() if re.search(r"\beval\(|new Function|innerHTML", text)] == []


def test_a_first_visit_loads_less_than_300_kb() -> None:
    files = [path for path in STATIC.rglob("*") if path.suffix in {".css", ".js", ".svg"}]

    packed = sum(len(gzip.compress(path.read_bytes())) for path in files)

    assert packed < 300 * 1024
