"""`show(function)`: the code that runs, as text to read."""

from __future__ import annotations

import inspect
import sys
import textwrap
from functools import cached_property
from typing import Any


def show(code: Any) -> None:
    """Display the source of a function, method, property or class: as highlighted Python in a notebook, else printed.

    Raises TypeError for what has no source, such as a number or a function that is written in C.
    """
    if isinstance(code, property):
        code = code.fget
    elif isinstance(code, cached_property):
        code = code.func
    try:
        text = textwrap.dedent(inspect.getsource(inspect.unwrap(code)))
    except (TypeError, OSError) as error:
        raise TypeError(f"show takes a function, a method, a property or a class of Python; got {code!r}") from error
    ipython = sys.modules.get("IPython")  # a notebook has loaded it; elsewhere it is not needed
    if ipython is None or ipython.get_ipython() is None:
        print(text, end="")
    else:
        ipython.display.display({"text/markdown": f"```python\n{text}```", "text/plain": text}, raw=True)
