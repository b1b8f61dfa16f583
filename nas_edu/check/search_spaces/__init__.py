"""The checks of exercise set 02: the path encoding of a cell, and the number of DARTS genotypes."""

from nas_edu.check.search_spaces.counting import check_count_genotypes
from nas_edu.check.search_spaces.path_encoding import check_path_encoding

__all__ = ["check_count_genotypes", "check_path_encoding"]
