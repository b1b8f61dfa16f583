"""Perturbation-based selection: an operation is worth what the supernet loses without it, not what its alpha says.

    while there are undecided edges:
        pick one of them, e, at random
        for each operation o on e:
            measure the supernet's validation accuracy with o removed from e:  ACC without o
        keep o* = argmin over o of ACC without o on e, and drop the others
        tune the remaining supernet for a few epochs

Source: Wang, Cheng, Chen, Tang & Hsieh, "Rethinking Architecture Selection in Differentiable NAS", ICLR 2021, Algorithm
1, and the authors' code: "removed" means that the operation's mixing weight becomes zero; the others keep theirs. A tie
goes to the first operation. Simplified: tuning trains w only, with a learning rate of its own; the authors' code goes
on training alpha as well.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import torch
import torch.nn.functional as F

from nas_edu.core import Step, Task
from nas_edu.one_shot.supernet import TinyCellSupernet
from nas_edu.one_shot.training_loop import mini_batches, optimizer_of_weights, refuse_edge_weights, update_weights
from nas_edu.search_spaces.tiny_cell import EDGES, Cell

KIND = "cell"
SMALLEST = 1e-9  # stands for a mixing weight of zero in a logarithm


def perturbation_selection(
    supernet: TinyCellSupernet,
    task: Task,
    *,
    tuning_steps: int = 50,
    batch_size: int = 64,
    learning_rate: float = 0.01,
    weight_decay: float = 3e-4,
    rng: random.Random,
) -> Iterator[Step]:
    """Decide the edges of a trained `supernet` one by one, tuning its weights in place; yield a step for each edge.

    A step has the validation loss after tuning; as alpha the logarithm of the mixing weights (6, operations), in which
    the rows of decided edges are one-hot; as architecture the decided operations, and argmax alpha elsewhere (the last
    one is the result). Its `info` tells the edge, the accuracy without each operation, and which one was kept.

    Raises TypeError for PC-DARTS' supernet.
    """
    refuse_edge_weights(supernet)
    mixing = {KIND: supernet.mixing()[KIND].detach().clone()}
    batches = mini_batches(task.train, batch_size, rng, supernet)
    optimizer = optimizer_of_weights(supernet, learning_rate, weight_decay)
    kept = list(supernet.argmax().operations)
    undecided = list(range(len(EDGES)))
    rng.shuffle(undecided)

    for index, edge in enumerate(undecided):
        without = {}
        for o, name in enumerate(supernet.names):
            perturbed = {KIND: mixing[KIND].clone()}
            perturbed[KIND][edge, o] = 0.0
            without[name] = validate(supernet, task, perturbed)[1]
        kept[edge] = min(without, key=without.__getitem__)  # the first of equals

        mixing[KIND][edge] = 0.0
        mixing[KIND][edge, supernet.names.index(kept[edge])] = 1.0
        supernet.train()
        for _ in range(tuning_steps):
            update_weights(supernet, optimizer, next(batches), mixing=mixing)

        loss, accuracy = validate(supernet, task, mixing)
        alpha = {KIND: mixing[KIND].clamp_min(SMALLEST).log().cpu().numpy()}
        info = {
            "operations": list(supernet.names),
            "edge": list(EDGES[edge]),
            "accuracy_without": without,
            "kept": kept[edge],
            "accuracy": accuracy,
        }
        yield Step(index, {"validation": loss}, alpha, Cell(tuple(kept)), info)


@torch.no_grad()
def validate(
    supernet: TinyCellSupernet, task: Task, mixing: dict[str, torch.Tensor], batch_size: int = 500
) -> tuple[float, float]:
    """Loss and accuracy of the mixture on the whole validation split, in batches of at least half of `batch_size`."""
    like = supernet.head.weight
    inputs = torch.from_numpy(task.validation.inputs).to(like)
    targets = torch.from_numpy(task.validation.targets).to(like.device)
    was_training = supernet.training
    supernet.eval()
    parts = inputs.tensor_split(max(1, round(len(inputs) / batch_size)))  # no small last batch: statistics are its own
    logits = torch.cat([supernet(part, mixing=mixing) for part in parts])
    supernet.train(was_training)
    return F.cross_entropy(logits, targets).item(), (logits.argmax(dim=1) == targets).double().mean().item()
