"""Terms: architectures written as functions of functions, such as `Linear(Residual(conv, id, conv), id, linear)`.

A primitive is a layer; a topological operator connects its arguments. Each operator is a small graph: nodes are
tensors, edges its arguments in order, and a node is the sum of what its edges deliver, as in a cell:

    Linear(a, b, ...)      0 -a-> 1 -b-> 2 ...                   c(b(a(x)))
    Residual(a, b, c)      0 -a-> 1 -c-> 2, 0 -b-> 2             c(a(x)) + b(x);  the last but one is the shortcut
    Diamond(a, b, c, d)    0 -a-> 1 -c-> 3, 0 -b-> 2 -d-> 3      c(a(x)) + d(b(x))
    Cell(a, ..., f)        the six edges of a TinyCell, in its order
    Stages(a)              Linear(a, down, a, down, a): one motif three times, each time with weights of its own

All primitives keep the tensor's shape, but for `down`, which halves the positions and doubles the channels.

Source: Schrodi et al., "Construction of Hierarchical Neural Architecture Search Spaces based on Context-free
Grammars", arXiv 2022, NeurIPS 2023 (the authors also write `Sequential` for `Linear`); the order of the arguments:
their code (NePS, `topologies.py`). `Stages` is ours: no context-free rule can say "the same again", for which the paper
substitutes one word for several symbols.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple, NoReturn

from nas_edu.search_spaces.tiny_cell import EDGES

MOST_NESTED = 200

PRIMITIVES = {
    "zero": "none",
    "id": "skip_connect",
    "conv": "nor_conv_3x3",
    "conv1x1": "nor_conv_1x1",
    "avg_pool": "avg_pool_3x3",
    "max_pool": "max_pool_3x3",
    "linear": "linear",
    "down": "down",
}
"""The short names of the paper, and what the same operation is called in the other spaces."""


class Operator(NamedTuple):
    """How many arguments it takes ("3 or more"), whether that is so, and the edges (i, j) of that many."""

    takes: str
    accepts: Callable[[int], bool]
    edges: Callable[[int], list[tuple[int, int]]]


OPERATORS = {
    "Linear": Operator("2 or more", lambda n: n >= 2, lambda n: [(k, k + 1) for k in range(n)]),
    "Residual": Operator(
        "3 or more", lambda n: n >= 3, lambda n: [*((k, k + 1) for k in range(n - 2)), (0, n - 1), (n - 2, n - 1)]
    ),
    "Diamond": Operator("4", lambda n: n == 4, lambda n: [(0, 1), (0, 2), (1, 3), (2, 3)]),
    "Cell": Operator("6", lambda n: n == 6, lambda n: list(EDGES)),
    "Stages": Operator("1", lambda n: n == 1, lambda n: [(k, k + 1) for k in range(5)]),
}


@dataclass(frozen=True, slots=True)
class Term:
    """A name applied to arguments; a primitive, or a non-terminal that is still to be derived, has none.

    Equal terms are equal values: a term can be a key, prints as its text, and does not change.
    """

    name: str
    arguments: tuple[Term, ...] = ()

    def __post_init__(self) -> None:
        if not (isinstance(self.name, str) and _NAME.fullmatch(self.name)):
            raise ValueError(f"a name consists of letters, digits and _, and starts with no digit; got {self.name!r}")
        if type(self.arguments) is not tuple or not all(isinstance(a, Term) for a in self.arguments):
            raise TypeError(f"a term takes a tuple of Terms, got {self.arguments!r}")

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.arguments))})" if self.arguments else self.name

    def __repr__(self) -> str:
        return f"Term({str(self)!r})"

    def parts(self) -> Iterator[Term]:
        """The term itself and all terms in it, in the order of reading."""
        yield self
        for argument in self.arguments:
            yield from argument.parts()

    @property
    def edges(self) -> list[tuple[int, int, Term]]:
        """The outermost operator as a graph: (i, j, what lies on the edge); node 0 is the input, the last the output.

        Sorted so that a node is complete before it is read. Raises ValueError for what is no known operator, or one
        with a wrong number of arguments.
        """
        check_symbol(self)
        if self.name in PRIMITIVES:
            raise ValueError(f"{self.name} is a primitive: a layer, not a graph")
        arguments = self.arguments
        if self.name == "Stages":
            motif, down = *arguments, Term("down")
            arguments = (motif, down, motif, down, motif)
        places = OPERATORS[self.name].edges(len(arguments))
        return [(i, j, argument) for (i, j), argument in zip(places, arguments, strict=True)]

    @property
    def live_edges(self) -> list[tuple[int, int, Term]]:
        """The edges that matter: not dead themselves, reached from the input, and leading to the output."""
        edges = [(i, j, argument) for i, j, argument in self.edges if not argument.is_dead]
        from_input, to_output = {0}, {max(j for _, j, _ in self.edges)}
        for i, j, _ in edges:
            if i in from_input:
                from_input.add(j)
        for i, j, _ in sorted(edges, key=lambda edge: -edge[1]):
            if j in to_output:
                to_output.add(i)
        return [(i, j, argument) for i, j, argument in edges if i in from_input and j in to_output]

    @property
    def is_dead(self) -> bool:
        """Whether it delivers nothing: it is `zero`, or `zero` cuts each path through it."""
        return not self.live_edges if self.arguments else self.name == "zero"

    @property
    def canonical(self) -> Term:
        """The same function, written shorter: nested and one-armed operators are flattened to a `Linear`, each `id`
        in a `Linear` is dropped, and what `zero` cuts off is `zero`.

        The layers with weights keep their order. Nothing else is merged, so terms of two forms may still be the same
        function. The result need not be a word of the grammar that the term came from.
        """
        if not self.arguments:
            check_symbol(self)
            return self
        short = Term(self.name, tuple(argument.canonical for argument in self.arguments))
        live = short.live_edges
        if not live:
            return Term("zero")
        if len({i for i, _, _ in live}) == len({j for _, j, _ in live}) == len(live):  # a single path
            chain = [layer for _, _, argument in live for layer in _layers(argument) if layer.name != "id"]
            return Term("Linear", tuple(chain)) if len(chain) > 1 else (*chain, Term("id"))[0]
        kept = {(i, j) for i, j, _ in live}
        return Term(short.name, tuple(a if (i, j) in kept else Term("zero") for i, j, a in short.edges))


def halvings(term: Term, of_symbol: Mapping[str, int] | None = None) -> int:
    """How often the word halves the positions (and doubles the channels); `of_symbol` tells it for non-terminals.

    What is dead delivers nothing and fits any shape. Raises ValueError where an operator would add tensors of different
    shapes.
    """
    of_symbol = of_symbol or {}
    if not term.arguments:
        if term.name not in of_symbol:
            check_symbol(term)
        return of_symbol.get(term.name, int(term.name == "down"))
    at_node: dict[int, int] = {0: 0}
    for i, j, argument in term.live_edges:
        halved = at_node[i] + halvings(argument, of_symbol)
        if at_node.setdefault(j, halved) != halved:
            raise ValueError(
                f"{term} adds tensors of different shapes: what {argument} delivers was halved {times(halved)}, "
                f"something else {times(at_node[j])}"
            )
    return max(at_node.items())[1]


def check_symbol(term: Term) -> None:
    """Raises ValueError unless its name is known and takes that many arguments; looks at no argument."""
    count = len(term.arguments)
    if term.name in OPERATORS:
        operator = OPERATORS[term.name]
        if not operator.accepts(count):
            like = get_close_matches(term.name.lower(), PRIMITIVES, n=1) if not count else []
            raise ValueError(f"{term.name} takes {operator.takes} arguments; got {count}{_hint(like)}")
    elif term.name not in PRIMITIVES:
        raise ValueError(
            f"unknown {'operator' if count else 'primitive'} {term.name!r}; there are the primitives "
            f"{', '.join(PRIMITIVES)} and the operators {', '.join(OPERATORS)}{suggest(term.name)}"
        )
    elif count:
        raise ValueError(f"{term.name} is a primitive and takes no arguments; got {count}{suggest(term.name)}")


def suggest(name: str, *more: str) -> str:
    """'; did you mean ...?', or nothing."""
    names = [known for known in (*OPERATORS, *PRIMITIVES, *more) if known != name]
    return _hint(get_close_matches(name, names, n=1, cutoff=0.6))


Path = tuple[int, ...]
"""The way from a term to one in it: the place of the argument at each step."""


def read_term(text: str) -> tuple[Term, dict[Path, int]]:
    """The term of a text, and the position at which each part of it begins. Spaces between names do not matter.

    Raises ValueError with the position and what was expected there; whether the names exist is not looked at.
    """
    positions: dict[Path, int] = {}
    term, position = _read(text, 0, (), positions)
    position = _skip_spaces(text, position)
    if position < len(text):
        fail(text, position, "the end" if term.arguments else "'(' or the end")
    return term, positions


def fail(text: str, position: int, expected: str, hint: str = "") -> NoReturn:
    """Raise the ValueError of a text that is not what was expected at `position`."""
    found = repr(text[position : position + 12]) if position < len(text) else "the end of the text"
    raise ValueError(f"at position {position} expected {expected}, found {found}{hint}; in {text!r}")


_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_SPACES = re.compile(r"\s+")


def _read(text: str, position: int, path: Path, positions: dict[Path, int]) -> tuple[Term, int]:
    position = _skip_spaces(text, position)
    match = _NAME.match(text, position)
    if match is None:
        fail(text, position, "a name")
    if len(path) > MOST_NESTED:
        raise ValueError(f"at position {position} the term is nested deeper than {MOST_NESTED}")
    positions[path] = position
    arguments: list[Term] = []
    position = _skip_spaces(text, match.end())
    if text[position : position + 1] == "(":
        while text[position : position + 1] in ("(", ","):
            argument, position = _read(text, position + 1, (*path, len(arguments)), positions)
            arguments.append(argument)
            position = _skip_spaces(text, position)
        if text[position : position + 1] != ")":
            fail(text, position, "',' or ')'" if arguments[-1].arguments else "'(', ',' or ')'")
        position += 1
    return Term(match.group(), tuple(arguments)), position


def _skip_spaces(text: str, position: int) -> int:
    spaces = _SPACES.match(text, position)
    return spaces.end() if spaces else position


def _layers(term: Term) -> tuple[Term, ...]:
    return term.arguments if term.name == "Linear" else (term,)


def times(number: int) -> str:
    """In words: not at all, once, 2 times."""
    return ("not at all", "once")[number] if number < 2 else f"{number} times"


def _hint(close: list[str]) -> str:
    return f"; did you mean {close[0]!r}?" if close else ""
