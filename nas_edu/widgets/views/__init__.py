"""Live views, one a file: each is a pure function from the history so far to a panel of a few marks."""

from nas_edu.widgets.views.current_cell import current_cell
from nas_edu.widgets.views.incumbent_curve import incumbent_curve
from nas_edu.widgets.views.learning_curve import learning_curve
from nas_edu.widgets.views.population import population

__all__ = ["current_cell", "incumbent_curve", "learning_curve", "population"]
