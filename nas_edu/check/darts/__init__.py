"""The checks of exercise set 08: the mixed operation with its gradient, and the second-order gradient of DARTS."""

from nas_edu.check.darts.mixed_operation import check_mixed_operation
from nas_edu.check.darts.second_order import Problem, check_second_order

__all__ = ["Problem", "check_mixed_operation", "check_second_order"]
