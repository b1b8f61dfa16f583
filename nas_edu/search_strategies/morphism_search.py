"""Grow while you train: hill climbing in which each child is a morphism of the best network, with its weights.

    best <- a small network, trained
    repeat:   children = best itself and m random morphisms of it (wider, deeper);   train each a little longer
              best <- the best of the children

No child starts at nothing, so a few epochs tell what it is worth; the whole search needs "resources in the same order
of magnitude as training a single network" (the paper's abstract). In return the network can only grow, and a score
belongs to a history of trainings, not to an architecture alone.

Source: Elsken, Metzen & Hutter, "Simple and Efficient Architecture Search for Convolutional Neural Networks", 2017,
Algorithm 1 (NASH: 8 children, cosine annealing from a restarted learning rate).

Simplified: chains, wider by half and deeper by one layer. One morphism makes a child, none of them a skip (NASH: five
in a row, skips among them); the unchanged best comes on top of the children (NASH: it is one of the 8).

The details that matter: the space's limits on layers hold, those on channels do not; copies are parted by noise; each
training is a whole schedule of `evaluate`, so give it a short one that begins at a moderate rate:
`Train(task, recipe=TrainingRecipe(epochs=2, learning_rate=0.05, warm_up=0.0))`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from nas_edu.core import Trial, run_trial, score

if TYPE_CHECKING:
    from nas_edu.networks.morphisms import Grown
    from nas_edu.search_spaces import LayerChain

NOISE = 0.01


def random_morphism(chain: LayerChain, network: Any, inputs: Any, max_layers: int, rng: random.Random) -> Grown:
    """Half of the time half as many channels more for one convolution, else a new layer, where there is room for it."""
    from nas_edu.networks.morphisms import deepen, widen

    convolutions = [place for place, layer in enumerate(chain.layers) if layer.kind == "conv"]
    if len(chain.layers) < max_layers and rng.random() < 0.5:
        return deepen(chain, network, rng.randrange(convolutions[0], len(chain.layers)), inputs)
    place = rng.choice(convolutions)
    channels = chain.layers[place].channels
    assert channels is not None
    return widen(chain, network, place, channels + max(1, channels // 2), noise=NOISE, rng=rng)


def morphism_search(
    start: LayerChain,
    evaluate: Callable[..., Any],
    *,
    inputs: Any,
    children: int = 4,
    max_layers: int = 6,
    rng: random.Random,
) -> Iterator[Trial]:
    """Yield the start, then generation after generation: the best as it is, and `children` morphisms of it.

    `evaluate` is a `Train`, for it takes a network to begin with; `inputs` a batch for the statistics of new layers.
    Raises ValueError for a start without a convolution, and for no children.
    """
    if children < 1 or not any(layer.kind == "conv" for layer in start.layers):
        raise ValueError(f"needs children >= 1 and a start with a convolution; got {children} and {start}")
    best = run_trial(evaluate, start)
    yield best
    while best.evaluation is not None:  # the best did not fail
        chain, network = best.architecture, best.evaluation.checkpoint.network
        grown = [(chain, network)]
        grown += [random_morphism(chain, network, inputs, max_layers, rng) for _ in range(children)]
        generation = []
        for architecture, morphed in grown:
            generation.append(run_trial(evaluate, architecture, parents=[best], inherit=morphed))
            yield generation[-1]
        best = max(generation, key=score)
