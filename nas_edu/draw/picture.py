"""A picture: SVG elements by name, so that two pictures can be compared and only the difference sent.

There are few elements, however long the history: all points of a `Scatter` are one path of dots, which mostly grows at
its end. Python alone decides where things lie. The browser and the still picture get the same elements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

WIDTH, HEIGHT = 390, 320  # pixels; three fit side by side into a notebook on a laptop
TEXT, TITLE = 14, 16  # font sizes in pixels
_NOT_XML = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
THEME_COLOURS = ("ink", "muted", "grid", "background")


@dataclass(frozen=True)
class Element:
    """One SVG element without children: tag, attributes and text. Attribute values are strings."""

    tag: str
    attributes: dict[str, str]
    text: str = ""

    @property
    def key(self) -> str | None:
        """What a click on it sends; None where it cannot be clicked."""
        return self.attributes.get("data-click")


@dataclass
class Picture:
    """Elements by key, painted in order, and what a screen reader says. `width` and `height` are those of a panel."""

    label: str
    elements: dict[str, Element] = field(default_factory=dict)
    width: float = WIDTH
    height: float = HEIGHT

    def __post_init__(self) -> None:
        self.label = clean(self.label)

    def add(self, key: str, tag: str, text: str = "", /, **attributes: str | float) -> None:
        """Add one element; `font_size=14` becomes the attribute font-size="14"."""
        make = _element if "d" in attributes else _known_element
        self.elements[key] = make(tag, text, tuple(attributes.items()))

    def write(self, key: str, x: float, y: float, text: str, **attributes: str | float) -> None:
        """Add a text, by default 14 pixels high in the theme's ink."""
        self.add(key, "text", text, x=x, y=y, **{"fill": colour("ink"), "font_size": TEXT, **attributes})

    def hit(self, key: str, says: str, tag: str, **shape: str | float) -> None:
        """Make a place clickable: an invisible shape over it that shows itself under the pointer and to the keyboard.

        A click, Enter or Space sends `key` to Python; `says` is what a screen reader says. Still pictures leave it out.
        """
        paint = {"fill": "none", "stroke": "transparent"} if tag == "path" else {"fill": "transparent"}
        clickable = {"class": "nas-hit", "role": "button", "data_click": key, "aria_label": says}
        self.add(f"hit {key}", tag, **paint, **clickable, **shape)


def _element(tag: str, text: str, attributes: tuple[tuple[str, str | float], ...]) -> Element:
    return Element(tag, {name.replace("_", "-"): number(value) for name, value in attributes}, clean(text))


# Labels and boxes are the same in most frames: they are made once, and compared at a glance. Paths change and are long.
_known_element = lru_cache(maxsize=4096)(_element)


def number(value: str | float) -> str:
    """A length as SVG wants it, to a tenth of a pixel; a text without what SVG does not allow."""
    return clean(value) if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")


def clean(text: str) -> str:
    return text if text.isprintable() else _NOT_XML.sub("?", text)


def colour(name: str) -> str:
    """A theme's colour as a CSS variable, which the browser looks up; any other colour as it is."""
    return f"var(--nas-{name})" if name in THEME_COLOURS else name


def text_width(text: str, size: float = TEXT) -> float:
    """About how wide a text is, for a sans-serif font."""
    return 0.53 * size * len(text)


def shorten(text: str, width: float, size: float = TEXT) -> str:
    room = int(width / text_width("x", size))
    return text if len(text) <= room else text[: max(room - 1, 1)] + "…"
