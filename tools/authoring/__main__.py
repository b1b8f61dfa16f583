"""The command line of `tools.authoring`; see there."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None, root: Path = REPOSITORY) -> int:
    """Run one command; 0 if all is well, 1 if something has to be mended, 2 if something is not installed."""
    parser = argparse.ArgumentParser(prog="python -m tools.authoring", description="Make the notebooks, or check them.")
    parser.add_argument("what", choices=["lectures", "exercises", "claims", "slides"])
    parser.add_argument("names", nargs="*", help="such as 03_evolution or 03; all, if none is given")
    parser.add_argument("--check", action="store_true", help="write and execute nothing: only say what does not fit")
    parser.add_argument(
        "--libraries", type=Path, help="slides: a folder of JavaScript libraries, for use without the web"
    )
    options = parser.parse_args(arguments)
    try:
        if options.what == "slides":
            return _slides(options.names, options.libraries, root)
        return _run(options.what, options.names, options.check, root)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("nas_edu"):
            raise
        print(f"{error.name} is missing; it comes with: pip install -e '.[authoring]'", file=sys.stderr)
        return 2


def _slides(names: list[str], libraries: Path | None, root: Path) -> int:
    from tools.authoring.notebooks import AuthoringError
    from tools.authoring.slides import make_slides

    try:
        for path in make_slides(root, names, libraries):
            print(path)
    except AuthoringError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _run(what: str, names: list[str], check: bool, root: Path) -> int:
    from tools.authoring import claims, exercises, lectures
    from tools.authoring.notebooks import AuthoringError, Problem

    problems: list[Problem] = []
    try:
        if what == "claims":
            if not check:
                print(claims.table(claims.load_claims(root), names))
            problems = claims.check_claims(root)
        elif what == "lectures":
            if not check:
                lectures.make_lectures(root, names)
            problems = lectures.check_lectures(root, names)
        else:
            if not check:
                exercises.make_exercises(root, names)
            problems = exercises.check_exercises(root, names)
    except AuthoringError as error:
        print(error, file=sys.stderr)
        return 1
    for problem in problems:
        print(problem, file=sys.stderr)
    if check and not problems:
        print(f"{what}: all in order")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
