"""nas_edu: Neural Architecture Search to read, run and change.

    import nas_edu

    space = nas_edu.search_spaces.TinyCell()        # subpackages come by name; torch is loaded when it is needed
    nas_edu.show(nas_edu.search_strategies.regularized_evolution)      # the code that runs, to read

The words of `nas_edu.core` are here, too: Evaluation, Trial, Step, History, Budget, Task, run_trial, search.
"""

import importlib
from types import ModuleType

from nas_edu.core import Budget, Evaluation, History, Step, Task, Trial, experiment, run_trial, search, stored
from nas_edu.core.names import did_you_mean
from nas_edu.core.show import show

__version__ = "0.1.0"
_SUBPACKAGES = (
    "bibliography",
    "check",
    "core",
    "data",
    "draw",
    "nas_bench",
    "networks",
    "one_shot",
    "performance_estimation",
    "search_spaces",
    "search_strategies",
    "tools",
    "widgets",
)
__all__ = [
    "Budget",
    "Evaluation",
    "History",
    "Step",
    "Task",
    "Trial",
    "experiment",
    "run_trial",
    "search",
    "show",
    "stored",
]


def __getattr__(name: str) -> ModuleType:
    """A subpackage, loaded when it is first asked for (PEP 562)."""
    if name in _SUBPACKAGES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"nas_edu has no {name!r}{did_you_mean(name, [*_SUBPACKAGES, *__all__])}", name=name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_SUBPACKAGES])
