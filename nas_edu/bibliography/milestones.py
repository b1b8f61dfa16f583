"""The history of NAS in milestones, with what a search cost where a paper states it. No number here is our own.

A cost is that of one search on CIFAR-10, in GPU days (GPUs times days), unless `basis` says otherwise; it holds neither
the tuning of the method nor, as a rule, the final training of the network found. GPUs differ: a K40 of 2016 is several
times slower than a V100 of 2019. So compare orders of magnitude, not factors of two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nas_edu.bibliography.reader import Reference
from nas_edu.bibliography.text import find

Family = Literal["reinforcement learning", "evolution", "surrogate model", "shared weights", "no training", "other"]


@dataclass(frozen=True)
class Milestone:
    """A publication and what it brought.

    gpu_days  (lowest, highest) cost stated for one search, in GPU days; None where we found none stated
    basis     what was counted: "450 GPUs for 7 days"
    source    key of the reference that states it, and `where` in there
    """

    key: str
    name: str
    family: Family
    brought: str
    gpu_days: tuple[float, float] | None = None
    basis: str = ""
    source: str = ""
    where: str = ""

    @property
    def reference(self) -> Reference:
        return find(self.key)

    @property
    def date(self) -> float:
        """The month of its first version on arXiv, in years; the venue's year where that is earlier, or all we know."""
        return self.reference.date


# What training the network found by DARTS costs, once: the yardstick for "little more than one training".
FINAL_TRAINING = (1.5, "liu2019", "caption of table 1")

MILESTONES = (
    Milestone(
        "tenorio1988",
        "Tenorio and Lee",
        "other",
        "An algorithm builds the network and chooses the function of each neuron: architecture as a search, before "
        "deep learning.",
    ),
    Milestone("miller1989", "Miller et al.", "evolution", "A genetic algorithm chooses which neurons are connected."),
    Milestone(
        "stanley2002",
        "NEAT",
        "evolution",
        "Evolves topology and weights together, beginning with a minimal network and growing it.",
    ),
    Milestone(
        "bergstra2013",
        "Model search",
        "surrogate model",
        "Bayesian optimization (TPE) over hundreds of conditional hyperparameters that describe a vision model.",
    ),
    Milestone(
        "zoph2017",
        "NAS with RL",
        "reinforcement learning",
        "A recurrent network writes architectures and learns from their accuracy. It made NAS known.",
        (22400, 22400),
        "800 GPUs for 28 days",
        "zoph2018",
        "section 4 (the paper itself gives the number of GPUs, and no duration)",
    ),
    Milestone(
        "baker2017",
        "MetaQNN",
        "reinforcement learning",
        "Q-learning chooses a chain of layers, one after another.",
        (80, 100),
        "10 GPUs for 8 to 10 days, for each data set",
        "baker2017",
        "appendix, experiment details",
    ),
    Milestone(
        "real2017",
        "Large-scale evolution",
        "evolution",
        "Evolution from a trivial start reaches what experts had built.",
    ),
    Milestone(
        "zoph2018",
        "NASNet",
        "reinforcement learning",
        "Search for two cells and stack them: found on CIFAR-10, transferred to ImageNet.",
        (2000, 2000),
        "500 GPUs for 4 days",
        "zoph2018",
        "section 4",
    ),
    Milestone(
        "zhong2018",
        "BlockQNN",
        "reinforcement learning",
        "Q-learning for a block that is repeated, with early stopping of the trainings.",
        (96, 96),
        "32 GPUs for 3 days",
        "zhong2018",
        "abstract",
    ),
    Milestone(
        "liu2018hierarchical",
        "Hierarchical evolution",
        "evolution",
        "Motifs made of motifs: a hierarchical space, searched by evolution.",
        (300, 300),
        "36 hours on many GPUs",
        "liu2019",
        "table 1",
    ),
    Milestone(
        "elsken2018",
        "NASH",
        "evolution",
        "Children inherit the weights of their parent by network morphisms, so that nothing is trained from scratch.",
        (0.5, 1),
        "12 hours to one day on one GPU",
        "elsken2018",
        "abstract",
    ),
    Milestone(
        "liu2018progressive",
        "PNAS",
        "surrogate model",
        "From simple cells to complex ones; a surrogate predicts which of the larger cells are worth a training.",
        (225, 225),
        "search on CIFAR-10",
        "liu2019",
        "table 1",
    ),
    Milestone(
        "real2019",
        "AmoebaNet",
        "evolution",
        "Regularized evolution: the oldest dies, not the worst. As good as reinforcement learning, and simpler.",
        (3150, 3150),
        "450 K40 GPUs for about 7 days, 20,000 networks",
        "real2019",
        "methods details",
    ),
    Milestone(
        "pham2018",
        "ENAS",
        "shared weights",
        "All architectures share the weights of one big network: the first thousandfold speed-up.",
        (0.5, 0.5),
        "one search on one GPU",
        "liu2019",
        "table 1",
    ),
    Milestone(
        "liu2019",
        "DARTS",
        "shared weights",
        "The choice of operations becomes continuous, so that gradient descent can make it.",
        (1.5, 4),
        "four searches on one GPU: 1.5 days with the first-order, 4 with the second-order gradient",
        "liu2019",
        "table 1",
    ),
    Milestone(
        "elsken2019",
        "Survey",
        "other",
        "Orders the field by three questions: search space, search strategy, performance estimation.",
    ),
    Milestone(
        "li2019",
        "Random search",
        "shared weights",
        "Random search with shared weights keeps up with much cleverer methods; asks for reproducible comparisons.",
    ),
    Milestone(
        "xu2020",
        "PC-DARTS",
        "shared weights",
        "A part of the channels is enough to decide: less memory, larger batches.",
        (0.1, 0.1),
        "one search on CIFAR-10 (3.8 GPU days on ImageNet)",
        "xu2020",
        "abstract",
    ),
    Milestone(
        "cai2020",
        "Once-for-all",
        "shared weights",
        "One network is trained, and then fits many devices without a further training.",
        (50, 50),
        "1,200 GPU hours on ImageNet, once for all devices",
        "cai2020",
        "section 4.1",
    ),
    Milestone(
        "zela2020",
        "DARTS fails",
        "other",
        "Shows when and why DARTS collapses to skip connections, and a signal to stop before.",
    ),
    Milestone(
        "dong2019",
        "GDAS",
        "shared weights",
        "Samples one operation an edge, so that only one architecture is in memory.",
        (4 / 24, 4 / 24),
        "four GPU hours, with a fixed reduction cell",
        "dong2019",
        "title and abstract",
    ),
    Milestone("dong2020", "NAS-Bench-201", "other", "A table of 15,625 trained cells: research on a laptop."),
    Milestone(
        "mellor2021",
        "NASWOT",
        "no training",
        "Scores a network by how its untrained form tells images apart.",
        (30.01 / 86400, 306.19 / 86400),
        "30 seconds for 100, 306 for 1,000 candidates, on NAS-Bench-201",
        "mellor2021",
        "table 2",
    ),
    Milestone(
        "abdelfattah2021",
        "Zero-cost proxies",
        "no training",
        "Saliency measures from pruning rank architectures after one mini-batch, and warm up other searches.",
    ),
    Milestone(
        "chen2021",
        "TE-NAS",
        "no training",
        "Ranks by the spectrum of the neural tangent kernel and the number of linear regions.",
        (4 / 24, 4 / 24),
        "four GPU hours, on ImageNet",
        "chen2021",
        "title",
    ),
    Milestone("white2023", "1000 papers", "other", "A survey of how large the field has become."),
    Milestone(
        "schrodi2023",
        "Grammars",
        "surrogate model",
        "Context-free grammars describe spaces with choices on every level.",
    ),
    Milestone(
        "ericsson2024",
        "einspace",
        "evolution",
        "One grammar that holds convolutional networks, transformers and mixers alike.",
    ),
    Milestone(
        "gu2025",
        "Jet-Nemotron",
        "shared weights",
        "Search around a trained language model: its large layers stay, the attention blocks are chosen anew.",
    ),
)
