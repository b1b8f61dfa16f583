"""nas_edu: Neural Architecture Search to read, run and change.

`import nas_edu` is cheap and offers everything by name: a subpackage, and torch with it, loads when it is first used.

    search_spaces             what may be built
    networks                  from an architecture to a torch network
    performance_estimation    how good is it: training, zero-cost proxies
    nas_bench                 tables of trained architectures
    search_strategies         black-box search, one method a file
    one_shot                  methods that share weights
    draw, widgets             pictures; live views and explorers
    data, check, bibliography, tools
"""

import importlib
from types import ModuleType

from nas_edu.core import Budget, Evaluation, History, Step, Task, Trial, experiment, run_trial, search, show, stored
from nas_edu.core.names import did_you_mean

__version__ = "0.1.0"
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

_SUBPACKAGES = (
    "bibliography",
    "check",
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


def __getattr__(name: str) -> ModuleType:
    if name in _SUBPACKAGES:
        return importlib.import_module(f"nas_edu.{name}")
    raise AttributeError(f"nas_edu has no {name!r}{did_you_mean(name, __dir__())}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_SUBPACKAGES})
