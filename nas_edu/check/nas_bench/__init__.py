"""The checks of exercise set 12: a fair mean of an unfair sample, and random search without a single draw."""

from nas_edu.check.nas_bench.expected_best import check_expected_best
from nas_edu.check.nas_bench.fair_mean import check_fair_mean

__all__ = ["check_expected_best", "check_fair_mean"]
