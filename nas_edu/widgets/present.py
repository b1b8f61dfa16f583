"""How a dashboard or an explorer comes into a notebook, and what is there where no browser is."""

from __future__ import annotations

import os
from typing import Any, TypeVar

from nas_edu.widgets.shown import Shown

T = TypeVar("T", bound=Shown)
_shown: dict[str, tuple[int, list[Shown]]] = {}  # by notebook cell: its execution count and what it has shown


def present(thing: T) -> T:
    """Show it as fits the place where the code runs, and return it."""
    shell = _kernel_shell()
    if not in_browser():
        thing.run_here()
        if shell is not None:
            from IPython.display import display

            display(still_bundle(thing), raw=True)  # type: ignore[no-untyped-call]
        return thing
    _show(thing, shell)
    return thing


def in_browser() -> bool:
    """Whether the code runs in a notebook that somebody may look at, so that a widget is shown."""
    return _kernel_shell() is not None and os.environ.get("NAS_EDU_HEADLESS") != "1"


def still_bundle(thing: Shown) -> dict[str, str]:
    """The picture of this moment for any reader: SVG, PNG (an untrusted notebook shows no SVG), and a sentence."""
    data, _ = thing.still()._repr_mimebundle_()
    return data


def _show(thing: Shown, shell: Any) -> None:
    """Two outputs: the widget, and the still picture, which the widget hides while it is there itself.

    A notebook that is opened without a kernel has no widget, and then shows the picture.
    """
    from IPython.display import display

    from nas_edu.widgets import live_view

    _replace_earlier(thing, shell)
    shown = thing.show(live_view.LiveView, lambda: still.update(still_bundle(thing), raw=True))
    model = {"version_major": 2, "version_minor": 0, "model_id": shown.model_id}
    display({"application/vnd.jupyter.widget-view+json": model, "text/plain": f"live: {thing.title}"}, raw=True)
    still = display(still_bundle(thing), raw=True, display_id=True)


def _kernel_shell() -> Any:
    """IPython's shell where it runs in a notebook's kernel, else None."""
    from IPython import get_ipython

    shell = get_ipython()
    return shell if hasattr(shell, "kernel") else None


def _replace_earlier(thing: Shown, shell: Any) -> None:
    """A cell that is run again closes what its earlier runs have left behind."""
    parent = shell.get_parent()
    cell = parent.get("metadata", {}).get("cellId") or parent.get("content", {}).get("code", "")
    count, things = _shown.get(cell, (None, []))
    if count != shell.execution_count:
        for earlier in things:
            earlier.close()
        things = []
    _shown[cell] = (shell.execution_count, [*things, thing])
