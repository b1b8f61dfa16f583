"""Perturbation-based selection: an operation is worth what the supernet loses without it, not what its alpha says.

    while there are undecided edges:
        pick one of them, e, at random
        for each operation o on e:
            S(o) = score of the supernet with o removed from e
        keep o* = argmin over o of S(o) on e, and drop the others; tune the remaining supernet
    while there are nodes with more inputs than an architecture may have (two in a DARTS cell, all in a TinyCell):
        pick one of them at random
        for each edge e into it:
            S(e) = score of the supernet without e
        keep the two edges of lowest S(e), and drop the others; tune the remaining supernet

What is asked for the score makes two methods. `perturbation_selection`: the validation accuracy of a *trained*
supernet, with a few epochs of tuning after each decision. `zero_cost_perturbation`: a proxy, of a supernet of which
neither alpha nor w is ever trained.

Sources: Wang, Cheng, Chen, Tang & Hsieh, "Rethinking Architecture Selection in Differentiable NAS", ICLR 2021,
Algorithm 1, and the authors' code (github.com/ruocwang/darts-pt, sota/cnn/projection.py): "removed" means that the
mixing weight becomes zero; the others keep theirs. Xiang, Dudziak, Abdelfattah, Chau, Lane & Wen, "Zero-Cost Operation
Scoring in Differentiable Architecture Search", AAAI 2023 (first version 2021).

Simplified: tuning trains w only, with a learning rate of its own; the authors' code goes on training alpha as well, and
decides an edge of the normal and one of the reduction cell in one round. Of the zero-cost method, this is the proposal
of one architecture: from other initial weights and with another order of the edges there are several, and the paper
validates them.

The details that matter: a tie goes to the first operation, and to the earlier edge. `none` is a candidate where an
architecture may hold it (TinyCell); where it may not (DARTS cell), it marks an edge that was dropped. For the proxies,
all operations count nearly the same at first, since alpha is drawn near 0, and a removal for which the proxy has no
value is the strongest reason to keep: -inf.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from nas_edu.core import Step, Task
from nas_edu.one_shot.supernet import Supernet, mini_batches, optimizer_of_weights, refuse_edge_weights, update_weights
from nas_edu.performance_estimation.zero_cost import PROXIES, score

SMALLEST = 1e-9  # stands for a mixing weight of zero in a logarithm
BLIND = ("params", "macs", "l2_norm")  # to these proxies, all mixtures of the same modules are one

Mixing = dict[str, torch.Tensor]  # for each kind of cell the weights (edges, operations)


def perturbation_selection(
    supernet: Supernet,
    task: Task,
    *,
    tuning_steps: int = 50,
    batch_size: int = 64,
    learning_rate: float = 0.01,
    weight_decay: float = 3e-4,
    rng: random.Random,
) -> Iterator[Step]:
    """Decide the edges of a trained `supernet` one by one, tuning its weights in place; yield a step for each decision.

    A step has the validation loss after tuning; as alpha the logarithm of the mixing weights (edges, operations) of
    each kind of cell, in which the rows of decided edges are one-hot; as architecture what argmax makes of them (the
    last one is the result). Its `info` tells the kind of cell, the edge or the node, the accuracy without each
    operation or edge ("accuracy_without"), and what was kept.

    Raises TypeError for PC-DARTS' supernet.
    """
    refuse_edge_weights(supernet)
    mixing = {kind: p.detach().clone() for kind, p in supernet.mixing().items()}
    batches = mini_batches(task.train, batch_size, rng, supernet)
    optimizer = optimizer_of_weights(supernet, learning_rate, weight_decay)

    def measure(perturbed: Mixing) -> float:
        return validate(supernet, task, perturbed)[1]

    for index, decision in enumerate(decisions(supernet, mixing, measure, rng)):
        supernet.train()
        for _ in range(tuning_steps):
            update_weights(supernet, optimizer, next(batches), mixing=mixing)

        loss, accuracy = validate(supernet, task, mixing)
        without = decision.pop("without")
        yield _step(
            index, supernet, mixing, {"validation": loss}, **decision, accuracy_without=without, accuracy=accuracy
        )


def zero_cost_perturbation(
    supernet: Supernet,
    task: Task,
    *,
    proxy: str = "nwot",
    batch_size: int = 64,
    rng: random.Random,
) -> Iterator[Step]:
    """Decide the edges of `supernet` one by one, without training; yield a step for each decision.

    A step is one of `perturbation_selection`, without losses, and `info["score_without"]` are values of the proxy on
    the first `batch_size` training samples, those that `ZeroCost` looks at. `supernet` is left as it was.

    Raises ValueError for an unknown proxy, and for one that looks at the modules only: without seeing mixing weights,
    it would find all removals equal. Raises TypeError for PC-DARTS' supernet.
    """
    refuse_edge_weights(supernet)
    if proxy in BLIND:
        allowed = ", ".join(name for name in PROXIES if name not in BLIND)
        raise ValueError(f"{proxy} does not see mixing weights, so all removals are equal to it; allowed: {allowed}")
    mixing = {kind: p.detach().clone() for kind, p in supernet.mixing().items()}
    like = next(supernet.parameters())
    inputs = torch.from_numpy(task.train.inputs[:batch_size]).to(like)
    targets = torch.from_numpy(task.train.targets[:batch_size]).to(like.device)

    def measure(perturbed: Mixing) -> float:
        return float(score(_Mixed(supernet, perturbed), inputs, targets, [proxy])[proxy])

    for index, decision in enumerate(decisions(supernet, mixing, measure, rng)):
        without = decision.pop("without")
        yield _step(index, supernet, mixing, {}, **decision, score_without=without, proxy=proxy)


def decisions(
    supernet: Supernet, mixing: Mixing, measure: Callable[[Mixing], float], rng: random.Random
) -> Iterator[dict[str, Any]]:
    """Decide all edges, then all crowded nodes. A decision is made in `mixing`, in place, before it is told.

    Told are the "kind" of cell, the "edge" or the "node", what `measure` says "without" each candidate, and what was
    "kept": an operation, or edges such as "0-2".
    """
    undecided = [(kind, e) for kind in mixing for e in range(len(supernet.edges))]
    rng.shuffle(undecided)
    for kind, e in undecided:
        places = {name: (e, supernet.names.index(name)) for name in supernet.candidates}
        without = {name: measure(_removed(mixing, kind, place)) for name, place in places.items()}
        kept = min(without, key=without.__getitem__)  # the first of equals
        _decide(mixing[kind][e], supernet.names.index(kept))
        yield {"kind": kind, "edge": list(supernet.edges[e]), "without": without, "kept": kept}

    most, ends = supernet.inputs_of_a_node, [j for _, j in supernet.edges]
    crowded = [(kind, j) for kind in mixing for j in dict.fromkeys(ends) if most is not None and ends.count(j) > most]
    rng.shuffle(crowded)
    for kind, node in crowded:
        entering = {f"{i}-{j}": e for e, (i, j) in enumerate(supernet.edges) if j == node}
        without = {name: measure(_removed(mixing, kind, e)) for name, e in entering.items()}
        ranked = sorted(without, key=without.__getitem__)
        for name in ranked[most:]:
            _decide(mixing[kind][entering[name]], supernet.names.index("none"))
        yield {"kind": kind, "node": node, "without": without, "kept": ranked[:most]}


def _removed(mixing: Mixing, kind: str, place: int | tuple[int, int]) -> Mixing:
    """The mixing weights without an edge, or without one operation (edge, operation) of an edge."""
    perturbed = {**mixing, kind: mixing[kind].clone()}
    perturbed[kind][place] = 0.0
    return perturbed


def _decide(row: torch.Tensor, operation: int) -> None:
    row[:] = 0.0
    row[operation] = 1.0


def _step(index: int, supernet: Supernet, mixing: Mixing, losses: dict[str, float], **info: Any) -> Step:
    """What was decided, and what argmax makes of the mixing weights now."""
    alpha = {kind: p.clamp_min(SMALLEST).log().cpu().numpy() for kind, p in mixing.items()}
    return Step(index, losses, alpha, supernet.argmax(mixing), {"operations": list(supernet.names), **info})


class _Mixed(nn.Module):
    """The supernet as a network of one argument, mixed with fixed weights: what a proxy takes."""

    def __init__(self, supernet: Supernet, mixing: Mixing) -> None:
        super().__init__()
        self.supernet, self.mixing = supernet, mixing
        # All operations by name: a fast supernet, too, then runs them one by one, where a proxy can watch them.
        everything = [list(range(len(supernet.names)))] * len(supernet.edges)
        self.chosen = dict.fromkeys(mixing, everything)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.supernet(x, mixing=self.mixing, chosen=self.chosen)
        return logits


@torch.no_grad()
def validate(supernet: Supernet, task: Task, mixing: Mixing, batch_size: int = 500) -> tuple[float, float]:
    """Loss and accuracy of the mixture on the whole validation split, in batches of at least half of `batch_size`."""
    like = next(supernet.parameters())
    inputs = torch.from_numpy(task.validation.inputs).to(like)
    targets = torch.from_numpy(task.validation.targets).to(like.device)
    was_training = supernet.training
    supernet.eval()
    parts = inputs.tensor_split(max(1, round(len(inputs) / batch_size)))  # no small last batch: statistics are its own
    logits = torch.cat([supernet(part, mixing=mixing) for part in parts])
    supernet.train(was_training)
    return F.cross_entropy(logits, targets).item(), (logits.argmax(dim=1) == targets).double().mean().item()
