"""The code of a function, to read: what is shown is what runs."""

from __future__ import annotations

import inspect
import sys
import textwrap
from typing import Any


def show(thing: Any) -> None:
    """Display the source of a function, method, property or class as highlighted Python; print it outside a notebook.

    Raises TypeError for what has no source, such as a number or a function that is written in C.
    """
    if isinstance(thing, property):
        thing = thing.fget
    try:
        source = textwrap.dedent(inspect.getsource(inspect.unwrap(thing) if callable(thing) else thing)).rstrip()
    except (TypeError, OSError) as error:
        raise TypeError(f"show takes a function, a method, a property or a class of Python; got {thing!r}") from error
    if not _in_notebook():
        print(source)
        return
    from IPython.display import Markdown, display

    display(Markdown(f"```python\n{source}\n```"))


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")  # not loaded: no notebook
    shell = None if ipython is None else ipython.get_ipython()
    return hasattr(shell, "kernel")
