"""The same networks by hand-made kernels, faster on a CPU. What is to be read is `networks.tiny_cell`."""

from nas_edu.networks.fast.tiny_cell import FastTinyCell, supports

__all__ = ["FastTinyCell", "supports"]
