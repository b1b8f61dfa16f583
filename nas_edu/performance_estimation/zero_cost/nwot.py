"""nwot: does the network tell the samples of a mini-batch apart, by the ReLUs that each of them activates?

    K_ij = N_A - d_H(c_i, c_j),  nwot = log |det K|        c_i: which of the N_A ReLUs are active for sample i

Source: Mellor, Turner, Storkey & Crowley, "Neural Architecture Search without Training", ICML 2021, section 3.

Samples that a network tells apart give a K near to diagonal. Higher is meant to be better. A ReLU counts once for each
channel and position.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from nas_edu.performance_estimation.zero_cost.probe import DegenerateError, Function, Intercept, Probe

RELUS = (F.relu, F.relu_, torch.relu, torch.relu_, torch.Tensor.relu, torch.Tensor.relu_)


def nwot(probe: Probe) -> float:
    """Log |det K|, K_ij = the number of ReLUs on which samples i and j agree (Mellor et al. 2021, section 3).

    Sees data, no labels, no gradients. Train mode, as the authors' code.
    """
    kernel = agreement(relu_codes(probe))
    if torch.linalg.matrix_rank(kernel, hermitian=True) < len(kernel):
        same = (kernel == kernel[0, 0]).triu(1).nonzero().tolist()
        detail = f"samples {same[0][0]} and {same[0][1]} have the same code" if same else "codes depend on each other"
        raise DegenerateError(f"the kernel of ReLU codes is singular: {detail}")
    return float(torch.linalg.slogdet(kernel).logabsdet)


def nwot_kernel(network: nn.Module, inputs: torch.Tensor) -> torch.Tensor:
    """K (samples, samples) of a network on a batch, in train mode, to be looked at: `draw.kernels`."""
    return agreement(relu_codes(Probe(network, inputs, inputs)))


def agreement(codes: torch.Tensor) -> torch.Tensor:
    """K (samples, samples) of codes (samples, ReLUs), each entry True where the ReLU is active."""
    codes = codes.double()
    return codes @ codes.t() + (1 - codes) @ (1 - codes).t()


def relu_codes(probe: Probe) -> torch.Tensor:
    """Which ReLUs each sample activates: (samples, ReLUs), over every ReLU call of one forward pass."""
    return torch.cat([_codes(probe, inputs) for inputs, _ in probe.pieces])


def _codes(probe: Probe, inputs: torch.Tensor) -> torch.Tensor:
    codes: list[torch.Tensor] = []

    def record(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        x = args[0] if args else kwargs["input"]
        codes.append((x.detach() > 0).flatten(1))  # before the call: it may work in place
        return function(*args, **kwargs)

    with probe.borrowed(training=probe.training), Intercept(RELUS, record), torch.no_grad():
        probe.forward(probe.parameters(), inputs)
    if not codes:
        raise DegenerateError("no ReLU was reached")
    return torch.cat(codes, 1)
