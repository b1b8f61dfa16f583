"""What all tests share."""

import os

import pytest
from hypothesis import strategies

# On a busy machine, torch's threads wait for each other and take ten times as long as one. Set before torch loads.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What is compared with stored trainings and proxies was computed with vectors of this width (see the Makefile).
os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx2")
os.environ.setdefault("ONEDNN_MAX_CPU_ISA", "AVX2")

pytest.register_assert_rewrite("check_contract")  # its assertions are tests as well, and should say what they compared


@pytest.fixture(scope="session", autouse=True)
def _table_of_characters():
    """In a fresh clone, Hypothesis first makes a table of all characters. Inside a test it would trace each step of
    that, take seconds instead of half a second, and then blame the test for being slow."""
    strategies.text().validate()
