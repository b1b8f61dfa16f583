"""The literature: one BibTeX file that every notebook cites from, and what is told of it.

    cite("real2019")                  [Real et al. 2019](https://arxiv.org/abs/1802.01548), as Markdown
    cite("real2019", "liu2019")       several, separated by semicolons
    listed(["real2019"])              a list of references, as Markdown

In the text source of a notebook write `[@real2019]`, as in pandoc; `nas_edu.authoring` puts the citation there and,
where a line says `[@references]`, the list of all that the notebook cites. `references.bib` is plain BibTeX.
"""

from nas_edu.bibliography.reader import Reference, load
from nas_edu.bibliography.text import Citation, cite, listed

__all__ = ["Citation", "Reference", "cite", "listed", "load"]
