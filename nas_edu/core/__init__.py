"""The words that everything else speaks: evaluations, trials, steps, histories, budgets, tasks, search spaces.

A search strategy is a generator. It asks `run_trial` for one evaluation after another and yields what happened; it
knows no budget, no plot and no thread. Whoever consumes the stream (`search`, a live view, a test) decides when to ask
for the next item, and that is all there is to Run, Pause, Step and Stop.

    for trial in regularized_evolution(space, evaluate, rng=random.Random(0)):
        print(trial.architecture, trial.score)
"""

from nas_edu.core.events import CurvePoint, Evaluate, Evaluation, Event, Step, Trial, run_trial, score
from nas_edu.core.experiment import experiment, stored
from nas_edu.core.history import History
from nas_edu.core.search import Budget, search
from nas_edu.core.search_space import Architecture, Hyperparameter, SearchSpace, check_config
from nas_edu.core.source_code import show
from nas_edu.core.task import Split, Task

__all__ = [
    "Architecture",
    "Budget",
    "CurvePoint",
    "Evaluate",
    "Evaluation",
    "Event",
    "History",
    "Hyperparameter",
    "SearchSpace",
    "Split",
    "Step",
    "Task",
    "Trial",
    "check_config",
    "experiment",
    "run_trial",
    "score",
    "search",
    "show",
    "stored",
]
