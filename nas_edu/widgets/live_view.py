"""The widget: one anywidget a dashboard or explorer. It knows frames and clicks, and nothing of searches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

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


class LiveView(anywidget.AnyWidget):
    """The widget of a search or an explorer: `kind` says which of the two views in live_view.js shows it.

    Frames go out as messages that hold the changes only. `screen` is the whole frame, for a page that opens late: its
    value never changes, so nothing is sent, but whoever asks for the state gets the frame of that moment.
    """

    _esm = (_HERE / "live_view.js").read_text(encoding="utf-8")
    _css = _style()
    kind = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    screen = traitlets.Any().tag(sync=True, to_json=lambda _, view: view.whole_frame())

    def __init__(
        self,
        kind: Literal["search", "explorer"],
        title: str,
        whole_frame: Callable[[], dict[str, Any]],
        on_message: Callable[[dict[str, Any]], None],
    ) -> None:
        self.whole_frame = whole_frame
        super().__init__(kind=kind, title=title)
        self.on_msg(lambda _, message, buffers: on_message(message))
