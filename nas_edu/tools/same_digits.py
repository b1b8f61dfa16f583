"""The same digits on two machines, as far as that can be had: sums are added in the order of the same vector width.

Wider vectors, which some processors have, add in another order, and the last digits differ; after some hundred steps of
training, so do accuracies. What remains is that a library chooses its blocks by the size of the caches: so two kinds of
processor may still differ, and the same machine never does.
"""

from __future__ import annotations

import os

SAME_DIGITS = {
    "ATEN_CPU_CAPABILITY": "avx2",  # torch's own kernels
    "ONEDNN_MAX_CPU_ISA": "AVX2",  # its convolutions
    "MKL_CBWR": "AVX2",  # its matrix products
}
"""Environment variables, read by torch when it is loaded; processes started later inherit them."""


def add_in_the_same_order() -> None:
    """Ask torch for vectors that nearly every x86 processor has. To be called before torch is loaded."""
    for name, value in SAME_DIGITS.items():
        os.environ.setdefault(name, value)
