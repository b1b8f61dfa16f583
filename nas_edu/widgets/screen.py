"""What the browser shows, and the messages that keep it up to date: some hundred bytes where a frame has thousands.

A view that raises is shown as the error, with its traceback, where its picture would be.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nas_edu.core import History
from nas_edu.draw.marks import Panel
from nas_edu.draw.panel import lay_out
from nas_edu.draw.picture import Picture

# --- errors -----------------------------------------------------------------------------------------------------------


_HERE = str(Path(__file__).parent)


@dataclass(frozen=True)
class ErrorReport:
    """One line, and the traceback on demand."""

    line: str
    traceback: str

    @classmethod
    def of(cls, error: BaseException, where: str = "") -> ErrorReport:
        """The traceback begins where the widgets' own code ends: that is where the person's code begins."""
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None and trace.tb_frame.f_code.co_filename.startswith(_HERE):
            trace = trace.tb_next
        text = "".join(traceback.format_exception(type(error), error, trace))
        return cls(f"{where}{type(error).__name__}: {error}", text)


# --- the difference between two pictures, as JSON ---------------------------------------------------------------------


WORTHWHILE = 20  # a splice must save at least so many characters


def whole(picture: Picture) -> dict[str, Any]:
    """Everything that a browser needs to paint the picture from nothing."""
    elements = [[key, e.tag, e.attributes, e.text] for key, e in picture.elements.items()]
    return {"width": picture.width, "height": picture.height, "label": picture.label, "elements": elements}


def patches(old: Picture, new: Picture) -> list[list[Any]] | None:
    """What turns `old` into `new`, in this order; None where it is better to send the whole picture.

    ["label", text]     ["remove", key]     ["add", key, the key it comes before or None, tag, attributes, text]
    ["set", key, attributes, text]     ["splice", key, attribute, characters to keep, what follows them]
    """
    kept = [key for key in new.elements if key in old.elements]
    if [key for key in old.elements if key in new.elements] != kept:
        return None  # painted in another order
    changes: list[list[Any]] = [] if new.label == old.label else [["label", new.label]]
    changes += [["remove", key] for key in old.elements if key not in new.elements]
    for key in kept:
        before, after = old.elements[key], new.elements[key]
        if before is after or before == after:
            continue
        if before.tag != after.tag or before.attributes.keys() - after.attributes.keys():
            return None
        changed = {name: value for name, value in after.attributes.items() if before.attributes.get(name) != value}
        for name in list(changed):
            shared = _shared(before.attributes.get(name, ""), changed[name])
            if shared > WORTHWHILE:
                changes.append(["splice", key, name, shared, changed.pop(name)[shared:]])
        if changed or before.text != after.text:
            changes.append(["set", key, changed, after.text])
    following = None
    for key in reversed(new.elements):  # from the last on, so that what an element comes before is there already
        if key not in old.elements:
            element = new.elements[key]
            changes.append(["add", key, following, element.tag, element.attributes, element.text])
        following = key
    return changes


def _shared(old: str, new: str) -> int:
    """How many characters both begin with, by bisection: comparing slices is much faster than characters."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


# --- the screen -------------------------------------------------------------------------------------------------------


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
