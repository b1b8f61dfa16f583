"""One hierarchy of motifs as an object and as text:

    2.1=|nor_conv_1x1~0|+|none~0|sep_conv_3x3~1| 2.2=|...| 3.1=|2.1~0|+|2.2~0|none~1|

Motif 1 of level 2, and for each of its nodes 1, 2, ... what comes from the nodes 0, 1, ..., as in `TinyCell`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from nas_edu.core.search_space import Architecture
from nas_edu.search_spaces.hierarchical_order import Level, canonical_levels
from nas_edu.search_spaces.motif import NONE, PRIMITIVES, Motif, edges, flatten, motif_name, node_count

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, slots=True)
class Hierarchy(Architecture):
    """One architecture: the motifs of level 2, of level 3, ..., each what its edges 0-1, 0-2, 1-2, 0-3, ... carry.

    Raises ValueError for an unknown operation, a number of operations that fits no number of nodes, motifs of unequal
    size on one level, or a top level that has not one motif; TypeError for anything but tuples.
    """

    levels: tuple[Level, ...]

    def __post_init__(self) -> None:
        if type(self.levels) is not tuple or not all(
            type(level) is tuple and all(type(motif) is tuple for motif in level) for level in self.levels
        ):
            raise TypeError(
                f"a hierarchy takes a tuple of levels, each a tuple of motifs (tuples); got {self.levels!r}"
            )
        if not self.levels or not all(self.levels) or len(self.levels[-1]) != 1:
            raise ValueError(f"every level has motifs, the last one has one; got {list(map(len, self.levels))}")
        allowed = PRIMITIVES
        for level, motifs in enumerate(self.levels, start=2):
            if len({node_count(motif) for motif in motifs}) != 1:
                raise ValueError(f"all motifs of level {level} need as many edges; got {list(map(len, motifs))}")
            for number, motif in enumerate(motifs, start=1):
                for operation in motif:
                    _refuse_unknown(operation, (NONE, *allowed), motif_name(level, number))
            allowed = tuple(motif_name(level, number) for number in range(1, len(motifs) + 1))

    @property
    def motifs(self) -> dict[str, Motif]:
        """All motifs by name, lower levels first; "2.1" is the first one of level 2."""
        numbered = ((level, enumerate(motifs, start=1)) for level, motifs in enumerate(self.levels, start=2))
        return {motif_name(level, number): motif for level, motifs in numbered for number, motif in motifs}

    @property
    def top(self) -> str:
        """The name of the motif that is the architecture."""
        return motif_name(len(self.levels) + 1, 1)

    def __str__(self) -> str:
        return " ".join(f"{name}={_print(motif)}" for name, motif in self.motifs.items())

    @property
    def canonical(self) -> Hierarchy:
        """One hierarchy for all that differ in what cannot matter; see `hierarchical_order`."""
        return Hierarchy(canonical_levels(self.motifs, self.top))

    def to_graph(self, level: int = 1) -> nx.MultiDiGraph:
        """Flattened to operations of `level`, primitives by default: only live edges, nodes in topological order.

        At the top level minus 1 it is the top motif, without what is dead. A dead hierarchy has two nodes and no edge.
        """
        import networkx as nx

        graph = nx.MultiDiGraph(name=str(self))
        graph.add_nodes_from((0, 1))
        for i, j, operation in flatten(self.top, self.motifs, level):
            graph.add_edge(i, j, operation=operation, live=True)
        return graph


def parse_hierarchy(text: str) -> Hierarchy:
    """The inverse of `str(hierarchy)`. Raises ValueError that says what was wrong, TypeError for what is no string."""
    if not isinstance(text, str):
        raise TypeError(f"parse takes the string of a hierarchy, got {type(text).__name__} {text!r}")
    levels: list[list[Motif]] = []
    for part in text.split(" "):
        name, _, motif = part.partition("=")
        first_of_next = motif_name(len(levels) + 2, 1)
        next_of_last = motif_name(len(levels) + 1, len(levels[-1]) + 1) if levels else first_of_next
        if name == first_of_next:
            levels.append([_parse_motif(name, motif)])
        elif name == next_of_last:
            levels[-1].append(_parse_motif(name, motif))
        else:
            expected = " or ".join(dict.fromkeys((next_of_last, first_of_next)))
            raise ValueError(f"not a hierarchy: expected the motif {expected}, such as 2.1=|...|; found {part[:40]!r}")
    return Hierarchy(tuple(map(tuple, levels)))


def _print(motif: Motif) -> str:
    carried = dict(zip(edges(node_count(motif)), motif, strict=True))
    groups = ("|".join(f"{carried[i, j]}~{i}" for i in range(j)) for j in range(1, node_count(motif)))
    return "+".join(f"|{group}|" for group in groups)


def _parse_motif(name: str, text: str) -> Motif:
    motif: list[str] = []
    for j, group in enumerate(text.split("+"), start=1):
        parts = group[1:-1].split("|")
        found = [re.fullmatch(rf"([a-z0-9_.]+)~{i}", part) for i, part in enumerate(parts)]
        if group[:1] + group[-1:] != "||" or len(parts) != j or not all(found):
            wanted = "|".join(f"<operation>~{i}" for i in range(j))
            raise ValueError(f"not a hierarchy: node {j} of motif {name} is {group!r}, expected |{wanted}|")
        motif += [match[1] for match in found if match]
    return tuple(motif)


def _refuse_unknown(operation: object, allowed: tuple[str, ...], motif: str) -> None:
    if operation not in allowed:
        close = get_close_matches(str(operation), allowed, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"unknown operation {operation!r} in motif {motif}; allowed: {', '.join(allowed)}{hint}")
