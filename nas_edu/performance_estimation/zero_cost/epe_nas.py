"""epe_nas: sum over classes of |sum over pairs of samples of log(|correlation| + k)|, k = 1e-5 (Lopes et al. 2021).

Correlated are the samples' rows d(sum of logits)/dx, as in jacob_cov, but within each class: samples of one class may
be told apart, too. With more than 100 classes the sums E_c are compared: sum over c and d of |E_c - E_d|, over classes.
Higher is meant to be better. Sees data, labels and gradients by the inputs. Train mode, as the authors' code, which is
followed; there as here, the classes that count are those in the batch.
"""

import torch

from nas_edu.performance_estimation.zero_cost.probe import Probe
from nas_edu.performance_estimation.zero_cost.value import DegenerateError

K = 1e-5
MANY_CLASSES = 100


def epe_nas(probe: Probe) -> float:
    classes, sizes = probe.targets.unique(return_counts=True)
    if len(classes) == 1:
        raise DegenerateError("all samples are of one class: nothing to compare it with")
    if sizes.max() == 1:
        raise DegenerateError("no class has two samples to correlate")
    rows = probe.input_gradients
    sums = torch.stack([_sum_of_logs(rows[probe.targets == c]) for c in classes])
    if len(classes) <= MANY_CLASSES:
        return float(sums.abs().sum())
    return float((sums[:, None] - sums).abs().sum() / len(classes))


def _sum_of_logs(rows: torch.Tensor) -> torch.Tensor:
    return (torch.corrcoef(rows).abs() + K).log().sum()
