"""A child network begins with its parent's weights: those of the layers that both have, or all, by a network morphism.

Inherited weights: a mutation changes one place of a chain, so what both have in common lies before it and behind it.

    parent   conv3-8 > maxpool > conv3-16 > head        child   conv3-8 > conv5-8 > maxpool > conv3-16 > head
    the first layers in common: conv3-8                 the last ones: maxpool, conv3-16, head

Two layers are in common where kind, kernel and both channel numbers agree; so a layer that follows a layer whose
channels changed is new as well. Batch normalization's running averages come along, the optimizer's momentum does not.

Network morphisms: make a trained network wider or deeper without changing what it computes. Then train on.

    wider     unit j of the new layer is a copy of unit g(j); whoever reads it gets w / (number of copies of g(j))
    deeper    a new layer that computes the identity: a Dirac kernel, batch normalization that undoes itself, ReLU
    skip      a layer f becomes f(x) + lambda x with lambda = 0, which training may change

The child begins where its parent is, instead of at nothing: so a search can grow a network while it trains.

Sources: Real et al., "Large-Scale Evolution of Image Classifiers", ICML 2017, where layers of matching shapes keep
their weights; Chen, Goodfellow & Shlens, "Net2Net", ICLR 2016, sections 2.1 to 2.3; Wei et al., "Network Morphism",
ICML 2016; Cai et al., "Efficient Architecture Search by Network Transformation", AAAI 2018; Elsken et al. 2017 (skip).

The details that matter: ReLU(x) = x for x >= 0 only, so a layer may follow a convolution (or a pooling of one), but
never the bare input. Batch normalization of the new layer is set to the mean and variance of what it will see, on
`inputs`, and its scale and shift to their inverse; so the function stays the same in evaluation, and nearly the same in
the first step of training. Copies get equal gradients and would stay equal for ever: `noise` (relative, 0.01 or so) on
all but the first copy's outgoing weights parts them, and then the function is only nearly preserved. With noise = 0 it
is equal to rounding. Simplified: chains only, where each layer has one reader.
"""

from __future__ import annotations

import copy
import random

import torch
from torch import nn

from nas_edu.networks.layers import ChainNetwork, layer_module
from nas_edu.networks.operations import AnyModule, linear
from nas_edu.search_spaces.chain import Layer, LayerChain

Grown = tuple[LayerChain, ChainNetwork]


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


class Skip(nn.Module):
    """f(x) + lambda x."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner, self.gate = inner, nn.Parameter(torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        added: torch.Tensor = self.inner(x) + self.gate * x
        return added


def widen(
    chain: LayerChain, network: ChainNetwork, place: int, channels: int, *, noise: float = 0.0, rng: random.Random
) -> Grown:
    """Net2WiderNet: layer `place` gets `channels`. Raises ValueError for no convolution there, or no more channels."""
    layer = _conv(chain, network, place)
    old = layer.channels or 0
    if channels <= old:
        raise ValueError(f"layer {place} has {old} channels; wider means more, got {channels}")
    network = copy.deepcopy(network)
    copied = list(range(old)) + [rng.randrange(old) for _ in range(channels - old)]  # g
    copies = torch.tensor([copied.count(unit) for unit in copied])
    before = network.layers[place]
    after = _layer(Layer("conv", layer.kernel, channels), before[0].in_channels, before)
    after[0].weight.data = before[0].weight.data[copied].clone()
    for name in ("weight", "bias", "running_mean", "running_var"):
        getattr(after[1], name).data = getattr(before[1], name).data[copied].clone()
    after[1].num_batches_tracked.copy_(before[1].num_batches_tracked)
    network.layers[place] = after
    _read_copies(
        network, _reader(network, place), copied, copies, noise, torch.Generator().manual_seed(rng.getrandbits(32))
    )
    return _with(chain, place, Layer("conv", layer.kernel, channels)), network


def _read_copies(
    network: ChainNetwork,
    reader: int | None,
    copied: list[int],
    copies: torch.Tensor,
    noise: float,
    generator: torch.Generator,
) -> None:
    """Whoever reads the widened layer shares each weight among the copies of its unit. Weights are (out, in, ...)."""
    module: AnyModule = network.head if reader is None else network.layers[reader][0]
    weight = module.weight.data
    shape = (1, -1) + (1,) * (weight.dim() - 2)
    shared = weight[:, copied] / copies.to(weight).reshape(shape)
    first = torch.tensor([copied.index(unit) == j for j, unit in enumerate(copied)])
    jitter = noise * torch.randn(shared.shape, generator=generator).to(weight) * shared.std()
    shared = shared + jitter * (~first).to(weight).reshape(shape)
    if reader is None:
        network.head = linear(len(copied), module.out_features).to(weight)
        network.head.bias.data = module.bias.data.clone()
        network.head.weight.data = shared
    else:
        old = network.layers[reader]
        new = _layer(Layer("conv", module.kernel_size[0], module.out_channels), len(copied), old)
        new[1].load_state_dict(old[1].state_dict())
        new[0].weight.data = shared
        network.layers[reader] = new


def deepen(chain: LayerChain, network: ChainNetwork, place: int, inputs: torch.Tensor, *, kernel: int = 3) -> Grown:
    """Net2DeeperNet: a new convolution behind layer `place`, as wide as what it reads, that computes the identity.

    `inputs` is a batch of the data, for the statistics of batch normalization. Raises ValueError where no convolution
    comes before, or a skip does: there the values may be negative, and ReLU would cut them.
    """
    before = [layer.channels for layer in chain.layers[: place + 1] if layer.channels is not None]
    if not 0 <= place < len(chain.layers) or not before:
        raise ValueError(
            f"a layer that computes the identity must follow a convolution and its ReLU; in {chain} none comes up to "
            f"layer {place} (counted from 0)"
        )
    if any(isinstance(module, Skip) for module in network.layers):
        raise ValueError("a network with skips cannot be deepened: behind a skip, values may be negative")
    channels = before[-1]
    layer = Layer("conv", kernel, channels)
    training = network.training
    network = copy.deepcopy(network).eval()
    with torch.no_grad():
        values = network.layers[: place + 1](inputs.to(network.head.weight))
    new = layer_module(layer, channels, inputs.dim() - 2).to(values)
    nn.init.dirac_(new[0].weight)
    axes = [axis for axis in range(values.dim()) if axis != 1]
    norm = new[1]
    norm.running_mean.copy_(values.mean(axes))
    norm.running_var.copy_(values.var(axes, unbiased=False))
    norm.weight.data = torch.sqrt(norm.running_var + norm.eps)
    norm.bias.data = norm.running_mean.clone()
    network.layers.insert(place + 1, new)
    return LayerChain((*chain.layers[: place + 1], layer, *chain.layers[place + 1 :])), network.train(training)


def add_skip(network: ChainNetwork, place: int) -> ChainNetwork:
    """f(x) + lambda x around layer `place`; no chain describes the result. Raises ValueError where shapes differ."""
    module = network.layers[place] if 0 <= place < len(network.layers) else None
    if not isinstance(module, nn.Sequential) or module[0].in_channels != module[0].out_channels:
        raise ValueError(f"layer {place} is no convolution with as many inputs as outputs, so nothing can go around it")
    network = copy.deepcopy(network)
    network.layers[place] = Skip(network.layers[place])
    return network


def _conv(chain: LayerChain, network: ChainNetwork, place: int) -> Layer:
    if not 0 <= place < len(chain.layers) or chain.layers[place].kind != "conv":
        raise ValueError(f"{chain} has no convolution as layer {place} (counted from 0)")
    if any(isinstance(module, Skip) for module in network.layers):
        raise ValueError("a network with skips cannot be widened: the skip would need the other number of channels too")
    return chain.layers[place]


def _reader(network: ChainNetwork, place: int) -> int | None:
    """The next convolution; None: the head. Poolings in between keep the channels apart."""
    later = (k for k in range(place + 1, len(network.layers)) if isinstance(network.layers[k], nn.Sequential))
    return next(later, None)


def _layer(layer: Layer, channels: int, like: AnyModule) -> AnyModule:
    """A new module of `layer` on the device and in the mode of `like`."""
    dimensions = 1 if isinstance(like[1], nn.BatchNorm1d) else 2
    return layer_module(layer, channels, dimensions).to(like[0].weight).train(like.training)


def _with(chain: LayerChain, place: int, layer: Layer) -> LayerChain:
    return LayerChain((*chain.layers[:place], layer, *chain.layers[place + 1 :]))
