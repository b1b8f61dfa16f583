"""How much memory a step needs for what its backward pass will read: the activations.

On the CPU there is no allocator to ask, so autograd is: every tensor that it keeps for the backward pass goes through a
hook, and the bytes of distinct storages that live at the same time are summed. Parameters and the mini-batch are not
counted, as they are there anyhow. On a GPU the allocator knows: its peak during the step, above what was there before.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Any

import torch


def activation_memory(step: Callable[[], Any], *, without: Iterable[torch.Tensor] = ()) -> int:
    """The peak, in bytes, of what autograd keeps while `step()` runs, on the CPU.

    `without` names tensors that do not count: the parameters and the mini-batch.
    """
    ignored = {tensor.untyped_storage().data_ptr() for tensor in without}
    owners: dict[int, int] = {}  # how many saved tensors share a storage
    size = peak = 0

    def keep(tensor: torch.Tensor) -> Any:
        nonlocal size, peak
        storage = tensor.untyped_storage()
        place = storage.data_ptr()
        if place in ignored or tensor.device.type != "cpu":
            return tensor
        if place not in owners:
            owners[place] = 0
            size += storage.nbytes()
            peak = max(peak, size)
        owners[place] += 1
        kept = _Kept(tensor)
        weakref.finalize(kept, release, place, storage.nbytes())
        return kept

    def release(place: int, nbytes: int) -> None:
        nonlocal size
        owners[place] -= 1
        if owners[place] == 0:
            del owners[place]
            size -= nbytes

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda kept: getattr(kept, "tensor", kept)):
        step()
    return peak


class _Kept:
    """A saved tensor that tells when autograd lets go of it."""

    def __init__(self, tensor: torch.Tensor) -> None:
        self.tensor = tensor


def peak_memory_on_gpu(step: Callable[[], Any], device: torch.device | str) -> int:
    """The peak, in bytes, of what `step()` allocates on the GPU, by torch's allocator."""
    torch.cuda.synchronize(device)
    before = torch.cuda.memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    step()
    torch.cuda.synchronize(device)
    return torch.cuda.max_memory_allocated(device) - before
