"""The checks of exercise set 03: mutate, tournament selection, aging."""

from nas_edu.check.evolution.aging import births, check_aging
from nas_edu.check.evolution.mutate import check_mutate
from nas_edu.check.evolution.tournament import check_tournament, make_population

__all__ = ["births", "check_aging", "check_mutate", "check_tournament", "make_population"]
