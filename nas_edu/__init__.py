"""nas_edu: Neural Architecture Search to read, run and change. `import nas_edu` is cheap: torch loads when needed."""

from nas_edu.core import Budget, Evaluation, History, Step, Task, Trial, experiment, run_trial, search, stored

__version__ = "0.1.0"
__all__ = ["Budget", "Evaluation", "History", "Step", "Task", "Trial", "experiment", "run_trial", "search", "stored"]
