"""Slides: each lecture as a deck that a browser shows, from the outputs that the notebook holds.

nbconvert and reveal.js do the work; `slides_template/` sets sizes for a projector. A deck is one file with its pictures
inside. The four JavaScript libraries that show it come from the web, or, for a room without it, from a folder:

    npm install reveal.js@4 requirejs jquery@2 mathjax@2          makes node_modules/
    python -m tools.authoring slides --libraries node_modules
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tools.authoring.notebooks import AuthoringError, choose, read_notebook

TEMPLATES = Path(__file__).parent
LIBRARIES = {
    "reveal_url_prefix": "reveal.js",
    "require_js_url": "requirejs/require.js",
    "jquery_url": "jquery/dist/jquery.min.js",
    "mathjax_url": "mathjax/MathJax.js",
}


def make_slides(root: Path, names: Sequence[str], libraries: Path | None = None) -> list[Path]:
    """Write build/slides/<name>.slides.html for these lectures (all, if none is named) and return the paths.

    Raises AuthoringError for an unknown lecture, and where `libraries` lacks one of the four.
    """
    from nbconvert import SlidesExporter

    exporter = SlidesExporter(
        template_name="slides_template",
        extra_template_basedirs=[str(TEMPLATES)],
        reveal_width="1280",
        reveal_height="720",
        reveal_number="c/t",
        reveal_transition="none",
        **({} if libraries is None else _addresses(libraries)),
    )
    folder = root / "build" / "slides"
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for source in choose(root / "lectures" / "src", names):
        notebook = read_notebook(root / "lectures" / f"{source.stem}.ipynb")
        for cell in notebook.cells:
            cell.source = cell.source.removeprefix("# NBVAL_CHECK_OUTPUT\n")  # a word to the tests, not to a room
        text, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": source.stem}})
        path = folder / f"{source.stem}.slides.html"
        path.write_text(text)
        written.append(path)
    return written


def _addresses(libraries: Path) -> dict[str, str]:
    missing = [place for place in LIBRARIES.values() if not (libraries / place).exists()]
    if missing:
        raise AuthoringError(
            f"{libraries} has no {', no '.join(missing)}; "
            "make it with: npm install reveal.js@4 requirejs jquery@2 mathjax@2"
        )
    addresses = {option: (libraries / place).resolve().as_uri() for option, place in LIBRARIES.items()}
    addresses["mathjax_url"] += "?config=TeX-AMS_CHTML-full,Safe"
    return addresses
