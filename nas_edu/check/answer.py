"""What a student reads: the answer of a check, and one hint after another; HTML in a notebook, else plain text."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Literal

from nas_edu.core.names import did_you_mean

Verdict = Literal["right", "not yet right", "not written yet"]

# Badge colour and sign: bluish green, vermilion and blue (Okabe & Ito), darkened until white text on them is legible.
_BADGES: dict[str, tuple[str, str]] = {
    "right": ("#00775A", "✓"),
    "not yet right": ("#B84700", "✗"),
    "not written yet": ("#0065A0", "…"),
    "hint": ("#0065A0", "?"),
}
# JupyterLab's own fonts and colours where they are defined, the page's elsewhere: so both themes are followed.
_CODE = "font-family: var(--jp-code-font-family, monospace); font-size: 14px; white-space: pre-wrap;"
_BOX = (
    "font-family: var(--jp-content-font-family, sans-serif); font-size: 15px; line-height: 1.5; max-width: 62em; "
    "color: var(--jp-content-font-color1, inherit); margin: 6px 0; padding: 8px 14px; "
)


@dataclass(frozen=True)
class Answer:
    """One answer, ready to show. `fields` are (label, text) pairs; `passed` are the stages that went well."""

    task: str
    function: str
    verdict: Verdict
    passed: tuple[tuple[str, str], ...]
    tested: tuple[str, str] | None = None
    fields: tuple[tuple[str, str], ...] = ()
    cause: str = ""
    next_hint: tuple[int, int, str] | None = None

    @property
    def headline(self) -> str:
        tested = f": {self.tested[0]}" if self.tested else ""
        return f"{self.task} {self.function} is {self.verdict}{tested}"

    def text(self) -> str:
        """The whole answer as plain text."""
        lines = [f"{_BADGES[self.verdict][1]} {self.headline}"]
        lines += [f"  ✓ {title} ({detail})" for title, detail in self.passed]
        if self.tested:
            lines.append(f"  ✗ {self.tested[0]} ({self.tested[1]})")
        for label, value in (*self.fields, ("likely cause" if self.fields else "to do", self.cause)):
            if value:
                first, *rest = value.split("\n")
                lines += [f"  {label + ':':<14}{first}", *(" " * 16 + line for line in rest)]
        if self.next_hint:
            number, count, _ = self.next_hint
            lines.append(f'  {"next:":<14}hint("{self.task}") shows hint {number} of {count}')
        return "\n".join(lines)

    def html(self) -> str:
        """The whole answer for a notebook; readable, if plainer, where a page strips the styles."""
        parts = [_heading(self.verdict, f"Task {escape(self.task)}: <code>{escape(self.function)}</code>")]
        parts += [_line("✓", title, detail) for title, detail in self.passed]
        if self.tested:
            parts.append(_line("✗", *self.tested))
        rows = [_row(label, f'<code style="{_CODE}">{escape(value)}</code>') for label, value in self.fields]
        if self.cause:
            rows.append(_row("likely cause" if self.fields else "to do", f"<b>{_prose(self.cause)}</b>"))
        if rows:
            parts.append(f'<div style="margin: 8px 0 2px 0">{"".join(rows)}</div>')
        if self.next_hint:
            number, count, text = self.next_hint
            summary = f'<summary style="cursor: pointer">Hint {number} of {count}</summary>'
            ask = f'<code style="{_CODE}">hint("{escape(self.task)}")</code> shows one after another.'
            parts.append(f'<details style="margin-top: 6px">{summary}<div>{_prose(text)}<br>{ask}</div></details>')
        return _box(self.verdict, "".join(parts))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": self.text(), "text/html": self.html()}

    def __repr__(self) -> str:
        return self.text()


@dataclass(frozen=True)
class Hints:
    """The hints revealed so far, the newest last."""

    task: str
    revealed: tuple[str, ...]
    count: int

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        items = "".join(_row(f"hint {n}", _prose(text)) for n, text in enumerate(self.revealed, 1))
        heading = _heading("hint", f"Task {escape(self.task)}", f"hint {len(self.revealed)} of {self.count}")
        last = "<div>That was the last one.</div>" if len(self.revealed) == self.count else ""
        return {"text/plain": repr(self), "text/html": _box("hint", heading + items + last)}

    def __repr__(self) -> str:
        lines = [f"  {number} of {self.count}: {text}" for number, text in enumerate(self.revealed, 1)]
        last = ["  That was the last one."] * (len(self.revealed) == self.count)
        return "\n".join([f"? hints for task {self.task}", *lines, *last])


def show(thing: object) -> None:
    """Display in a notebook, print elsewhere."""
    from IPython.display import display

    display(thing)


_hints: dict[str, tuple[str, ...]] = {}
_revealed: dict[str, int] = {}


def register_hints(task: str, hints: tuple[str, ...]) -> None:
    """Make a task's hints known; a check does so when it is made."""
    _hints[task] = hints
    _revealed[task] = 0


def next_hint(task: str) -> tuple[int, int, str] | None:
    """(number, how many there are, text) of the first hint not revealed yet; None where all are."""
    number, hints = _revealed[task], _hints[task]
    return (number + 1, len(hints), hints[number]) if number < len(hints) else None


def hint(task: str) -> None:
    """Show one hint more for a task, such as "03.1": the ones seen so far and the next, each stronger than the last.

    Raises ValueError for a task without hints, with the ones that there are.
    """
    if task not in _hints:
        there = ", ".join(sorted(_hints)) or "none"
        raise ValueError(f"there are no hints for {task!r}; there are for {there}{did_you_mean(str(task), _hints)}")
    _revealed[task] = min(_revealed[task] + 1, len(_hints[task]))
    show(Hints(task, _hints[task][: _revealed[task]], len(_hints[task])))


def _box(verdict: str, content: str) -> str:
    return f'<div style="{_BOX}border-left: 6px solid {_BADGES[verdict][0]}">{content}</div>'


def _heading(verdict: str, title: str, badge: str = "") -> str:
    colour, sign = _BADGES[verdict]
    style = f"background: {colour}; color: #fff; border-radius: 4px; padding: 2px 8px; margin-right: 8px"
    label = f'<span style="{style}">{sign} {badge or verdict}</span>'
    return f'<div style="font-size: 16px; font-weight: 600; margin-bottom: 4px">{label}{title}</div>'


def _line(sign: str, title: str, detail: str) -> str:
    muted = f'<span style="opacity: 0.7"> ({escape(detail)})</span>'
    return f'<div style="padding-left: 4px">{sign} {_prose(title)}{muted}</div>'


def _row(label: str, content: str) -> str:
    return (
        '<div style="display: flex; gap: 12px; padding: 2px 0"><div style="flex: 0 0 7em; opacity: 0.7">'
        f'{escape(label)}</div><div style="flex: 1; min-width: 0">{content}</div></div>'
    )


def _prose(text: str) -> str:
    """Escaped, with `backticks` turned into code and line breaks kept."""
    pieces = escape(text).split("`")
    code = [f'<code style="{_CODE}">{piece}</code>' if i % 2 else piece for i, piece in enumerate(pieces)]
    return "".join(code).replace("\n", "<br>")
