"""The HPO tools are optional: they are imported when they are used, with a message that says where they come from."""

from __future__ import annotations

import importlib
from typing import Any


def import_tool(module: str) -> Any:
    """The module. Raises ModuleNotFoundError that names the extra where it, or something that it needs, is missing."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        message = f"{module} cannot be imported ({error}); it comes with the extra `hpo`: pip install -e '.[hpo]'"
        raise ModuleNotFoundError(message, name=error.name) from error
