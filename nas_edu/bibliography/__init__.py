"""The literature: one BibTeX file that every notebook cites from, and what is told of it.

    cite("real2019")                  [Real et al. 2019](https://arxiv.org/abs/1802.01548), as Markdown
    cite("real2019", "liu2019")       several, separated by semicolons
    listed(["real2019"])              a list of references, as Markdown
    MILESTONES, IMAGENET_RESULTS      the history of NAS and of ImageNet, with what a paper states of it

In the text source of a notebook write `[@real2019]`, as in pandoc; `make lectures` puts the citation there and, where a
line says `[@references]`, the list of all that the notebook cites. All data are plain files beside this one.
"""

from nas_edu.bibliography.milestones import FINAL_TRAINING, IMAGENET_RESULTS, MILESTONES, ImageNetResult, Milestone
from nas_edu.bibliography.references import Citation, Reference, cite, find, listed, load

__all__ = [
    "FINAL_TRAINING",
    "IMAGENET_RESULTS",
    "MILESTONES",
    "Citation",
    "ImageNetResult",
    "Milestone",
    "Reference",
    "cite",
    "find",
    "listed",
    "load",
]
