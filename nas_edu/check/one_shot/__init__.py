"""The checks of exercise set 07: the paths of a fabric, and a training step that touches only its path."""

from nas_edu.check.one_shot.count_paths import check_count_paths
from nas_edu.check.one_shot.path_step import check_path_step

__all__ = ["check_count_paths", "check_path_step"]
