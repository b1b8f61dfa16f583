"""Learning-curve prediction: how will this training end? Three predictors, from none to a model of earlier curves.

    last seen value    y_T = y_t
    parametric         y_t = f_k(t; theta_k) + noise;   y_T = sum_k w_k f_k(T; theta_k),   w_k ~ exp(-BIC_k / 2)
    model of curves    y_T = g(y_1, ..., y_t, their differences, encoding of the architecture) + noise

Each answers with a normal distribution, (mean, standard deviation), for the accuracy at the last epoch T.

Sources: Domhan, Springenberg & Hutter, IJCAI 2015 (a weighted combination of parametric families); Baker, Gupta,
Raskar & Naik, "Accelerating Neural Architecture Search using Performance Prediction", ICLR workshop 2018 (features: the
partial curve, its first and second differences, the architecture; the spread comes from leave-one-out residuals).

Simplified: three of Domhan's eleven families (pow3, log power, vapor pressure) and two simpler ones (an exponential, a
logarithm), fitted by least squares and weighted by BIC, where the paper samples all parameters by MCMC; a ridge
regression where Baker uses a support vector machine. The details that matter: families assume a curve that rises and
flattens. A one-cycle schedule is no such curve: it is flat or falls while the learning rate is high, and rises steeply
at the end. Only a model that has seen other curves of this schedule can know that.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nas_edu.core import CurvePoint

Curve = Sequence[CurvePoint]
Normal = tuple[float, float]  # mean and standard deviation
FLOOR = 0.005  # no prediction is surer than half a point

# name -> function of t = epochs and three parameters, and where the fit begins, for a curve from y_1 to y_n
FAMILIES: dict[str, tuple[Callable[..., np.ndarray], Callable[[float, float], tuple[float, float, float]]]] = {
    "pow3": (lambda t, c, a, alpha: c - a * t ** -abs(alpha), lambda first, last: (last, last - first, 1.0)),
    "log power": (
        lambda t, c, a, b: c / (1 + (t / math.exp(np.clip(b, -9, 9))) ** -abs(a)),
        lambda first, last: (last, 1.0, 0.0),
    ),
    "exp3": (lambda t, c, a, b: c - a * np.exp(-abs(b) * t), lambda first, last: (last, last - first, 0.5)),
    "vapor pressure": (
        lambda t, a, b, c: np.exp(np.clip(a + b / t + c * np.log(t), -50, 5)),
        lambda first, last: (math.log(max(last, 1e-3)), 0.0, 0.0),
    ),
    "logarithm": (
        lambda t, a, b, c: a + b * np.log(t + abs(c)),
        lambda first, last: (first, (last - first) / 2, 1.0),
    ),
}


def last_seen(curve: Curve, epochs: float) -> Normal:
    """The baseline: it stays as it is. Its spread is that of the points seen."""
    seen = np.array([point.validation_accuracy for point in curve])
    return float(seen[-1]), max(float(seen.std()), FLOOR)


def parametric(curve: Curve, epochs: float) -> Normal:
    """The families' predictions for `epochs`, mixed by how well each fits. Of fewer than four points: the last one.

    The spread holds both: how far the families disagree, and how far their points lie from the curves.
    """
    from scipy.optimize import OptimizeWarning, curve_fit

    if len(curve) < 4:
        return last_seen(curve, epochs)
    t = np.array([point.epoch for point in curve])
    y = np.array([point.validation_accuracy for point in curve])
    means, variances, criteria = [], [], []
    for family, start in FAMILIES.values():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", (OptimizeWarning, RuntimeWarning))
                theta, _ = curve_fit(family, t, y, p0=start(y[0], y[-1]), maxfev=400)
                residual = float(np.mean((family(t, *theta) - y) ** 2)) + 1e-8
                end = float(family(np.array([float(epochs)]), *theta)[0])
        except RuntimeError:
            continue  # this family does not fit within the number of tries
        if math.isfinite(end):
            means.append(min(max(end, 0.0), 1.0))
            variances.append(residual)
            criteria.append(len(t) * math.log(residual) + 3 * math.log(len(t)))
    if not means:
        return last_seen(curve, epochs)
    weights = np.exp(-(np.array(criteria) - min(criteria)) / 2)
    weights /= weights.sum()
    mean = float(weights @ np.array(means))
    variance = float(weights @ (np.array(variances) + (np.array(means) - mean) ** 2))
    return mean, max(math.sqrt(variance), FLOOR)


@dataclass
class CurveModel:
    """A ridge regression on finished trainings, one for each place where a curve may be cut.

    model = CurveModel(encode);   model.add(architecture, curve) for what was trained to the end;
    model.predict(architecture, partial curve) -> (mean, standard deviation)

    `encode` turns an architecture into a vector; without it the curve alone speaks. With fewer than `least` finished
    trainings a prediction is (the last value, 1), which is to say: no idea.
    """

    encode: Callable[[Any], np.ndarray] | None = None
    least: int = 10
    _known: list[tuple[Any, Curve]] = field(default_factory=list)
    _fitted: dict[int, tuple[int, Any, float]] = field(default_factory=dict)

    def add(self, architecture: Any, curve: Curve) -> None:
        self._known.append((architecture, tuple(curve)))

    def predict(self, architecture: Any, curve: Curve) -> Normal:
        if len(self._known) < self.least:
            return curve[-1].validation_accuracy, 1.0
        count, known = len(curve), len(self._known)
        if count not in self._fitted or known >= 1.1 * self._fitted[count][0]:  # one training more teaches little
            self._fitted[count] = (known, *self._fit(count))
        _, model, spread = self._fitted[count]
        mean = float(model.predict(self._features(architecture, curve)[None])[0])
        return min(max(mean, 0.0), 1.0), spread

    def _features(self, architecture: Any, curve: Curve) -> np.ndarray:
        """y, its first and second differences, the encoding."""
        y = np.array([point.validation_accuracy for point in curve])
        parts = [y, np.diff(y), np.diff(y, n=2)]
        return np.concatenate(parts if self.encode is None else [*parts, self.encode(architecture)])

    def _fit(self, count: int) -> tuple[Any, float]:
        """The regression for curves cut after `count` points, and the spread of its leave-one-out residuals."""
        from sklearn.linear_model import RidgeCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        inputs = np.stack([self._features(one, curve[:count]) for one, curve in self._known])
        targets = np.array([curve[-1].validation_accuracy for _, curve in self._known])
        penalties = np.logspace(-2, 4, 7)
        model = make_pipeline(StandardScaler(), RidgeCV(penalties, store_cv_results=True)).fit(inputs, targets)
        ridge = model[-1]
        left_out = ridge.cv_results_[:, int(np.flatnonzero(penalties == ridge.alpha_)[0])]  # squared, one a training
        return model, max(math.sqrt(float(left_out.mean())), FLOOR)
