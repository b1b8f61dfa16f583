"""Inherited weights: a child network starts with the weights of the layers that it has in common with its parent.

    parent   conv3-8 > maxpool > conv3-16 > head        child   conv3-8 > conv5-8 > maxpool > conv3-16 > head
    the first layers in common: conv3-8                 the last ones: maxpool, conv3-16, head

A mutation changes one place, so what both have in common lies before it and behind it. Two layers are in common where
kind, kernel and both channel numbers agree. So a layer that follows a layer whose channels changed is new as well.

Source: Real et al., "Large-Scale Evolution of Image Classifiers", ICML 2017, where layers of matching shapes keep their
weights. Batch normalization's running averages come along, the optimizer's momentum does not.
"""

from __future__ import annotations

from torch import nn

from nas_edu.networks.chain import ChainNetwork


def inherit_weights(child: nn.Module, parent: nn.Module) -> int:
    """Copy weights from `parent`, which stays as it is, to `child`. Returns the number of layers that got some.

    Raises TypeError for networks other than those of chains.
    """
    pairs = _in_common(_layers(child), _layers(parent))
    for mine, theirs in pairs:
        mine.load_state_dict(theirs.state_dict())
    return sum(bool(mine.state_dict()) for mine, _ in pairs)


def _layers(network: nn.Module) -> list[nn.Module]:
    if not isinstance(network, ChainNetwork):
        raise TypeError(f"weights are inherited by networks of chains, not by {type(network).__name__}")
    return [*network.layers, network.head]


def _in_common(child: list[nn.Module], parent: list[nn.Module]) -> list[tuple[nn.Module, nn.Module]]:
    """The pairs at the front that are alike, then those at the back among the layers that are left."""
    front = _alike(child, parent)
    return front + _alike(child[len(front) :][::-1], parent[len(front) :][::-1])


def _alike(child: list[nn.Module], parent: list[nn.Module]) -> list[tuple[nn.Module, nn.Module]]:
    pairs = []
    for mine, theirs in zip(child, parent, strict=False):
        if repr(mine) != repr(theirs):  # torch writes out kind, kernel and channels
            break
        pairs.append((mine, theirs))
    return pairs
