"""Run the command line as `python -m tradershub`."""

from tradershub.cli import main

if __name__ == "__main__":
    main()
