"""Vocabularies: the operations that the words of a grammar are written with, and terms, what is written with them.

    Linear(Residual(conv, id, conv), id, linear)         a term of LAYERS, the vocabulary of the paper

A term is a function of one tensor x. An operation is a small graph: nodes are tensors, node 0 is x, the last node is
what the term delivers. A link carries an argument of the operation, or a layer; a node is the sum of what its links
deliver. Network, picture, type, what is dead and the short form of a term all follow from these graphs.

    conv                   0 -(nor_conv_3x3)-> 1                 a primitive: it has no arguments
    Linear(a, b, ...)      0 -a-> 1 -b-> 2 ...                   b(a(x))
    Residual(a, b, c)      0 -a-> 1 -c-> 2, 0 -b-> 2             c(a(x)) + b(x);  the last but one is the shortcut
    Diamond(a, b, c, d)    0 -a-> 1 -c-> 3, 0 -b-> 2 -d-> 3      c(a(x)) + d(b(x))
    Cell(a, ..., f)        the six edges of a TinyCell, in its order
    Stages(a)              a, (down), a, (down), a in a row:     one motif three times, each time with its own weights

Another vocabulary is a list of operations, each with its layer; `networks.grammar.MODULES` says what computes a layer:

    ATTENTION = Vocabulary(
        primitive("x", "skip_connect"),                          x itself
        function("linear", TENSOR, gives=TENSOR),                0 -a-> 1 -(linear)-> 2
        function("dot", TENSOR, TENSOR, gives="matrix"),         0 -a-> 1, 0 -b-> 2, (1, 2) -(dot)-> 3
        function("mm", "matrix", TENSOR, gives=TENSOR),          so mm(dot(x, x), linear(x)) is linear attention
    )

Types: what is delivered has a kind, a tensor or any other word, and was halved (half the positions, twice the channels)
so many times since x. A layer says which kinds it reads, in which order, and which kind it gives; terms read a tensor;
only equal types are added. What is dead delivers nothing and fits everywhere.

Source: Schrodi et al., "Construction of Hierarchical Neural Architecture Search Spaces based on Context-free
Grammars", arXiv 2022, NeurIPS 2023 (the authors also write `Sequential` for `Linear`); the order of the arguments:
their code (NePS, `topologies.py`). `Stages` is ours: no context-free rule can say "the same again", for which the paper
substitutes one word for several symbols.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from nas_edu.core.names import did_you_mean
from nas_edu.search_spaces.tiny_cell import EDGES

if TYPE_CHECKING:
    import networkx as nx

MOST_NESTED = 100
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
TENSOR = "tensor"
NOTHING, IDENTITY = "none", "skip_connect"  # the layers that every space knows by these names
Path = tuple[int, ...]
"""The way from a term to one in it, or from a tree's root to a node: which argument, or child, at each step."""


class Type(NamedTuple):
    """The kind of what is delivered, and how often its positions were halved since the term's input."""

    kind: str = TENSOR
    halved: int = 0

    def __str__(self) -> str:
        article = "an" if self.kind[0] in "aeiou" else "a"
        times = ("", " halved once")[self.halved] if self.halved < 2 else f" halved {self.halved} times"
        return f"{article} {self.kind}{times}"


class Layer(NamedTuple):
    """What has weights or computes: its name in networks and pictures, the kinds it reads, and the type it gives."""

    name: str
    reads: tuple[str, ...] = (TENSOR,)
    gives: Type = Type()


class Link(NamedTuple):
    """From one node, or from all that a layer reads, to another node; `carries` a layer, or an argument by number."""

    sources: tuple[int, ...]
    target: int
    carries: int | Layer


@dataclass(frozen=True)
class Operation:
    """A name, and the graph that it stands for, sorted so that a node is complete before it is read.

    graph    the links; or, where it takes `least` arguments or more, a function of their number (defined in a module,
             so that terms can be sent to other processes)
    """

    name: str
    graph: tuple[Link, ...] | Callable[[int], tuple[Link, ...]]
    least: int = 0

    @property
    def takes(self) -> str:
        """How many arguments, in words."""
        if not isinstance(self.graph, tuple):
            return f"{self.least} or more arguments"
        return f"{self._arity} argument{'s' * (self._arity != 1)}"

    def accepts(self, count: int) -> bool:
        """Whether it takes that many arguments."""
        return count == self._arity if isinstance(self.graph, tuple) else count >= self.least

    def links(self, count: int) -> tuple[Link, ...]:
        """The links for that many arguments."""
        return self.graph if isinstance(self.graph, tuple) else self.graph(count)

    @property
    def _arity(self) -> int:
        return 1 + max((link.carries for link in self.links(0) if isinstance(link.carries, int)), default=-1)


def primitive(name: str, layer: str, *, gives: str = TENSOR) -> Operation:
    """An operation without arguments: one layer that reads x."""
    return Operation(name, (Link((0,), 1, Layer(layer, gives=Type(gives))),))


def function(name: str, *takes: str, gives: str) -> Operation:
    """An operation that is a layer of the same name: it reads what the arguments make of x, of the kinds `takes`."""
    read = tuple(range(1, len(takes) + 1))
    layer = Link(read, len(takes) + 1, Layer(name, takes, Type(gives)))
    return Operation(name, (*(Link((0,), place, place - 1) for place in read), layer))


class Vocabulary:
    """Operations by name. Raises ValueError for a name that is none, or that is there twice.

    chain    the operation that applies its arguments one after another, if there is one: short forms use it
    """

    def __init__(self, *operations: Operation, chain: str | None = None) -> None:
        self.operations: dict[str, Operation] = {}
        self.primitives: dict[str, str] = {}
        """The layer of each operation without arguments."""
        self.chain = chain
        for operation in operations:
            if not _NAME.fullmatch(operation.name):
                raise ValueError(_bad_name(operation.name))
            if operation.name in self.operations:
                raise ValueError(f"{operation.name} is in this vocabulary twice")
            self.operations[operation.name] = operation
            if operation.accepts(0) and isinstance(layer := operation.links(0)[0].carries, Layer):
                self.primitives[operation.name] = layer.name
        self.name_of = {layer: name for name, layer in self.primitives.items()}
        """The primitive of each layer that has one."""

    @property
    def operators(self) -> list[str]:
        """The operations with arguments."""
        return [name for name in self.operations if name not in self.primitives]

    def term(self, name: str, *arguments: Term) -> Term:
        """A name applied to arguments; whether the vocabulary has it is not looked at."""
        return Term(name, arguments, self)

    def check(self, term: Term) -> Operation:
        """The outermost operation. Raises ValueError where it is unknown, or takes another number of arguments."""
        name, count = term.name, len(term.arguments)
        if name not in self.operations:
            kind = "operator" if count else "primitive"
            raise ValueError(f"unknown {kind} {name!r}; there are {self}{did_you_mean(name, self.operations)}")
        operation = self.operations[name]
        if not operation.accepts(count):
            # Who gives arguments to `linear`, or none to `Linear`, means the other one.
            is_primitive = name in self.primitives
            likely = did_you_mean(name.title(), self.operators) if is_primitive else ""
            hint = likely if count else did_you_mean(name.lower(), self.primitives)
            kind = "is a primitive and takes no arguments" if is_primitive else f"takes {operation.takes}"
            raise ValueError(f"{name} {kind}; got {count}{hint}")
        return operation

    def __str__(self) -> str:
        return f"the primitives {', '.join(self.primitives)} and the operators {', '.join(self.operators) or '(none)'}"

    def read(self, text: str) -> tuple[Term, dict[Path, int]]:
        """The term of a text, and the position at which each part of it begins, by the way to that part.

        Spaces between names do not matter; whether the names exist is not looked at. Raises ValueError with the
        position and what was expected there.
        """
        positions: dict[Path, int] = {}
        term, position = self._read(text, 0, (), positions)
        if position < len(text):
            fail(text, position, "the end" if term.arguments else "'(' or the end")
        return term, positions

    def _read(self, text: str, position: int, path: Path, positions: dict[Path, int]) -> tuple[Term, int]:
        positions[path] = position = _skip_spaces(text, position)
        match = _NAME.match(text, position)
        if match is None:
            fail(text, position, "a name")
        if len(path) > MOST_NESTED:
            raise ValueError(f"at position {position} the term is nested deeper than {MOST_NESTED}")
        arguments: list[Term] = []
        position = _skip_spaces(text, match.end())
        if text[position : position + 1] == "(":
            while text[position : position + 1] in ("(", ","):
                argument, position = self._read(text, position + 1, (*path, len(arguments)), positions)
                arguments.append(argument)
            if text[position : position + 1] != ")":
                fail(text, position, "',' or ')'" if arguments[-1].arguments else "'(', ',' or ')'")
            position = _skip_spaces(text, position + 1)
        return self.term(match.group(), *arguments), position


def fail(text: str, position: int, expected: str, hint: str = "") -> NoReturn:
    """Raise the ValueError of a text that is not what was expected at `position`."""
    found = repr(text[position : position + 12]) if position < len(text) else "the end of the text"
    raise ValueError(f"at position {position} expected {expected}, found {found}{hint}; in {text!r}")


def _skip_spaces(text: str, position: int) -> int:
    while text[position : position + 1].isspace():
        position += 1
    return position


def _bad_name(name: object) -> str:
    return f"a name consists of letters, digits and _, and starts with no digit; got {name!r}"


@dataclass(frozen=True, repr=False)
class Term:
    """A name applied to arguments; a primitive, or a non-terminal that is still to be derived, has none.

    Terms that read alike are equal; they can be keys, and print as their text. Raises TypeError or ValueError for
    anything but names and terms, and where terms are nested more than `MOST_NESTED` deep.
    """

    name: str
    arguments: tuple[Term, ...]
    vocabulary: Vocabulary = field(compare=False)
    nested: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        if not (isinstance(self.name, str) and _NAME.fullmatch(self.name)):
            raise ValueError(_bad_name(self.name))
        if type(self.arguments) is not tuple or not all(isinstance(a, Term) for a in self.arguments):
            raise TypeError(f"a term takes a tuple of Terms, got {self.arguments!r}")
        object.__setattr__(self, "nested", 1 + max((argument.nested for argument in self.arguments), default=-1))
        if self.nested > MOST_NESTED:
            raise ValueError(f"a term that begins with {self.name} is nested deeper than {MOST_NESTED}")

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.arguments))})" if self.arguments else self.name

    def __repr__(self) -> str:
        return f"Term({str(self)!r})"

    def parts(self) -> Iterator[Term]:
        """The term itself and all terms in it, in the order of reading."""
        yield self
        for argument in self.arguments:
            yield from argument.parts()

    # --- its graph ----------------------------------------------------------------------------------------------------

    @property
    def links(self) -> list[tuple[tuple[int, ...], int, Term | Layer]]:
        """The graph of the outermost operation: (nodes read, node written, the argument or layer between them).

        Raises ValueError where there is no such operation, or it takes another number of arguments.
        """
        graph = self.vocabulary.check(self).links(len(self.arguments))
        return [(s, t, self.arguments[c] if isinstance(c, int) else c) for s, t, c in graph]

    @cached_property
    def _live(self) -> list[int]:
        """Which links matter, by number: not dead themselves, reached from the input, and leading to the output."""
        links = self.links
        reached, needed, live = {0}, {max(target for _, target, _ in links)}, set()
        for number, (sources, target, carries) in enumerate(links):
            dead = carries.is_dead if isinstance(carries, Term) else carries.name == NOTHING
            if not dead and reached.issuperset(sources):
                reached.add(target)
                live.add(number)
        for number in sorted(live, key=lambda number: -links[number][1]):
            if links[number][1] in needed:
                needed.update(links[number][0])
            else:
                live.remove(number)
        return sorted(live)

    @property
    def live_links(self) -> list[tuple[tuple[int, ...], int, Term | Layer]]:
        """The links that matter."""
        links = self.links
        return [links[number] for number in self._live]

    @property
    def is_dead(self) -> bool:
        """Whether it delivers nothing: it is `zero`, or `zero` cuts each path through it. A non-terminal is not."""
        return bool(self.arguments or self.name in self.vocabulary.operations) and not self._live

    def type(self, of_symbol: Mapping[str, Type] | None = None) -> Type:
        """The type of what it delivers; `of_symbol` knows that of non-terminals.

        Raises ValueError where a layer or an argument reads another kind, or where different types are added.
        """
        if of_symbol and self.name in of_symbol:
            return of_symbol[self.name]
        at_node = {0: Type()}
        for sources, target, carries in self.live_links:
            read = [at_node[source] for source in sources]
            if isinstance(carries, Term):
                shown, reads, gives = str(carries), [TENSOR], carries.type(of_symbol)
            else:
                shown, reads, gives = carries.name, list(carries.reads), carries.gives
            if [each.kind for each in read] != reads or len({each.halved for each in read}) > 1:
                wanted = " and ".join(str(Type(kind)) for kind in reads)
                equally = " halved equally often" * (len(reads) > 1)
                raise ValueError(f"in {self}, {shown} reads {wanted}{equally}; it gets {' and '.join(map(str, read))}")
            delivered = Type(gives.kind, read[0].halved + gives.halved)
            if at_node.setdefault(target, delivered) != delivered:
                raise ValueError(
                    f"{self} adds different types: {shown} delivers {delivered}, something else {at_node[target]}"
                )
        return at_node[max(at_node)]

    @property
    def canonical(self) -> Term:
        """The same function, written shorter: nested and one-armed operators are flattened to a chain (`Linear`), each
        `id` in a chain is dropped, and what `zero` cuts off is `zero`.

        The layers with weights keep their order. Nothing else is merged, so terms of two forms may still be the same
        function. The result need not be a word of the grammar that the term came from.
        """
        known, graph = self.vocabulary, self.vocabulary.check(self).links(len(self.arguments))
        if not self.arguments:
            return self
        short = known.term(self.name, *(argument.canonical for argument in self.arguments))
        if short.is_dead:
            return known.term(known.name_of[NOTHING])
        kept = {graph[number].carries for number in short._live}
        cut = (a if place in kept else known.term(known.name_of[NOTHING]) for place, a in enumerate(short.arguments))
        return short._flat() or known.term(self.name, *cut)

    def _flat(self) -> Term | None:
        """A single path as a chain of its layers, those that do nothing left out; None where it is no single path."""
        live, known = self.live_links, self.vocabulary
        if known.chain is None or not len({s for s, _, _ in live}) == len({t for _, t, _ in live}) == len(live):
            return None
        flat: list[Term] = []
        for _, _, carries in live:
            if isinstance(carries, Layer) and carries.name not in known.name_of:
                return None
            step = known.term(known.name_of[carries.name]) if isinstance(carries, Layer) else carries
            flat += step.arguments if step.name == known.chain else (step,)
        flat = [step for step in flat if known.primitives.get(step.name) != IDENTITY]
        if len(flat) > 1:
            return known.term(known.chain, *flat)
        return flat[0] if flat else known.term(known.name_of[IDENTITY])

    def to_graph(self) -> nx.MultiDiGraph:
        """All operations' graphs put into each other: layers on the edges, nodes numbered in a topological order.

        Node 0 is the input, the last node the output. Each edge carries `operation`, a layer's name, and `live`, which
        is False where `zero` cuts it off; a layer that reads several nodes is an edge from each. Raises ValueError for
        an unknown name.
        """
        import networkx as nx

        graph, inner = nx.MultiDiGraph(), itertools.count(2)

        def put(term: Term, source: int, target: int, live: bool) -> None:
            links, alive = term.links, set(term._live)
            last = max(end for _, end, _ in links)
            node = {0: source, last: target, **{number: next(inner) for number in range(1, last)}}
            for number, (sources, end, carries) in enumerate(links):
                for start in sources:
                    if isinstance(carries, Term):
                        put(carries, node[start], node[end], live and number in alive)
                    else:
                        graph.add_edge(node[start], node[end], operation=carries.name, live=live and number in alive)

        put(self, 0, 1, live=True)
        order = nx.lexicographical_topological_sort(graph)
        graph = nx.relabel_nodes(graph, {old: new for new, old in enumerate(order)})
        graph.name = str(self)
        return graph


# --- the vocabulary of the paper -------------------------------------------------------------------------------------


def _arguments_on(*edges: tuple[int, int]) -> tuple[Link, ...]:
    return tuple(Link((i,), j, number) for number, (i, j) in enumerate(edges))


def _linear(count: int) -> tuple[Link, ...]:
    return _arguments_on(*((k, k + 1) for k in range(count)))


def _residual(count: int) -> tuple[Link, ...]:
    return _arguments_on(*((k, k + 1) for k in range(count - 2)), (0, count - 1), (count - 2, count - 1))


_DOWN = Layer("down", gives=Type(halved=1))
LAYERS = Vocabulary(
    primitive("zero", NOTHING),
    primitive("id", IDENTITY),
    primitive("conv", "nor_conv_3x3"),
    primitive("conv1x1", "nor_conv_1x1"),
    primitive("avg_pool", "avg_pool_3x3"),
    primitive("max_pool", "max_pool_3x3"),
    primitive("linear", "linear"),
    Operation("down", (Link((0,), 1, _DOWN),)),
    Operation("Linear", _linear, least=2),
    Operation("Residual", _residual, least=3),
    Operation("Diamond", _arguments_on((0, 1), (0, 2), (1, 3), (2, 3))),
    Operation("Cell", _arguments_on(*EDGES)),
    Operation("Stages", tuple(Link((k,), k + 1, _DOWN if k % 2 else 0) for k in range(5))),
    chain="Linear",
)
"""The short names of the paper, their layers as the other spaces call them, and its operators."""
