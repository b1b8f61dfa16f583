"""StageCells: a TinyCell of its own for each stage of the network, instead of one cell everywhere.

The network of TinyCell repeats one cell in three stages, of 8, 16 and 32 channels and ever fewer positions. Here each
stage has a choice of its own, so there are 15,625^3 = 3.8 * 10^12 architectures, and 15,625 of them have three equal
cells. What the repetition costs, and what it saves, is seen by searching both spaces.

Source of the question: Elsken, Metzen, Hutter, "Neural Architecture Search: A Survey", JMLR 2019, section 2 (what a
cell-based space gives up). Each cell is that of NAS-Bench-201 (`tiny_cell`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from nas_edu.core.search_space import Architecture, Config, Hyperparameter, SearchSpace, Value, check_config
from nas_edu.search_spaces.tiny_cell import NODES, Cell, TinyCell

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np
    import numpy.typing as npt

STAGES = 3
SEPARATOR = " > "


@dataclass(frozen=True, slots=True)
class CellPerStage(Architecture):
    """The cells of the stages, first to last; prints as the three cells with ` > ` between them.

    Raises TypeError unless it is a tuple of Cells, ValueError unless there are three.
    """

    cells: tuple[Cell, ...]

    def __post_init__(self) -> None:
        if type(self.cells) is not tuple or not all(isinstance(cell, Cell) for cell in self.cells):
            raise TypeError(f"an architecture of StageCells takes a tuple of Cells, got {self.cells!r}")
        if len(self.cells) != STAGES:
            raise ValueError(f"the network has {STAGES} stages, each with one cell; got {len(self.cells)} cells")

    def __str__(self) -> str:
        return SEPARATOR.join(map(str, self.cells))

    @property
    def canonical(self) -> CellPerStage:
        """Each cell replaced by the first one that computes the same function."""
        return CellPerStage(tuple(cell.canonical for cell in self.cells))

    def to_graph(self) -> nx.MultiDiGraph:
        """The cells in series: the output of one is the input of the next, so nodes 0, 3, 6 and 9 are shared ends.

        Where one of the cells is dead, nothing gets through, and no edge is `live`.
        """
        import networkx as nx

        graph = nx.MultiDiGraph(name=str(self))
        gets_through = all(cell.live_edges for cell in self.cells)
        for stage, cell in enumerate(self.cells):
            first = stage * (NODES - 1)
            for i, j, attributes in cell.to_graph().edges(data=True):
                live = attributes["live"] and gets_through
                graph.add_edge(first + i, first + j, operation=attributes["operation"], live=live)
        return graph


class StageCells(SearchSpace[CellPerStage]):
    """All triples of TinyCells: `len(space)`, `for architecture in space`, `architecture in space`."""

    cell_space = TinyCell()

    @property
    def hyperparameters(self) -> tuple[Hyperparameter, ...]:
        """The operation of each edge of each stage, `stage_1_edge_0_1` and so on; none has a condition."""
        of_cell = self.cell_space.hyperparameters
        return tuple(Hyperparameter(_of_stage(stage, h.name), h.choices) for stage in range(STAGES) for h in of_cell)

    def from_config(self, values: Config) -> CellPerStage:
        """The architecture that these values describe: one to one. Raises ValueError that says what was wrong."""
        check_config(self.hyperparameters, values)
        names = [h.name for h in self.cell_space.hyperparameters]
        chosen = ({name: values[_of_stage(stage, name)] for name in names} for stage in range(STAGES))
        return CellPerStage(tuple(map(self.cell_space.from_config, chosen)))

    def to_config(self, architecture: CellPerStage) -> dict[str, Value]:
        """The values of all hyperparameters."""
        self.check(architecture)
        return {
            _of_stage(stage, name): value
            for stage, cell in enumerate(architecture.cells)
            for name, value in self.cell_space.to_config(cell).items()
        }

    def sample(self, rng: random.Random) -> CellPerStage:
        """Three independent cells, every triple equally likely."""
        return CellPerStage(tuple(self.cell_space.sample(rng) for _ in range(STAGES)))

    def mutate(self, architecture: CellPerStage, rng: random.Random) -> CellPerStage:
        """One edge of one stage's cell gets another operation: a neighbour drawn uniformly."""
        self.check(architecture)
        stage = rng.randrange(STAGES)
        return _with_cell(architecture, stage, self.cell_space.mutate(architecture.cells[stage], rng))

    def parse(self, text: str) -> CellPerStage:
        """The inverse of `str(architecture)`. Raises ValueError that says what was wrong, TypeError for no string."""
        if not isinstance(text, str):
            raise TypeError(f"parse takes the string of an architecture, got {type(text).__name__} {text!r}")
        return CellPerStage(tuple(map(self.cell_space.parse, text.split(SEPARATOR))))

    def encode(self, architecture: CellPerStage, encoding: str = "one_hot") -> npt.NDArray[np.float32]:
        """The vectors of the three cells, one after another: see `TinyCell.encode`."""
        import numpy as np

        self.check(architecture)
        return np.concatenate([self.cell_space.encode(cell, encoding) for cell in architecture.cells])

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[CellPerStage]:
        """Like an odometer, the last stage fastest."""
        return map(CellPerStage, product(self.cell_space, repeat=STAGES))

    def check(self, architecture: object) -> None:
        if not isinstance(architecture, CellPerStage):
            raise TypeError(f"StageCells holds CellPerStages, got {type(architecture).__name__} {architecture!r}")


def _of_stage(stage: int, name: str) -> str:
    return f"stage_{stage + 1}_{name}"


def _with_cell(architecture: CellPerStage, stage: int, cell: Cell) -> CellPerStage:
    return CellPerStage((*architecture.cells[:stage], cell, *architecture.cells[stage + 1 :]))
