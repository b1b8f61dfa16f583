"""Architecture graphs and plots: plain functions from data to a picture.

draw.cell(cell)                       one cell; draw.graph(multigraph) any other architecture
draw.cells([a, b, c], captions=...)   a gallery
"""

from nas_edu.draw.cell import cell, cells, graph
from nas_edu.draw.drawing import Drawing

__all__ = ["Drawing", "cell", "cells", "graph"]
