"""The controls of an explorer, as plain data: what they show, and the pure function that a use of them calls.

`act` takes the state (and what was chosen) and returns the next state. A control's `name` identifies it, in a test as
`explorer.set(name, value)`; `label` is what a person reads, by default the name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nas_edu.core.names import did_you_mean


@dataclass(frozen=True)
class Button:
    """`main`: the one to press first."""

    name: str
    act: Callable[[Any], Any]
    label: str = ""
    enabled: bool = True
    main: bool = False


@dataclass(frozen=True)
class Select:
    """One of several texts."""

    name: str
    options: Sequence[str]
    value: str
    act: Callable[[Any, str], Any]
    label: str = ""
    enabled: bool = True


@dataclass(frozen=True)
class Slider:
    """A number from `low` to `high` in steps of `step`. `shows` is the value in words, by default the number."""

    name: str
    low: float
    high: float
    value: float
    act: Callable[[Any, float], Any]
    step: float = 1
    label: str = ""
    shows: str = ""
    enabled: bool = True


@dataclass(frozen=True)
class TextField:
    """A text, of several `lines` where it says so. It acts when the field is left, one of one line at Enter too."""

    name: str
    value: str
    act: Callable[[Any, str], Any]
    lines: int = 1
    label: str = ""
    enabled: bool = True


Control = Button | Select | Slider | TextField


def as_message(control: Control) -> dict[str, Any]:
    """What the browser needs to know of it."""
    message = {"kind": type(control).__name__, **vars(control), "label": control.label or control.name}
    del message["act"]
    if isinstance(control, Slider):
        message["shows"] = control.shows or f"{control.value:g}"
    return message


def checked(control: Control, value: Any) -> Any:
    """The value as the control's `act` takes it. Raises ValueError, with what is allowed, for any other."""
    match control:
        case Select(options=options):
            value = value if isinstance(value, str) else f"{value:g}"  # a number as it is written there
            if value not in options:
                raise ValueError(
                    f"{control.name} can be {', '.join(options)}; got {value!r}{did_you_mean(value, options)}"
                )
        case Slider(low=low, high=high, step=step):
            if not isinstance(value, int | float) or not low <= value <= high:
                raise ValueError(f"{control.name} goes from {low:g} to {high:g}; got {value!r}")
            value = type(step)(value) if float(value).is_integer() else value
        case TextField():
            if not isinstance(value, str):
                raise ValueError(f"{control.name} takes a text; got {value!r}")
        case _:
            raise ValueError(f"{control.name} is a button, which has no value: press({control.name!r})")
    return value
