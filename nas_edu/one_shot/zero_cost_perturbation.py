"""Zero-cost perturbation: decide the edges of an untrained supernet by a proxy; neither alpha nor w is ever trained.

    while there are undecided edges:
        pick one of them, e, at random
        for each operation o on e:
            S(o) = score of the supernet with o removed from e
        keep o* = argmin over o of S(o) on e, and drop the others

The operation without which the proxy falls lowest is the one that is kept. Repeated from other initial weights and with
another order of the edges this gives several candidates; `best_candidate` takes the one that the proxy puts highest.

Source: Xiang, Dudziak, Abdelfattah, Chau, Lane & Wen, "Zero-Cost Operation Scoring in Differentiable Architecture
Search", AAAI 2023 (first version 2021): the proposal of one architecture here, the candidates and their validation in
`best_candidate`. "Removed" means that the mixing weight becomes zero and the others keep theirs, as in
perturbation-based selection (Wang et al. 2021), where the score is the accuracy of a trained supernet. Simplified: the
candidates are validated by the proxy on one mini-batch, not on many.

The details that matter: all operations count nearly the same at first, since alpha is drawn near 0. A removal for
which the proxy has no value is the strongest reason to keep: -inf. A tie goes to the first operation. One supernet
serves all scores, since nothing is trained.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import torch
from torch import nn

from nas_edu.core import Step, Task
from nas_edu.one_shot.perturbation_selection import KIND, SMALLEST
from nas_edu.one_shot.supernet import TinyCellSupernet
from nas_edu.one_shot.training_loop import refuse_edge_weights
from nas_edu.performance_estimation.zero_cost import PROXIES, score
from nas_edu.search_spaces.tiny_cell import EDGES, Cell

BLIND = ("params", "macs", "l2_norm")  # to these proxies, all mixtures of the same modules are one


def zero_cost_perturbation(
    supernet: TinyCellSupernet,
    task: Task,
    *,
    proxy: str = "nwot",
    batch_size: int = 64,
    rng: random.Random,
) -> Iterator[Step]:
    """Decide the edges of `supernet` one by one, without training; yield a step for each edge.

    A step has no losses; as alpha the logarithm of the mixing weights (6, operations), in which the rows of decided
    edges are one-hot; as architecture the decided operations, and argmax alpha elsewhere (the last one is the result).
    Its `info` tells the edge, the proxy without each operation, and which one was kept. `supernet` is left as it was.

    Raises ValueError for an unknown proxy, and for one that looks at the modules only: without seeing mixing weights,
    it would find all removals equal. Raises TypeError for PC-DARTS' supernet.
    """
    refuse_edge_weights(supernet)
    if proxy in BLIND:
        allowed = ", ".join(name for name in PROXIES if name not in BLIND)
        raise ValueError(f"{proxy} does not see mixing weights, so all removals are equal to it; allowed: {allowed}")
    inputs, targets = _mini_batch(supernet, task, batch_size)
    mixing = supernet.mixing()[KIND].detach().clone()
    kept = list(supernet.argmax().operations)
    undecided = list(range(len(EDGES)))
    rng.shuffle(undecided)

    for index, edge in enumerate(undecided):
        without = {}
        for o, name in enumerate(supernet.names):
            perturbed = mixing.clone()
            perturbed[edge, o] = 0.0
            without[name] = float(score(_Mixed(supernet, perturbed), inputs, targets, [proxy])[proxy])
        kept[edge] = min(without, key=without.__getitem__)  # the first of equals

        mixing[edge] = 0.0
        mixing[edge, supernet.names.index(kept[edge])] = 1.0
        info = {
            "operations": list(supernet.names),
            "edge": list(EDGES[edge]),
            "proxy": proxy,
            "score_without": without,
            "kept": kept[edge],
        }
        alpha = {KIND: mixing.clamp_min(SMALLEST).log().cpu().numpy()}
        yield Step(index, {}, alpha, Cell(tuple(kept)), info)


def best_candidate(
    make_supernet: Callable[[int], TinyCellSupernet],
    task: Task,
    *,
    candidates: int = 5,
    proxy: str = "nwot",
    batch_size: int = 64,
    rng: random.Random,
) -> tuple[Cell, list[tuple[Cell, float]]]:
    """The cell that the proxy puts highest, and all candidates with their scores: each of a supernet of its own.

    `make_supernet(seed)` makes one. A candidate is scored as one path of its supernet, so with the same weights.
    Raises ValueError for less than one candidate.
    """
    if candidates < 1:
        raise ValueError(f"candidates must be at least 1, got {candidates}")
    found = []
    for _ in range(candidates):
        supernet = make_supernet(rng.getrandbits(32))
        for step in zero_cost_perturbation(supernet, task, proxy=proxy, batch_size=batch_size, rng=rng):
            cell = step.architecture
        inputs, targets = _mini_batch(supernet, task, batch_size)
        found.append((cell, float(score(supernet.stand_alone(cell), inputs, targets, [proxy])[proxy])))
    return max(found, key=lambda pair: pair[1])[0], found


def _mini_batch(supernet: TinyCellSupernet, task: Task, batch_size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The first training samples, those that `ZeroCost` looks at."""
    like = supernet.head.weight
    inputs = torch.from_numpy(task.train.inputs[:batch_size]).to(like)
    return inputs, torch.from_numpy(task.train.targets[:batch_size]).to(like.device)


class _Mixed(nn.Module):
    """The supernet as a network of one argument, mixed with fixed weights: what a proxy takes."""

    def __init__(self, supernet: TinyCellSupernet, mixing: torch.Tensor) -> None:
        super().__init__()
        self.supernet, self.mixing = supernet, mixing

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # The plain mixture: proxies that watch modules would not see the products of the fast one.
        return TinyCellSupernet.forward(self.supernet, x, mixing={KIND: self.mixing})
