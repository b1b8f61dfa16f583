"""nwot: log |det K|, K_ij = the number of ReLUs on which samples i and j agree (Mellor et al. 2021, section 3).

Samples that a network tells apart give a K near to diagonal. Sees data, no labels, no gradients; train mode, as in the
authors' code.
"""

import torch
import torch.nn.functional as F

from nas_edu.performance_estimation.zero_cost.probe import DegenerateError, Intercept, Probe

RELUS = (F.relu, F.relu_, torch.relu, torch.relu_, torch.Tensor.relu, torch.Tensor.relu_)


def nwot(probe: Probe) -> float:
    kernel = agreement(probe)
    if torch.linalg.matrix_rank(kernel, hermitian=True) < len(kernel):
        same = (kernel == kernel[0, 0]).triu(1).nonzero().tolist()
        detail = f"samples {same[0][0]} and {same[0][1]} have the same code" if same else "codes depend on each other"
        raise DegenerateError(f"the kernel of ReLU codes is singular: {detail}")
    return float(torch.linalg.slogdet(kernel).logabsdet)


def agreement(probe: Probe) -> torch.Tensor:
    """K (samples, samples) in float64, over every ReLU call of one forward pass."""
    codes: list[torch.Tensor] = []

    def record(function, args, kwargs):
        x = args[0] if args else kwargs["input"]
        codes.append((x.detach() > 0).flatten(1))  # before the call: it may work in place
        return function(*args, **kwargs)

    with probe.borrowed(training=True), Intercept(RELUS, record), torch.no_grad():
        probe.forward(probe.parameters(), probe.inputs)
    if not codes:
        raise DegenerateError("no ReLU was reached")
    code = torch.cat(codes, 1).double()
    return code @ code.t() + (1 - code) @ (1 - code).t()
