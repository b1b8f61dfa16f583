"""The curvature of the validation loss in alpha: its dominant eigenvalue grows when DARTS goes wrong.

At a sharp minimum, rounding alpha to one operation an edge costs much accuracy. The eigenvalue of largest magnitude of

    H = grad^2_alpha L_val(w, alpha)

says how sharp it is. H is symmetric; the Lanczos method needs only products H v, and each is the gradient of
(grad_alpha L_val . v). Zela et al. watch it during the search, and stop before it grows too fast:

    stop where   mean lambda over the k checks before last k  /  mean lambda over the last k checks  <  0.75

and return the architecture from before that growth.

Source: Zela et al., "Understanding and Robustifying Differentiable Architecture Search", ICLR 2020, section 4 (k = 5).
A dominant eigenvalue may be negative; its magnitude is what is compared.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from scipy.sparse.linalg import LinearOperator, eigsh

from nas_edu.one_shot.supernet import Batch, Supernet

WINDOW = 5
RATIO = 0.75


def dominant_eigenvalue(supernet: Supernet, validation_batch: Batch) -> float:
    """The eigenvalue of largest magnitude of the Hessian of L_val in alpha, all kinds of cell together."""
    alphas = list(supernet.alpha.values())
    gradient = _flat_gradient(supernet, validation_batch)

    def product(v: np.ndarray) -> np.ndarray:
        along = gradient @ torch.from_numpy(v).to(gradient)
        second = torch.autograd.grad(along, alphas, retain_graph=True, materialize_grads=True)
        return torch.cat([part.flatten() for part in second]).double().cpu().numpy()

    size = gradient.numel()
    start = np.random.default_rng(0).standard_normal(size)  # the same at every call
    operator = LinearOperator((size, size), matvec=product, dtype=np.float64)
    return float(eigsh(operator, k=1, which="LM", v0=start, tol=1e-3, return_eigenvectors=False)[0])


def full_hessian(supernet: Supernet, validation_batch: Batch) -> np.ndarray:
    """H itself, row by row (30 x 30 for TinyCell): for small spaces, and to check the other one against."""
    alphas = list(supernet.alpha.values())
    gradient = _flat_gradient(supernet, validation_batch)
    rows = [torch.autograd.grad(entry, alphas, retain_graph=True, materialize_grads=True) for entry in gradient]
    return torch.stack([torch.cat([part.flatten() for part in row]) for row in rows]).double().cpu().numpy()


def stop_at(eigenvalues: Sequence[float], *, window: int = WINDOW, ratio: float = RATIO) -> int | None:
    """The index of the check whose architecture to return, or None while there is no reason to stop.

    With the checks up to i, the means of the last `window` magnitudes and of the `window` before are compared; where
    their ratio falls below `ratio`, the answer is i - window. Raises ValueError for a window below 1.
    """
    if window < 1:
        raise ValueError(f"window={window}: the eigenvalue is averaged over one check or more")
    magnitudes = np.abs(np.asarray(eigenvalues, dtype=float))
    for i in range(2 * window, len(magnitudes) + 1):
        before, now = magnitudes[i - 2 * window : i - window].mean(), magnitudes[i - window : i].mean()
        if before < ratio * now:
            return i - 1 - window
    return None


def _flat_gradient(supernet: Supernet, batch: Batch) -> torch.Tensor:
    inputs, targets = batch
    loss = F.cross_entropy(supernet(inputs), targets)
    found = torch.autograd.grad(loss, list(supernet.alpha.values()), create_graph=True)
    return torch.cat([part.flatten() for part in found])
