"""The tasks, made on this machine: no download, splits fixed and fingerprinted."""

from nas_edu.data.tasks import TASKS, load

__all__ = ["TASKS", "load"]
