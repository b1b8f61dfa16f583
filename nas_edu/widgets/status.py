"""The status line of a dashboard, and which of its buttons make sense now."""

from __future__ import annotations

from nas_edu.core import History
from nas_edu.widgets.runner import Runner, State
from nas_edu.widgets.views.scores import score_text

BUTTONS: dict[State, list[str]] = {
    "ready": ["run", "step"],
    "running": ["pause", "stop", "reset"],
    "paused": ["run", "step", "stop", "reset"],
    "finished": ["reset"],
    "stopped": ["reset"],
    "failed": ["reset"],
}


def state_text(runner: Runner) -> str:
    if runner.state == "paused" and runner.asking:
        return "pausing after this evaluation"
    return runner.state


def progress_text(history: History, left: float | None) -> str:
    """Such as "34 trials, best 0.9312, 66 % of the budget left"."""
    trials, steps = len(history.trials), history.steps
    parts = [f"{trials} trial{'s' * (trials != 1)}"] if trials or not steps else []
    if steps:
        first, last = steps[0].index + 1, steps[-1].index + 1
        thinned = last - first >= len(steps)  # a recording may leave some out
        counted = f"records of steps {first} to {last}" if thinned else f"step{'s' * (len(steps) != 1)}"
        parts.append(f"{len(steps)} {counted}")
    if trials:
        failed = sum(trial.failed for trial in history.trials)
        parts.append(f"best {score_text(history.incumbents[-1])}" if failed < trials else "all failed")
        if 0 < failed < trials:
            parts.append(f"{failed} failed")
    if left is not None:
        parts.append(f"{left:.0%} of the budget left")
    return ", ".join(parts)
