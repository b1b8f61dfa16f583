"""The three components of NAS as a diagram to click: what each one asks, and what this course has for it.

After Elsken, Metzen and Hutter (JMLR 2019), figure 1. One-shot methods couple two of them: White et al. (2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nas_edu.draw.marks import Arrow, Box, Diagram, Panel, Prose
from nas_edu.widgets.controls import Button, Control
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.present import present


@dataclass(frozen=True)
class _Component:
    """`told` and, in a one-shot method, `told_coupled`: paragraphs; `folder` is its place in the package."""

    name: str
    question: str
    told: tuple[str, ...]
    told_coupled: tuple[str, ...]
    folder: str


_COMPONENTS = {
    "space": _Component(
        "Search space",
        "What may be built?",
        (
            "The set A of all architectures that are allowed. What is not in it is never found: a good space is half "
            "of the solution, and the place where human bias comes in.",
            "In this course: TinyCell, chains, cells (NASNet, DARTS), hierarchies, grammars. Lecture 2.",
        ),
        (
            "It must fit into one network: every architecture is a part of it. So the space is fixed before, and has "
            "to share its tensors. Chains of any length or free topologies do not fit easily.",
            "In this course: TinyCell and the DARTS cell. Lecture 7.",
        ),
        "nas_edu/search_spaces",
    ),
    "strategy": _Component(
        "Search strategy",
        "Which one do we try next?",
        (
            "It knows the architectures that were tried and their estimates, and picks the next one: exploring what is "
            "unknown, exploiting what looked good.",
            "In this course: random and local search, evolution (lecture 3), reinforcement learning (4), Bayesian "
            "optimization (5). As long as it only asks for estimates, it is called black-box.",
        ),
        (
            "It no longer asks for an estimate and waits. Its choice, such as the weights alpha, is trained together "
            "with w, step by step: the gradient of the estimate is the search.",
            "In this course: random search with shared weights, ENAS, DARTS, GDAS, ProxylessNAS. Lectures 7 to 9.",
        ),
        "nas_edu/search_strategies",
    ),
    "estimation": _Component(
        "Performance estimation",
        "How good is it?",
        (
            "The honest answer is L_val(w*(a), a): train it fully, then validate. That is where the cost is, so "
            "there are cheaper ones.",
            "In this course: full and partial trainings, tables, learning curves (lecture 6), zero-cost proxies "
            "(lecture 10).",
        ),
        (
            "All architectures take their weights from one network: w instead of w*(a). An estimate costs one forward "
            "pass, but the best under shared w need not be the best alone.",
            "What w is good for depends on what the strategy has trained: the two cannot be exchanged one by one.",
        ),
        "nas_edu/performance_estimation",
    ),
}


@dataclass(frozen=True)
class Chosen:
    """What the diagram shows: the component that was clicked, and whether it is a one-shot method."""

    component: str = "space"
    one_shot: bool = False


def explore_components() -> Explorer[Chosen]:
    """Show the diagram; a click on a box tells about it, and the button couples two of them."""
    explorer = Explorer(
        Chosen(),
        [_diagram, _details],
        _controls,
        title="The three components",
        on_click=lambda state, key: replace(state, component=key),
        status=lambda state: "Click a box.",
    )
    return present(explorer)


def _controls(state: Chosen) -> Sequence[Control]:
    label = "Back to black-box search" if state.one_shot else "Make it one-shot"
    return [Button("one-shot", lambda now: replace(now, one_shot=not now.one_shot), label=label, main=True)]


def _diagram(state: Chosen) -> Panel:
    def block(key: str, text: str, x: float, y: float, width: float) -> Box:
        return Box(text, x, y, width, 0.24, marked=state.component == key, key=key)

    blocks = [
        block("space", "search space\nA", 0.05, 0.02, 0.36),
        block("strategy", "search strategy", 0.05, 0.6, 0.36),
        block("estimation", "performance\nestimation", 0.62, 0.6, 0.34),
    ]
    if state.one_shot:
        arrows = [Arrow(0, 1, "all of it at once"), Arrow(1, 2, "alpha", 14), Arrow(2, 1, "gradient", 14)]
        blocks.append(Box("one network with shared weights w", 0, 0.53, 1, 0.43, frame=True))
        subtitle = "one-shot: two components become one"
    else:
        arrows = [Arrow(0, 1, "may choose from"), Arrow(1, 2, "a", 14), Arrow(2, 1, "estimate", 14)]
        subtitle = "black-box: they meet only at a and its estimate"
    told = f"Search space, search strategy and performance estimation; {subtitle}; {state.component} is chosen"
    return Panel("NAS", [Diagram(blocks, arrows)], subtitle=subtitle, alt=told)


def _details(state: Chosen) -> Panel:
    chosen = _COMPONENTS[state.component]
    told = chosen.told_coupled if state.one_shot else chosen.told
    folder = "nas_edu/one_shot" if state.one_shot and state.component != "space" else chosen.folder
    alt = f"{chosen.name}: {chosen.question} {' '.join(told)}"
    return Panel(chosen.name, [Prose([*told, f"Code: {folder}"])], subtitle=chosen.question, alt=alt)
