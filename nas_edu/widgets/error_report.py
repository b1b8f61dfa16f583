"""An exception as the widget shows it."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

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
