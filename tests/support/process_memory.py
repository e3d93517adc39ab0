"""How much memory another process holds, as its system counts it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

if sys.platform == "win32":

    def resident_bytes(pid: int) -> int:
        """Return the resident memory of a process."""
        command = ["tasklist", "/FI", f"PID eq {pid}", "/FO", "CSV", "/NH"]
        line = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=True).stdout
        size = line.strip().split('","')[-1]
        return int("".join(letter for letter in size if letter.isdigit())) * 1024

else:

    def resident_bytes(pid: int) -> int:
        """Return the resident memory of a process."""
        status = Path(f"/proc/{pid}/status")
        if status.is_file():
            lines = status.read_text(encoding="utf-8").splitlines()
            return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))
        shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, encoding="utf-8", check=True)
        return int(shown.stdout) * 1024
