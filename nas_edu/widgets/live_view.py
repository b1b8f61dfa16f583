"""The widgets: one anywidget a dashboard or explorer. They know frames and clicks, and nothing of searches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from nas_edu.draw.picture import THEME_COLOURS
from nas_edu.draw.style import DARK, LIGHT, Theme

_HERE = Path(__file__).parent


def _variables(theme: Theme) -> str:
    return "".join(f"--nas-{name}:{asdict(theme)[name]};" for name in THEME_COLOURS)


def _style() -> str:
    """The theme's colours, by JupyterLab's attribute, and elsewhere by the system's preference."""
    dark = _variables(DARK)
    return (
        f".nas-live{{{_variables(LIGHT)}}}\n"
        f"body[data-jp-theme-light='false'] .nas-live, body.vscode-dark .nas-live{{{dark}}}\n"
        "@media (prefers-color-scheme: dark){"
        f"body:not([data-jp-theme-light]):not(.vscode-light) .nas-live{{{dark}}}}}\n"
        + (_HERE / "live_view.css").read_text(encoding="utf-8")
    )


def _script(name: str) -> str:
    """A module of its own, for anywidget takes one: what all views share, and then this view."""
    return "\n".join((_HERE / file).read_text(encoding="utf-8") for file in ("frames.js", name))


class FrameView(anywidget.AnyWidget):
    """Frames go out as messages that hold the changes only. `screen` is the whole frame, for a page that opens late:
    its value never changes, so nothing is sent, but whoever asks for the state gets the frame of that moment.
    """

    _css = _style()
    title = traitlets.Unicode().tag(sync=True)
    screen = traitlets.Any().tag(sync=True, to_json=lambda _, view: view.whole_frame())

    def __init__(
        self, title: str, whole_frame: Callable[[], dict[str, Any]], on_click: Callable[[dict[str, Any]], None]
    ) -> None:
        self.whole_frame = whole_frame
        super().__init__(title=title)
        self.on_msg(lambda _, message, buffers: on_click(message))


class LiveView(FrameView):
    """A search: Run, Pause, Step, Stop, Reset."""

    _esm = _script("live_view.js")


class ExplorerView(FrameView):
    """Controls that Python has chosen, and marks that can be clicked."""

    _esm = _script("explorer_view.js")
