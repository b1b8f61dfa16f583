"""one_epoch: validation accuracy after the first epoch, the bridge from training to proxies that cost nothing.

    score = accuracy on the validation part after one of the recipe's epochs

Higher is better. Sees data, labels and gradients, and it trains: by the deck's words an intermediate step on the way to
scoring without training. It is the beginning of the full training, not a shorter one (see `Train`), so that
NAS-Bench-Edu knows it: `table.column("validation_accuracy", epoch=1)`.
"""

from nas_edu.core import Task
from nas_edu.performance_estimation.training import Train


def one_epoch(task: Task, *, seed: int = 0, device: str | None = None) -> Train:
    """An estimator that trains for one epoch."""
    return Train(task, epochs=1, seed=seed, device=device)
