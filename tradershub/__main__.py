"""The command line, as `tradershub` and as `python -m tradershub`.

What a command does not need is not loaded: `kill` has to be there within a moment, on a machine that is busy, and also
when something that only the hub needs cannot be imported.
"""

import sys

_FIRST = sys.argv[1] if len(sys.argv) > 1 else ""

if _FIRST in ("kill", "send", "status", "version"):
    from tradershub.cli.at_once import main
elif _FIRST in ("run", "demo"):
    from tradershub.cli.run import main
elif _FIRST in ("check", "backup", "restore", "replay", "export", "import", "token"):
    from tradershub.cli.keeping import main
else:
    from tradershub.cli.everything import main

if __name__ == "__main__":
    main()
