"""What a dashboard and an explorer share: a screen, a thread that paints it, a widget, and a still picture."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Literal

from nas_edu.draw.drawing import Drawing, sheet
from nas_edu.draw.picture import Picture
from nas_edu.widgets.painter import SHARE, Pacer, Painter
from nas_edu.widgets.screen import ErrorReport, Screen


class Shown(ABC):
    """What `present` can show. Without a widget (`show` was not called) nothing is painted.

    `share` is the part of the time that may go into frames.
    """

    kind: Literal["search", "explorer"]

    def __init__(self, title: str, *, share: float = SHARE) -> None:
        self.title = title
        self._error: ErrorReport | None = None
        self._screen, self._sending = Screen(), threading.RLock()
        self._widget: Any = None
        self._leave_still: Callable[[], None] = lambda: None
        self._painter = Painter(self._paint, self._is_idle, self._rest, Pacer(share=share))

    @abstractmethod
    def run_here(self) -> None:
        """Do, without a browser, all that can be done; raise what goes wrong."""

    @abstractmethod
    def _look(self) -> tuple[dict[str, Any], list[Picture | ErrorReport]]:
        """The status and the views of this moment."""

    @abstractmethod
    def _heading(self) -> str:
        """What stands above the still picture."""

    @abstractmethod
    def _heard(self, message: dict[str, Any]) -> None:
        """A message from the browser that is not about frames."""

    def still(self) -> Drawing:
        """The picture of this moment. Views that raise are left out."""
        _, contents = self._look()
        return sheet([content for content in contents if isinstance(content, Picture)], self._heading())

    def show(self, widget_class: Callable[..., Any], leave_still: Callable[[], None]) -> Any:
        """Make the widget. `leave_still` is called whenever all has come to rest."""
        self._screen.update(*self._look())
        self._widget = widget_class(self.kind, self.title, self._screen.whole, self._clicked)
        self._leave_still = leave_still
        return self._widget

    def close(self) -> None:
        """The notebook's cell was run again: whatever runs here has to stop."""
        return

    def _changed(self) -> None:
        if self._widget is not None:
            self._painter.changed()

    def _is_idle(self) -> bool:
        return True

    def _rest(self) -> None:
        self._leave_still()

    def _clicked(self, message: dict[str, Any]) -> None:
        """A message from the browser."""
        match message:
            case {"type": "painted", "value": frame}:
                self._painter.painted(frame)
            case {"type": "whole"}:
                with self._sending:
                    self._widget.send({"whole": self._screen.whole(), "frame": self._screen.frame})
            case _:
                self._heard(message)

    def _paint(self) -> int:
        status, contents = self._look()
        with self._sending:
            self._widget.send(self._screen.update(status, contents))
            return self._screen.frame
