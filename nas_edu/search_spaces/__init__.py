"""What may be built. A space samples, mutates, lists neighbours, prints and parses architectures; no torch here."""

from nas_edu.search_spaces.chain import Chain, LayerChain, StoppingChain
from nas_edu.search_spaces.darts_cell import DARTSCell, Genotype
from nas_edu.search_spaces.derivation import Derivation
from nas_edu.search_spaces.grammar import Grammar
from nas_edu.search_spaces.hierarchical import Hierarchical, Hierarchy
from nas_edu.search_spaces.macro import LayerGraph, Macro
from nas_edu.search_spaces.nasnet_cell import NASNetCell, NASNetGenotype
from nas_edu.search_spaces.stage_cells import CellPerStage, StageCells
from nas_edu.search_spaces.subspace import Subspace
from nas_edu.search_spaces.tiny_cell import Cell, TinyCell
from nas_edu.search_spaces.vocabulary import Term, Vocabulary

__all__ = [
    "Cell",
    "CellPerStage",
    "Chain",
    "DARTSCell",
    "Derivation",
    "Genotype",
    "Grammar",
    "Hierarchical",
    "Hierarchy",
    "LayerChain",
    "LayerGraph",
    "Macro",
    "NASNetCell",
    "NASNetGenotype",
    "StageCells",
    "StoppingChain",
    "Subspace",
    "Term",
    "TinyCell",
    "Vocabulary",
]
