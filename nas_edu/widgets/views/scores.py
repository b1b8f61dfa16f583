"""How all views speak of scores, and the colours they share."""

from __future__ import annotations

from nas_edu.core import History, Trial

GOOD, NEW, BAD = "#0072B2", "#D55E00", "#D55E00"  # Okabe & Ito's blue and vermilion


def score_name(history: History) -> str:
    """ "validation accuracy" where that is what the search maximises, else "score"."""
    judged = [trial.evaluation for trial in history.trials if trial.evaluation is not None][:1]
    is_accuracy = bool(judged) and judged[0].validation_accuracy == judged[0].score
    return "validation accuracy" if is_accuracy else "score"


def score_text(trial: Trial) -> str:
    return "failed" if trial.failed else f"{trial.score:.4g}"
