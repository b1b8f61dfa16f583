"""What was perhaps meant by a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: object, allowed: Iterable[object]) -> str:
    """The end of an error's sentence: "; did you mean 'skip_connect'?", or "" where nothing allowed is like `name`."""
    close = get_close_matches(str(name), [str(one) for one in allowed], n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""
