"""The checks behind the exercises: what was tested, the smallest failing input, the likely cause, the next hint.

One module a set of exercises (`nas_edu.check.evolution`), all built from the same few words: a `Check` has `Stage`s, a
stage tries `Case`s, and what is wrong comes back as a `Finding`.
"""

from nas_edu.check.answer import hint
from nas_edu.check.base import Case, Check, CheckError, Finding, Report, Stage, described
from nas_edu.check.compare import chance

__all__ = [
    "Case",
    "Check",
    "CheckError",
    "Finding",
    "Report",
    "Stage",
    "chance",
    "described",
    "hint",
]
