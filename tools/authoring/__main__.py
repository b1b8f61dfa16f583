"""The command line of `tools.authoring`; see there."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None, root: Path = REPOSITORY) -> int:
    """Run one command; 0 if all is well, 1 if something has to be mended, 2 if something is not installed."""
    parser = argparse.ArgumentParser(prog="python -m tools.authoring", description="Make the notebooks, or check them.")
    parser.add_argument("what", choices=["lectures", "exercises", "experiments", "claims", "slides"])
    parser.add_argument("names", nargs="*", help="03_evolution or 03, or an experiment's name; all, if none is given")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="write nothing: only say what does not fit")
    how.add_argument("--repeat", action="store_true", help="write nothing: execute twice, and say what differs")
    parser.add_argument(
        "--libraries", type=Path, help="slides: a folder of JavaScript libraries, for use without the web"
    )
    options = parser.parse_intermixed_args(arguments)  # names may stand behind an option
    try:
        if options.what == "slides":
            return _slides(options.names, options.libraries, root)
        how_wanted = "check" if options.check else "repeat" if options.repeat else "make"
        return _run(options.what, options.names, how_wanted, root)
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


def _run(what: str, names: list[str], how: str, root: Path) -> int:
    from tools.authoring import claims, exercises, experiments, lectures
    from tools.authoring.notebooks import AuthoringError, Problem

    if what == "claims" and how == "make":
        print(claims.table(claims.load_claims(root), names))
    make: dict[str, Callable[..., None]] = {
        "lectures": lectures.make_lectures,
        "exercises": exercises.make_exercises,
        "experiments": experiments.make_experiments,
    }
    look: dict[tuple[str, str], Callable[..., list[Problem]]] = {
        ("lectures", "check"): lectures.check_lectures,
        ("lectures", "repeat"): lectures.repeat_lectures,
        ("exercises", "check"): exercises.check_exercises,
        ("exercises", "repeat"): exercises.repeat_exercises,
        ("experiments", "check"): experiments.check_experiments,
        ("claims", "check"): lambda root, names: claims.check_claims(root),
    }
    try:
        if how == "make" and what in make:
            make[what](root, names)
            if what == "experiments":  # to check what was just computed would be to compute it again
                return 0
        problems = look[what, "repeat" if how == "repeat" else "check"](root, names)
    except AuthoringError as error:
        print(error, file=sys.stderr)
        return 1
    for problem in problems:
        print(problem, file=sys.stderr)
    if how != "make" and not problems:
        print(f"{what}: all in order")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
