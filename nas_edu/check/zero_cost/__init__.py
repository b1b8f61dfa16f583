"""The checks of exercise sets 10 and 11: the kernel of nwot, Kendall's tau, the sum of ranks, a first population."""

from nas_edu.check.zero_cost.first_population import check_first_population
from nas_edu.check.zero_cost.kendall_tau import check_kendall_tau
from nas_edu.check.zero_cost.kernel import check_kernel
from nas_edu.check.zero_cost.sum_of_ranks import check_sum_of_ranks

__all__ = ["check_first_population", "check_kendall_tau", "check_kernel", "check_sum_of_ranks"]
