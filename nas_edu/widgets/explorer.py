"""Explorers: pictures that a person changes by clicking, where a `Dashboard` shows what a search does by itself.

An explorer is a pure state and functions of it. To build one:

    @dataclass(frozen=True)
    class State: ...                         # immutable, and all that there is to know

    def view(state) -> Panel: ...            # a mark with a key can be clicked: GraphEdge(0, 1, "none", key="edge 0-1")
    def controls(state) -> list[Control]:    # each with the function that its use calls, (state[, value]) -> state
        return [Button("Random", draw), Select("operation", OPERATIONS, state.operation, choose), Slider(...)]
    def on_click(state, key) -> State: ...   # the next state
    def status(state) -> str: ...            # one line above the pictures

    return present(Explorer(State(...), [view], controls, title="...", on_click=on_click, status=status))

`present` shows it in a notebook, with a button Undo; elsewhere it only makes sure that everything can be drawn.
Python drives it by the same names: `explorer.click("edge 0-1")`, `explorer.set("operation", "none")`,
`explorer.press("Random")`, `explorer.undo()`; then look at its `state`, `panels`, `text` and `still()`. There, wrong
input raises; in the browser it is shown with its traceback, and the state stays. A random choice is a function of the
state too: count the draws in it, and use `random.Random(draws)`. `on_undo(earlier, now)` may keep something of the
state that is left, such as what was tried already; `on_change()` is called after each change, for whoever else shows
the state. Views and handlers run in the kernel at each click: keep them below 0.1 s.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Generic, TypeVar

from nas_edu.core.names import did_you_mean
from nas_edu.draw.marks import Panel
from nas_edu.draw.panel import lay_out
from nas_edu.draw.picture import Picture
from nas_edu.widgets.controls import Button, Control, Slider, as_message, checked
from nas_edu.widgets.screen import ErrorReport, lay_out_all, look
from nas_edu.widgets.shown import Shown

S = TypeVar("S")
SHARE = 0.5  # of the time may go into frames: while a slider moves, nothing else computes
UNDO = "Undo"


class Explorer(Shown, Generic[S]):
    """A state, its pictures, and what a click makes of it. The module says how to build one."""

    kind = "explorer"

    def __init__(
        self,
        state: S,
        views: Sequence[Callable[[S], Panel]],
        controls: Callable[[S], Sequence[Control]],
        *,
        title: str,
        on_click: Callable[[S, str], S] | None = None,
        status: Callable[[S], str] = lambda state: "",
        on_undo: Callable[[S, S], S] = lambda earlier, now: earlier,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(title, share=SHARE)
        self._state = state
        self._views, self._controls, self._on_click = list(views), controls, on_click
        self._status, self._on_undo, self._on_change = status, on_undo, on_change
        self._earlier: list[S] = []
        self._last_moved: str | None = None  # the slider that was moved last, with nothing in between
        self._making_still = threading.Lock()

    @property
    def state(self) -> S:
        return self._state

    @property
    def text(self) -> str:
        """The line above the pictures."""
        return self._status(self._state)

    @property
    def panels(self) -> list[Panel]:
        """One a view, now. Raises what a view raises."""
        return [view(self._state) for view in self._views]

    @property
    def controls(self) -> dict[str, Control]:
        """By name; the last one undoes."""
        undo = Button(UNDO, lambda state: state, enabled=bool(self._earlier))
        return {control.name: control for control in [*self._controls(self._state), undo]}

    @property
    def clickable(self) -> list[str]:
        """The keys of all marks that can be clicked now."""
        pictures = lay_out_all(self._views, look(self._views, self._state))
        elements = [element for one in pictures if isinstance(one, Picture) for element in one.elements.values()]
        return [element.key for element in elements if element.key is not None]

    def click(self, key: str) -> S:
        """Click the mark with this key; returns the new state. Raises ValueError where nothing has it now."""
        if self._on_click is None or key not in (known := self.clickable):
            known = [] if self._on_click is None else known
            keys = ", ".join(map(repr, known)) or "nothing"
            raise ValueError(f"{key!r} cannot be clicked now{did_you_mean(key, known)}; what can be: {keys}")
        return self._become(self._on_click(self._state, key))

    def press(self, name: str) -> S:
        """Press a button. Raises ValueError where it is not there, or not enabled."""
        if name == UNDO:
            return self.undo()
        control = self._control(name)
        if not isinstance(control, Button):
            raise ValueError(f"{name} is no button; set({name!r}, value)")
        return self._become(control.act(self._state))

    def set(self, name: str, value: Any) -> S:
        """Choose, move or write a value. Raises ValueError for one that the control does not take."""
        control = self._control(name)
        value = checked(control, value)
        moved = name if isinstance(control, Slider) else None
        return self._become(control.act(self._state, value), moved)  # type: ignore[call-arg]

    def undo(self) -> S:
        """Back to the state before the last change; many moves of one slider are one change."""
        if not self._earlier:
            raise ValueError("there is nothing to undo")
        self._state = self._on_undo(self._earlier.pop(), self._state)
        self._settle(None)
        return self._state

    def run_here(self) -> None:
        """Draw everything once, as where nobody watches. Raises what a view or a control raises."""
        for panel in self.panels:
            lay_out(panel)
        assert self.controls

    def _control(self, name: str) -> Control:
        controls = self.controls
        if name not in controls:
            raise ValueError(f"there is no control {name!r}{did_you_mean(name, list(controls))}; {', '.join(controls)}")
        if not controls[name].enabled:
            raise ValueError(f"{name} cannot be used now")
        return controls[name]

    def _become(self, state: S, moved: str | None = None) -> S:
        if type(state) is not type(self._state):
            raise TypeError(f"the next state must be a {type(self._state).__name__}, got {state!r}")
        if state != self._state:
            if moved is None or moved != self._last_moved:
                self._earlier.append(self._state)
            self._state = state
        self._settle(moved)
        return state

    def _settle(self, moved: str | None) -> None:
        self._last_moved, self._error = moved, None
        self._changed()
        self._on_change()

    def _rest(self) -> None:
        """The still picture takes a third of a second or more, and the next click need not wait for it."""
        threading.Thread(target=self._make_still, name="nas_edu still picture", daemon=True).start()

    def _make_still(self) -> None:
        with self._making_still:
            self._leave_still()

    def _heading(self) -> str:
        return f"{self.title}: {self.text}".removesuffix(": ")

    def _heard(self, message: dict[str, Any]) -> None:
        """What goes wrong is shown in the browser."""
        try:
            match message:
                case {"type": "click", "value": key} if key in self.clickable:  # or an older picture was clicked
                    self.click(key)
                case {"type": "press", "value": name}:
                    self.press(name)
                case {"type": "set", "value": [name, value]}:
                    self.set(name, value)
        except Exception as error:
            self._error = ErrorReport.of(error)
            self._changed()

    def _look(self) -> tuple[dict[str, Any], list[Picture | ErrorReport]]:
        """The status and the pictures of this moment."""
        problem, controls, text = self._error, [], ""
        try:
            controls = [as_message(control) for control in self.controls.values()]
            text = self.text
        except Exception as error:  # of whoever wrote `controls` or `status`
            problem = problem or ErrorReport.of(error)
        shown = None if problem is None else asdict(problem)
        status = {"text": text, "controls": controls, "problem": shown}
        return status, lay_out_all(self._views, look(self._views, self._state))
