"""When do two cells compute the same function? Write out what reaches the output, and compare.

A node is a sum of terms. `none` adds nothing, a skip adds the terms of its source (so skips vanish), and any other
operation adds one term: itself, applied to the source's sum. A term on an empty sum is dead and dropped.

    node 0 = [x]
    node j = sum over i < j:   []  for none,   node i  for a skip,   [o(node i)]  otherwise

Convolutions have weights, and weights have an identity: `f(x) + f(x)`, where one convolution reaches the output twice,
is not `f(x) + g(x)`, where two do. So each convolution carries a label. Labels are names only, so of all ways to hand
them out to convolutions that look alike, the smallest string is taken.

Pooling counts as a black box, as in NAS-Bench-201's own rule. But average pooling is linear: pool(a + b) = pool(a) +
pool(b). With `distribute_pooling` such cells get one string, too: 208 groups of TinyCell's 5,260 forms are merged.
"""

from __future__ import annotations

import itertools

# Edges by the node that they enter: (source node, place in the tuple of operations).
_INCOMING = (((0, 0),), ((0, 1), (1, 2)), ((0, 3), (1, 4), (2, 5)))
_WEIGHTED = {"nor_conv_1x1": "c1", "nor_conv_3x3": "c3"}


def cell_function(operations: tuple[str, ...], *, distribute_pooling: bool = False) -> str:
    """A string; cells with equal ones are the same function of input and weights. '' if nothing reaches the output.

    TinyCell has 5,260 strings, 5,044 with `distribute_pooling`.
    """
    by_edge = {edge: f"<{edge}>" for edge in range(len(operations))}
    shapes: dict[int, str] = {}
    written = _output(operations, by_edge, distribute_pooling)
    _output(operations, dict.fromkeys(by_edge, ""), distribute_pooling, shapes)
    alike: dict[str, list[int]] = {}
    for edge, shape in shapes.items():
        if by_edge[edge] in written:  # it reaches the output
            alike.setdefault(shape, []).append(edge)
    groups = list(alike.values())
    candidates = []
    for orders in itertools.product(*map(itertools.permutations, groups)):
        labels = dict.fromkeys(by_edge, "")
        labels.update({edge: str(label) for order in orders for label, edge in enumerate(order)})
        candidates.append(_output(operations, labels, distribute_pooling))
    return min(candidates)


def _output(
    operations: tuple[str, ...], labels: dict[int, str], distribute: bool, shapes: dict[int, str] | None = None
) -> str:
    """The output node's sum, written out; `shapes` collects each convolution's own term."""
    nodes: list[list[str]] = [["x"]]
    for incoming in _INCOMING:
        terms: list[str] = []
        for source, edge in incoming:
            operation = operations[edge]
            if operation == "none" or not nodes[source]:
                continue
            if operation == "skip_connect":
                terms += nodes[source]
                continue
            if operation == "avg_pool_3x3" and distribute:
                terms += [f"pool({term})" for term in nodes[source]]
                continue
            term = f"({'+'.join(nodes[source])})"
            if operation in _WEIGHTED:
                term = f"{_WEIGHTED[operation]}{labels[edge]}{term}"
                if shapes is not None:
                    shapes[edge] = term
            else:
                term = f"pool{term}"
            terms.append(term)
        nodes.append(sorted(terms))
    return "+".join(nodes[-1])
