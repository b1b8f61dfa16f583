"""The command line: `python -m nas_edu doctor` says what this machine has, what is missing, and what that costs.

The notebooks of the course are made by `python -m tools.authoring`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m nas_edu", description="Neural Architecture Search, to read and run."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("doctor", help="what is here, what is missing, and what each missing thing costs")
    parser.parse_args(arguments)

    from nas_edu.tools import doctor

    findings = doctor.examine()
    print(doctor.report(findings))
    return doctor.exit_code(findings)


if __name__ == "__main__":
    sys.exit(main())
