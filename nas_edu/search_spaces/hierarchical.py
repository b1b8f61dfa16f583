"""Hierarchical: motifs made of motifs. Level 1 are primitive operations, and each level assembles the one below.

A motif of level l is a graph without cycles. Node 0 is its input, its last node its output, and each edge carries an
operation of level l - 1: a primitive on level 2, a motif of level 2 on level 3, and so on; or `none`, so nothing:

    x_i = sum over j < i of o_(j,i)(x_j)

The top level has one motif, and that is the architecture. A motif may be used many times, and each use has its own
weights: what is shared is the wiring. Replacing motifs by what they consist of, down to primitives, is *flattening*.

With p primitives there are (p + 1)^edges motifs on level 2; with m motifs on level l there are (m + 1)^edges on level
l + 1. The space is the product over all motifs of all levels (`size`). Different hierarchies may be the same network
(`canonical`): motifs in another order, motifs that nothing uses.

A hierarchy prints as `2.1=|nor_conv_1x1~0|+|none~0|sep_conv_3x3~1| ... 3.1=|2.1~0|+|...|`: motif 1 of level 2, and for
each of its nodes 1, 2, ... what comes from the nodes 0, 1, ..., as in `TinyCell`.

Source: Liu, Simonyan, Vinyals, Fernando, Kavukcuoglu, "Hierarchical Representations for Efficient Architecture Search",
ICLR 2018, sections 2 and 3. The paper has six motifs of four nodes on level 2 and one of five nodes on level 3: this is
`Hierarchical(motifs=(6, 1), nodes=(4, 5))`, and our default is smaller. Simplified: tensors that meet are added, where
the paper concatenates them by channels; so all of them keep the same channels.

`canonical` is one hierarchy for all that differ in what cannot matter:

    edges through which nothing flows               become `none`
    the inner nodes of a motif                      are put into the order that makes the smallest motif
    motifs of one level that have become equal      become one
    motifs that nothing uses                        become empty, and come last
    motifs of one level                             are sorted

Hierarchies with the same canonical form have the same network, up to the names of its weights and the order of sums, as
each use of a motif has weights of its own. The converse does not hold: two hierarchies may cut the same flat graph into
different motifs.

Motifs are compared by what they consist of, not by names, which depend on the order. So a motif is written out as
nested tuples: its *form* has for each edge (0,) for none, (1, name) for a primitive, (l, form) for a motif of level l.
"""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nas_edu.core.names import did_you_mean
from nas_edu.core.search_space import Architecture, Config, Hyperparameter, SearchSpace, Value, check_config

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np
    import numpy.typing as npt

NONE = "none"
PRIMITIVES: tuple[str, ...] = (
    "skip_connect",
    "nor_conv_1x1",
    "depthwise_conv_3x3",
    "sep_conv_3x3",
    "max_pool_3x3",
    "avg_pool_3x3",
)
Motif = tuple[str, ...]
Motifs = Mapping[str, Motif]
"""All motifs of a hierarchy by their names, lower levels first."""


def motif_name(level: int, number: int) -> str:
    """Motif `number` (from 1) of `level` (from 2)."""
    return f"{level}.{number}"


def level_of(operation: str) -> int:
    """The level of what an edge carries: 0 for none, 1 for a primitive."""
    if operation in PRIMITIVES:
        return 1
    return 0 if operation == NONE else int(operation.split(".")[0])


def node_count(motif: Motif) -> int:
    """The n for which there are n(n-1)/2 edges. Raises ValueError where there is none."""
    for n in range(2, len(motif) + 2):
        if n * (n - 1) // 2 == len(motif):
            return n
    raise ValueError(f"a motif of 2, 3, 4, 5 nodes has 1, 3, 6, 10 edges, and none has {len(motif)}: {motif}")


def edges(nodes: int) -> list[tuple[int, int]]:
    """All edges (i, j) in the order of a motif's operations."""
    return [(i, j) for j in range(1, nodes) for i in range(j)]


def live_edges(name: str, motifs: Motifs) -> dict[tuple[int, int], str]:
    """The edges of a motif that matter: something flows through them, from its input, to its output.

    Nothing flows through `none`, nor through a motif that has no live edge. A motif without any is dead.
    """
    motif = motifs[name]
    nodes = node_count(motif)
    passing = {
        edge: operation
        for edge, operation in zip(edges(nodes), motif, strict=True)
        if level_of(operation) == 1 or (operation != NONE and live_edges(operation, motifs))
    }
    from_input, to_output = {0}, {nodes - 1}
    from_input.update(j for i, j in passing if i in from_input)  # edges are sorted by their end: one pass is enough
    for i, j in sorted(passing, reverse=True):
        if j in to_output:
            to_output.add(i)
    return {(i, j): operation for (i, j), operation in passing.items() if i in from_input and j in to_output}


def flatten(name: str, motifs: Motifs, level: int = 1) -> list[tuple[int, int, str]]:
    """A motif as one flat graph of operations of `level` or below: live edges (i, j, operation), each i before its j.

    Every motif above that level is replaced by what it consists of. Its input and its output become the two nodes that
    it connected: what it adds up and what they add up is one sum. So there may be several edges from i to j. Node 0 is
    the input, the last node the output; a dead motif has no edges.
    """
    if not live_edges(name, motifs):
        return []
    fresh = itertools.count(2)

    def expand(name: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        live = live_edges(name, motifs)
        place = {0: start, node_count(motifs[name]) - 1: end}
        for edge in live:
            for node in edge:
                if node not in place:
                    place[node] = next(fresh)
        for (i, j), operation in live.items():
            if level_of(operation) <= level:
                yield place[i], place[j], operation
            else:
                yield from expand(operation, place[i], place[j])

    return _in_order(list(expand(name, 0, 1)))


def _in_order(graph: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Nodes renumbered so that every edge leads to a larger number; edges sorted by their end."""
    order: list[int] = []
    waiting = dict.fromkeys(node for i, j, _ in graph for node in (i, j))
    while waiting:
        ready = next(node for node in waiting if not any(j == node and i in waiting for i, j, _ in graph))
        order.append(ready)
        del waiting[ready]
    rank = {node: place for place, node in enumerate(order)}
    return sorted(((rank[i], rank[j], operation) for i, j, operation in graph), key=lambda edge: (edge[1], edge[0]))


Level = tuple[Motif, ...]
Form = tuple[Any, ...]


def canonical_levels(motifs: Motifs, top: str) -> tuple[Level, ...]:
    """The levels of the hierarchy that stands for all that are the same as this one."""
    forms: dict[str, Form] = {}
    for name in motifs:  # lower levels first
        forms[name] = _smallest_form(name, motifs, forms)
    used: dict[int, set[Form]] = {level_of(name): set() for name in motifs}
    used[level_of(top)].add(forms[top])
    for level in sorted(used, reverse=True):
        for form in used[level]:
            for operation in form:
                if operation[0] >= 2:
                    used[operation[0]].add(operation[1])
    names = {
        (level, form): motif_name(level, number)
        for level, found in used.items()
        for number, form in enumerate(sorted(found), start=1)
    }
    levels = []
    for level, found in used.items():
        motifs_here = [motif for name, motif in motifs.items() if level_of(name) == level]
        written = [tuple(_written(operation, names) for operation in form) for form in sorted(found)]
        empty = tuple(NONE for _ in motifs_here[0])
        levels.append((*written, *[empty] * (len(motifs_here) - len(written))))
    return tuple(levels)


def _smallest_form(name: str, motifs: Motifs, forms: dict[str, Form]) -> Form:
    """The motif written out, its inner nodes in the order that makes this smallest."""
    nodes, live = node_count(motifs[name]), live_edges(name, motifs)
    candidates = []
    for inner in itertools.permutations(range(1, nodes - 1)):
        place = {node: rank for rank, node in enumerate((0, *inner, nodes - 1))}
        moved = {(place[i], place[j]): operation for (i, j), operation in live.items()}
        if all(i < j for i, j in moved):
            candidates.append(tuple(_entry(moved.get(edge, NONE), forms) for edge in edges(nodes)))
    return min(candidates)


def _entry(operation: str, forms: dict[str, Form]) -> Form:
    level = level_of(operation)
    return (level,) if level == 0 else (level, operation if level == 1 else forms[operation])


def _written(operation: Form, names: dict[tuple[int, Form], str]) -> str:
    if operation[0] == 0:
        return NONE
    return operation[1] if operation[0] == 1 else names[operation]


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
        """One hierarchy for all that differ in what cannot matter; see above."""
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
        hint = did_you_mean(operation, allowed)
        raise ValueError(f"unknown operation {operation!r} in motif {motif}; allowed: {', '.join(allowed)}{hint}")


class Hierarchical(SearchSpace[Hierarchy]):
    """All hierarchies with `motifs[0]` motifs of `nodes[0]` nodes on level 2, and so on; one motif on the last level.

    Finite: `size`, `for hierarchy in space`, and `len(space)` where that fits a machine's integer.

    Raises ValueError for numbers of motifs or nodes that make no hierarchy, and for primitives that there are not.
    """

    def __init__(
        self,
        motifs: tuple[int, ...] = (3, 1),
        nodes: tuple[int, ...] = (3, 4),
        primitives: tuple[str, ...] = PRIMITIVES,
    ) -> None:
        if not motifs or len(motifs) != len(nodes) or min(motifs) < 1 or motifs[-1] != 1:
            raise ValueError(f"motifs and nodes are numbers, one a level, 1 motif on the last; got {motifs}, {nodes}")
        if not all(2 <= n <= 6 for n in nodes):
            raise ValueError(f"a motif has 2 to 6 nodes, 4 and 5 in the paper; got {nodes}")
        if not primitives or len(set(primitives)) != len(primitives) or not set(primitives) <= set(PRIMITIVES):
            raise ValueError(f"primitives must be different ones of {', '.join(PRIMITIVES)}; got {primitives}")
        self.motifs, self.nodes, self.primitives = tuple(motifs), tuple(nodes), tuple(primitives)
        self.levels = range(2, 2 + len(motifs))

    @cached_property
    def hyperparameters(self) -> tuple[Hyperparameter, ...]:
        """One for each edge of each motif, `edge_2.1_0_1`: what it carries. None of them is conditional."""
        listed, operations = [], self.primitives
        for level, motifs, nodes in zip(self.levels, self.motifs, self.nodes, strict=True):
            names = tuple(motif_name(level, number) for number in range(1, motifs + 1))
            for name in names:
                for i, j in edges(nodes):
                    listed.append(Hyperparameter(_edge_name(name, i, j), (NONE, *operations)))
            operations = names
        return tuple(listed)

    def _hierarchy(self, operations: Iterable[str]) -> Hierarchy:
        """The hierarchy whose edges carry these, in the order of `hyperparameters`."""
        queue = iter(operations)
        return Hierarchy(
            tuple(
                tuple(tuple(itertools.islice(queue, math.comb(nodes, 2))) for _ in range(motifs))
                for motifs, nodes in zip(self.motifs, self.nodes, strict=True)
            )
        )

    def from_config(self, values: Config) -> Hierarchy:
        """The hierarchy that these values describe: one to one. Raises ValueError that says what was wrong."""
        check_config(self.hyperparameters, values)
        return self._hierarchy(str(values[h.name]) for h in self.hyperparameters)

    def to_config(self, hierarchy: Hierarchy) -> dict[str, Value]:
        """What each edge of each motif carries."""
        return {h.name: o for h, o in zip(self.hyperparameters, self._operations(hierarchy), strict=True)}

    def sample(self, rng: random.Random) -> Hierarchy:
        """One hierarchy, every one equally likely.

        The paper starts from chains of identities and makes a thousand random mutations, which comes near to it.
        """
        return self._hierarchy(rng.choice(h.choices) for h in self.hyperparameters)

    def mutate(self, hierarchy: Hierarchy, rng: random.Random, *, level: int | None = None) -> Hierarchy:
        """One edge carries something else (section 3.1): an edge is added, altered or, with `none`, removed.

        Drawn uniformly, one after the other: a level (unless it is given), a motif of it, a node i > 0 of the motif, a
        node j < i, and what the edge from j to i carries now. Raises ValueError for a level that there is not.
        """
        if level is None:
            level = rng.choice(self.levels)
        elif level not in self.levels:
            raise ValueError(f"this space has the levels {', '.join(map(str, self.levels))}; not {level!r}")
        motif = motif_name(level, rng.randint(1, self.motifs[level - 2]))
        i = rng.randrange(1, self.nodes[level - 2])
        name = _edge_name(motif, rng.randrange(i), i)
        values = self.to_config(hierarchy)
        [choices] = (h.choices for h in self.hyperparameters if h.name == name)
        values[name] = rng.choice([operation for operation in choices if operation != values[name]])
        return self.from_config(values)

    def parse(self, text: str) -> Hierarchy:
        """The inverse of `str(hierarchy)`. Raises ValueError that says what was wrong, TypeError for no string."""
        hierarchy = parse_hierarchy(text)
        self.check(hierarchy)
        return hierarchy

    def encode(self, hierarchy: Hierarchy, encoding: str = "one_hot") -> npt.NDArray[np.float32]:
        """A vector of zeros and ones; both tell all hierarchies apart.

        one_hot     what each edge of each motif carries, one-hot, in the order of `hyperparameters`
        adjacency   which of these edges are there, then for each what it carries, one of those that are not `none`
                    (White et al. 2020, NeurIPS)

        Raises ValueError for another encoding: the paths of the flat graph are too many, and differ in length.
        """
        import numpy as np

        operations = self._operations(hierarchy)
        if encoding not in ("one_hot", "adjacency"):
            raise ValueError(f"Hierarchical has the encodings 'one_hot' and 'adjacency', not {encoding!r}")
        there = [operation != NONE for operation in operations] if encoding == "adjacency" else []
        skipped = len(there) > 0  # `none` has no bit of its own then
        pairs = zip(self.hyperparameters, operations, strict=True)
        bits = [operation == choice for h, operation in pairs for choice in h.choices[skipped:]]
        return np.array(there + bits, dtype=np.float32)

    def to_graph(self, hierarchy: Hierarchy, level: int = 1) -> nx.MultiDiGraph:
        """Flattened to operations of `level`, primitives by default; see `Hierarchy.to_graph`."""
        self.check(hierarchy)
        return hierarchy.to_graph(level)

    def motif_graph(self, hierarchy: Hierarchy, motif: str) -> nx.MultiDiGraph:
        """One motif such as "2.1" with all its edges, `none` and dead ones included. ValueError for an unknown name."""
        import networkx as nx

        self.check(hierarchy)
        motifs = hierarchy.motifs
        if motif not in motifs:
            raise ValueError(f"this hierarchy has the motifs {', '.join(motifs)}; not {motif!r}")
        graph, live = nx.MultiDiGraph(name=f"motif {motif}"), live_edges(motif, motifs)
        for (i, j), operation in zip(edges(node_count(motifs[motif])), motifs[motif], strict=True):
            graph.add_edge(i, j, operation=operation, live=(i, j) in live)
        return graph

    @property
    def size(self) -> int:
        """The number of hierarchies, exactly, equal networks counted apart; 7^46 = 7.5 * 10^38 in the paper."""
        return math.prod(len(h.choices) for h in self.hyperparameters)

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Hierarchy]:
        """Like an odometer, the last edge of the top motif fastest."""
        return map(self._hierarchy, itertools.product(*(h.choices for h in self.hyperparameters)))

    def _operations(self, hierarchy: Hierarchy) -> tuple[str, ...]:
        """What the edges carry, in the order of `hyperparameters`."""
        self.check(hierarchy)
        return tuple(operation for motif in hierarchy.motifs.values() for operation in motif)

    def check(self, hierarchy: object) -> None:
        if not isinstance(hierarchy, Hierarchy):
            raise TypeError(f"Hierarchical holds Hierarchies, got {type(hierarchy).__name__} {hierarchy!r}")
        motifs = tuple(map(len, hierarchy.levels))
        nodes = tuple(node_count(level[0]) for level in hierarchy.levels)
        if (motifs, nodes) != (self.motifs, self.nodes):
            raise ValueError(
                f"this space has {self.motifs} motifs of {self.nodes} nodes on its levels; "
                f"the hierarchy has {motifs} of {nodes}"
            )
        for motif in hierarchy.levels[0]:
            for operation in motif:
                if operation not in (NONE, *self.primitives):
                    raise ValueError(f"this space has the primitives {', '.join(self.primitives)}; not {operation}")

    def __repr__(self) -> str:
        return f"Hierarchical({self.motifs} motifs of {self.nodes} nodes, {self.size:,} hierarchies)"


def _edge_name(motif: str, i: int, j: int) -> str:
    return f"edge_{motif}_{i}_{j}"
