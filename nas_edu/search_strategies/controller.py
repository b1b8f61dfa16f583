"""A controller: a policy that writes an architecture piece by piece, one hyperparameter after the other.

    pi(a; theta) = prod over t of pi(a_t | a_1, ..., a_(t-1); theta),    each factor a softmax over the choices

Which hyperparameters there are, and which exist given the choices so far, the space says (`space.hyperparameters`). Two
policies share the episode and differ in `logits`:

    TabularController    one table of logits for each hyperparameter; the choices so far do not matter
    LSTMController       an LSTM reads the choices so far, and has an output layer for each hyperparameter

Shapes: log-probability and entropy of one architecture are scalars (), the logits of a hyperparameter (choices,).

Source: Zoph & Le, "Neural Architecture Search with Reinforcement Learning", ICLR 2017, section 3.1 and figure 2: "every
prediction is carried out by a softmax classifier and then fed into the next time step as input"; weights start uniform
between -0.08 and 0.08 (section 4.1), so that the first policy is nearly uniform. Simplified: one layer of 32 units
instead of two of 35; no attention (their anchor points).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.utils import skip_init

from nas_edu.core.search_space import Config, Hyperparameter, Value

Choose = Callable[[Hyperparameter, list[float]], int]
"""From a hyperparameter and the probabilities of its choices to the place of the one that is taken."""
Memory = Any


@dataclass(frozen=True)
class Episode:
    """One architecture as it was written, with what the policy thought of it.

    log_probability   log pi(a; theta), with its gradient
    entropy           the sum of the entropies of all softmaxes on the way, in nats, with its gradient
    probabilities     of all choices of each hyperparameter that exists, given the choices before it
    """

    values: dict[str, Value]
    log_probability: torch.Tensor
    entropy: torch.Tensor
    probabilities: dict[str, list[float]]


class Controller(nn.Module):
    """The episode. A policy of one's own has `logits`."""

    def __init__(self, hyperparameters: Sequence[Hyperparameter]) -> None:
        super().__init__()
        self.hyperparameters = hyperparameters

    def logits(self, place: int, previous: int, memory: Memory) -> tuple[torch.Tensor, Memory]:
        """Of the choices of hyperparameter `place`. `previous` is the number of the last choice (0 at the start), and
        `memory` what this function returned with it (None at the start)."""
        raise NotImplementedError

    def write(self, choose: Choose) -> Episode:
        """Go through the hyperparameters that exist and let `choose` make each choice."""
        values: dict[str, Value] = {}
        probabilities, log_terms, entropy_terms = {}, [], []
        number, previous, memory = 1, 0, None  # number: of the first choice of this hyperparameter
        for place, hyperparameter in enumerate(self.hyperparameters):
            if hyperparameter.exists(values):
                logits, memory = self.logits(place, previous, memory)
                log_p = logits.log_softmax(-1)
                p = log_p.exp()
                probabilities[hyperparameter.name] = p.tolist()
                choice = choose(hyperparameter, probabilities[hyperparameter.name])
                values[hyperparameter.name] = hyperparameter.choices[choice]
                log_terms.append(log_p[choice])
                entropy_terms.append(-(p * log_p).sum())
                previous = number + choice
            number += len(hyperparameter.choices)
        return Episode(values, torch.stack(log_terms).sum(), torch.stack(entropy_terms).sum(), probabilities)

    def sample(self, rng: random.Random) -> Episode:
        """An architecture drawn from the policy: a ~ pi(a; theta)."""
        return self.write(lambda _, p: rng.choices(range(len(p)), weights=p)[0])

    def most_probable(self) -> Episode:
        """The most probable choice each time; of equals, the first."""
        with torch.no_grad():
            return self.write(lambda _, p: p.index(max(p)))

    def replay(self, values: Config) -> Episode:
        """What the policy thinks of these values: `to_config(architecture)` of a space."""
        return self.write(lambda hyperparameter, _: hyperparameter.choices.index(values[hyperparameter.name]))


class TabularController(Controller):
    """pi(a; theta) = prod over t of softmax(theta_t)[a_t]: choices are independent of each other. Starts uniform."""

    def __init__(self, hyperparameters: Sequence[Hyperparameter], *, rng: random.Random) -> None:
        super().__init__(hyperparameters)
        self.tables = nn.ParameterList(torch.zeros(len(h.choices)) for h in hyperparameters)

    def logits(self, place: int, previous: int, memory: Memory) -> tuple[torch.Tensor, Memory]:
        return self.tables[place], None


class LSTMController(Controller):
    """The state after t choices is h_t = LSTM(embedding(a_t), h_(t-1)); the logits of the next one are W h_t + b, with
    W and b of that hyperparameter."""

    def __init__(self, hyperparameters: Sequence[Hyperparameter], *, units: int = 32, rng: random.Random) -> None:
        super().__init__(hyperparameters)
        sizes = [len(h.choices) for h in hyperparameters]
        self.embedding = skip_init(nn.Embedding, 1 + sum(sizes), units)  # row 0: nothing is written yet
        self.cell = skip_init(nn.LSTMCell, units, units)
        self.outputs = nn.ModuleList(skip_init(nn.Linear, units, size) for size in sizes)
        generator = torch.Generator().manual_seed(rng.getrandbits(32))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -0.08, 0.08, generator=generator)

    def logits(self, place: int, previous: int, memory: Memory) -> tuple[torch.Tensor, Memory]:
        memory = self.cell(self.embedding.weight[previous : previous + 1], memory)  # h and c, (1, units) each
        return self.outputs[place](memory[0])[0], memory
