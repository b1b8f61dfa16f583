"""What the browser shows, and the messages that keep it up to date."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from nas_edu.core import History
from nas_edu.draw.marks import Panel
from nas_edu.draw.panel import lay_out
from nas_edu.draw.picture import Picture
from nas_edu.widgets.error_report import ErrorReport
from nas_edu.widgets.patches import patches, whole

View = Callable[[History], Panel]
BREATH = 1e-4  # seconds between two views, in which a search that waits for Python's lock can go on


def look(views: Sequence[Callable[[Any], Panel]], history: Any) -> list[Panel | ErrorReport]:
    """Each view's panel of a history, or of an explorer's state. A view that raises becomes a problem; others go on."""
    return [_guarded(view, view, history) for view in views]


def lay_out_all(
    views: Sequence[Callable[[Any], Panel]], panels: Sequence[Panel | ErrorReport]
) -> list[Picture | ErrorReport]:
    return [
        panel if isinstance(panel, ErrorReport) else _guarded(view, lay_out, panel)
        for view, panel in zip(views, panels, strict=True)
    ]


def _guarded(view: Callable[[Any], Panel], function: Callable[[Any], Any], argument: Any) -> Any:
    time.sleep(BREATH)
    try:
        result = function(argument)
        if function is view and not isinstance(result, Panel):
            raise TypeError(f"a view returns a Panel, got {type(result).__name__}: {result!r}")
    except Exception as error:  # it belongs to whoever wrote the view, and is shown where the view would be
        name = getattr(view, "__name__", repr(view))
        return ErrorReport.of(error, f"view {name}: ")
    return result


class Screen:
    """The last frame that was sent. `update` gives the message that leads from it to the next one."""

    def __init__(self) -> None:
        # One tuple, replaced at once: a page may ask for the whole frame while the next one is being made.
        self._last: tuple[int, dict[str, Any], list[Picture | ErrorReport]] = (0, {}, [])

    @property
    def frame(self) -> int:
        """The number of the last frame."""
        return self._last[0]

    def update(self, status: dict[str, Any], contents: list[Picture | ErrorReport]) -> dict[str, Any]:
        """What changed: {"frame": n, "status": {...} if it changed, "panels": {index: its changes}}."""
        frame, old_status, old_contents = self._last
        before: list[Any] = [*old_contents] or [None] * len(contents)
        changes = {str(i): _change(old, new) for i, (old, new) in enumerate(zip(before, contents, strict=True))}
        message: dict[str, Any] = {"frame": frame + 1, "panels": {i: change for i, change in changes.items() if change}}
        if status != old_status:
            message["status"] = status
        self._last = (frame + 1, status, contents)
        return message

    def whole(self) -> dict[str, Any]:
        """The whole frame, for a view that opens late."""
        frame, status, contents = self._last
        panels = {str(i): _whole(content) for i, content in enumerate(contents)}
        return {"frame": frame, "status": status, "panels": panels}


def _whole(content: Picture | ErrorReport) -> dict[str, Any]:
    if isinstance(content, ErrorReport):
        return {"problem": asdict(content)}
    return {"whole": whole(content)}


def _change(before: Picture | ErrorReport | None, after: Picture | ErrorReport) -> dict[str, Any]:
    """Empty where nothing changed."""
    if isinstance(before, Picture) and isinstance(after, Picture):
        changes = patches(before, after)
        if changes is not None:
            return {"patches": changes} if changes else {}
    return {} if before == after else _whole(after)
