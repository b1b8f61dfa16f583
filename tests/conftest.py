"""What all tests share."""

import os

import pytest
from hypothesis import strategies

from nas_edu.tools.same_digits import add_in_the_same_order

# On a busy machine, torch's threads wait for each other and take ten times as long as one. Set before torch loads.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What is compared with stored trainings and proxies was computed with vectors of this width.
add_in_the_same_order()

pytest.register_assert_rewrite("check_contract")  # its assertions are tests as well, and should say what they compared


@pytest.fixture(scope="session", autouse=True)
def _table_of_characters():
    """In a fresh clone, Hypothesis first makes a table of all characters. Inside a test it would trace each step of
    that, take seconds instead of half a second, and then blame the test for being slow."""
    strategies.text().validate()
