"""The checks of exercise set 05: expected improvement, and the posterior of a Gaussian process."""

from nas_edu.check.bayesian_optimization.expected_improvement import check_expected_improvement
from nas_edu.check.bayesian_optimization.posterior import check_posterior

__all__ = ["check_expected_improvement", "check_posterior"]
