"""Architecture graphs and plots: plain functions from data to a picture.

    draw.cell(cell)                       one cell; `draw.graph(multigraph)` draws any other architecture
    draw.cells([a, b, c], captions=...)   a gallery
    draw.dot(architecture)                the same for Graphviz: a `graphviz.Digraph`, for reports and other layouts
    draw.known("resnext_block")           an architecture from the literature; an unknown name lists them all
    draw.curve(evaluation)                a learning curve; `draw.curves({"name": evaluation, ...})` several
    draw.trace(history)                   one search
    draw.distribution(table)              a table as a whole; also sizes, seed_noise, ranks, worth, landscape
    draw.proxy(table, "nwot")             a zero-cost proxy against accuracy; also proxy_correlations, kernels (of nwot)
    draw.traces({"random search": [history, ...], ...})     strategies compared over seeds
    draw.regrets(table, {...})            the same as regret, on a table that knows the best cell
    draw.anytime(comparison.anytime())    the same with bootstrap bands, of any judge; draw.mean_ranks(...) their ranks
    draw.posterior(x, mean, deviation, seen, {"EI": ...})  what a surrogate believes, and where it looks next
    draw.timeline(), draw.imagenet()      the history of NAS and of ImageNet, from the bibliography

The first three lines return a `Drawing` (`.svg`, `.save("cell.pdf")`), the plots return a matplotlib Figure: change it
through `figure.axes[0]`, write it with `figure.savefig("trace.pdf")`. A notebook shows both by themselves, once.
"""

from nas_edu.draw.cell import cell, cells, graph, known
from nas_edu.draw.comparison import anytime, mean_ranks
from nas_edu.draw.curves import curve, curves
from nas_edu.draw.drawing import Drawing
from nas_edu.draw.graphviz_dot import dot
from nas_edu.draw.imagenet import imagenet
from nas_edu.draw.posterior import posterior
from nas_edu.draw.proxies import kernels, proxy, proxy_correlations
from nas_edu.draw.searches import regrets, trace, traces
from nas_edu.draw.tables import distribution, landscape, operation_effects, ranks, seed_noise, sizes
from nas_edu.draw.timeline import timeline

__all__ = [
    "Drawing",
    "anytime",
    "cell",
    "cells",
    "curve",
    "curves",
    "distribution",
    "dot",
    "graph",
    "imagenet",
    "kernels",
    "known",
    "landscape",
    "mean_ranks",
    "operation_effects",
    "posterior",
    "proxy",
    "proxy_correlations",
    "ranks",
    "regrets",
    "seed_noise",
    "sizes",
    "timeline",
    "trace",
    "traces",
]
