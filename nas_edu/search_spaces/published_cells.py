"""Cells that papers found, in the form in which their code publishes them.

DARTSCell    `DARTS_V1`, `DARTS_V2`, `GDAS`, `PC_DARTS`
NASNetCell   `NASNET_A`, `AMOEBANET_A`

State 0 is the output of the last but one cell, state 1 that of the last. Read with `ast`, see `cell_pairs`.
"""

from __future__ import annotations

from nas_edu.search_spaces.darts_cell import DARTSCell
from nas_edu.search_spaces.nasnet_cell import NASNetCell

# Liu, Simonyan, Yang, "DARTS", ICLR 2019: CIFAR-10, first and second order. The first is `DARTS` in
# github.com/quark0/darts, cnn/genotypes.py (commit 8876e79); both are in github.com/yuhuixu1993/PC-DARTS, genotypes.py.
_DARTS_V1 = """Genotype(
    normal=[('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 0), ('sep_conv_3x3', 1),
            ('skip_connect', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 2)],
    normal_concat=[2, 3, 4, 5],
    reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 0),
            ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('avg_pool_3x3', 0)],
    reduce_concat=[2, 3, 4, 5])"""
_DARTS_V2 = """Genotype(
    normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1),
            ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)],
    normal_concat=[2, 3, 4, 5],
    reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1),
            ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)],
    reduce_concat=[2, 3, 4, 5])"""

# Dong, Yang, "Searching for a Robust Neural Architecture in Four GPU Hours", CVPR 2019: `GDAS_V1` in
# github.com/D-X-Y/AutoDL-Projects, xautodl/nas_infer_model/DXYs/genotypes.py (commit 94a149b), which writes the two
# edges of a node as one pair; here they follow each other, as in the others.
_GDAS = """Genotype(
    normal=[('skip_connect', 0), ('skip_connect', 1), ('skip_connect', 0), ('sep_conv_5x5', 2),
            ('sep_conv_3x3', 3), ('skip_connect', 0), ('sep_conv_5x5', 4), ('sep_conv_3x3', 3)],
    normal_concat=[2, 3, 4, 5],
    reduce=[('sep_conv_5x5', 0), ('sep_conv_3x3', 1), ('sep_conv_5x5', 2), ('sep_conv_5x5', 1),
            ('dil_conv_5x5', 2), ('sep_conv_3x3', 1), ('sep_conv_5x5', 0), ('sep_conv_5x5', 1)],
    reduce_concat=[2, 3, 4, 5])"""

# Xu et al., "PC-DARTS", ICLR 2020: `PC_DARTS_cifar` in github.com/yuhuixu1993/PC-DARTS, genotypes.py (commit 283b086).
_PC_DARTS = """Genotype(
    normal=[('sep_conv_3x3', 1), ('skip_connect', 0), ('sep_conv_3x3', 0), ('dil_conv_3x3', 1),
            ('sep_conv_5x5', 0), ('sep_conv_3x3', 1), ('avg_pool_3x3', 0), ('dil_conv_3x3', 1)],
    normal_concat=range(2, 6),
    reduce=[('sep_conv_5x5', 1), ('max_pool_3x3', 0), ('sep_conv_5x5', 1), ('sep_conv_5x5', 2),
            ('sep_conv_3x3', 0), ('sep_conv_3x3', 3), ('sep_conv_3x3', 1), ('sep_conv_3x3', 2)],
    reduce_concat=range(2, 6))"""

# Zoph et al., CVPR 2018, and Real et al., "Regularized Evolution for Image Classifier Architecture Search", AAAI 2019;
# both as in github.com/quark0/darts, cnn/genotypes.py (commit 8876e79). The blocks of NASNet-A are those of its code
# (github.com/tensorflow/models, research/slim/nets/nasnet/nasnet_utils.py), which numbers the two inputs the other way
# round, and whose output has one more state than the unused ones: input 0 (normal), state 3 (reduction).
_NASNET_A = """Genotype(
    normal=[('sep_conv_5x5', 1), ('sep_conv_3x3', 0), ('sep_conv_5x5', 0), ('sep_conv_3x3', 0), ('avg_pool_3x3', 1),
            ('skip_connect', 0), ('avg_pool_3x3', 0), ('avg_pool_3x3', 0), ('sep_conv_3x3', 1), ('skip_connect', 1)],
    normal_concat=[2, 3, 4, 5, 6],
    reduce=[('sep_conv_5x5', 1), ('sep_conv_7x7', 0), ('max_pool_3x3', 1), ('sep_conv_7x7', 0), ('avg_pool_3x3', 1),
            ('sep_conv_5x5', 0), ('skip_connect', 3), ('avg_pool_3x3', 2), ('sep_conv_3x3', 2), ('max_pool_3x3', 1)],
    reduce_concat=[4, 5, 6])"""
_AMOEBANET_A = """Genotype(
    normal=[('avg_pool_3x3', 0), ('max_pool_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_5x5', 2), ('sep_conv_3x3', 0),
            ('avg_pool_3x3', 3), ('sep_conv_3x3', 1), ('skip_connect', 1), ('skip_connect', 0), ('avg_pool_3x3', 1)],
    normal_concat=[4, 5, 6],
    reduce=[('avg_pool_3x3', 0), ('sep_conv_3x3', 1), ('max_pool_3x3', 0), ('sep_conv_7x7', 2), ('sep_conv_7x7', 0),
            ('avg_pool_3x3', 1), ('max_pool_3x3', 0), ('max_pool_3x3', 1), ('conv_7x1_1x7', 0), ('sep_conv_3x3', 5)],
    reduce_concat=[3, 4, 6])"""

DARTS_V1, DARTS_V2, GDAS, PC_DARTS = map(DARTSCell().parse, (_DARTS_V1, _DARTS_V2, _GDAS, _PC_DARTS))
NASNET_A, AMOEBANET_A = map(NASNetCell().parse, (_NASNET_A, _AMOEBANET_A))
