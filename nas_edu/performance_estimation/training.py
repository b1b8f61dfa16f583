"""Train it: the honest, expensive estimate of L_val(w*(a), a).

    w*(a) = argmin over w of L_train(w, a), here: stochastic gradient descent from seeded weights

SGD with Nesterov momentum on cross-entropy, mini-batches of 125, and a one-cycle learning rate (Smith & Topin 2018): up
along a cosine to its peak, then down to zero. Training for fewer epochs is the beginning of the same schedule, not a
shorter one: so a learning curve is one curve, and a stopped training can be resumed as if it had never stopped.

The details that matter: gradients longer than a limit are cut; the last incomplete mini-batch of an epoch is dropped;
no augmentation; batch normalization's running averages serve the evaluation; weights are seeded from (canonical
architecture, task, seed), the order of the samples from (task, seed, epoch), so that two cells see the same
mini-batches, and nothing depends on what was evaluated before.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from nas_edu.core import CurvePoint, Evaluation, Split, Task
from nas_edu.networks import build, seed_from
from nas_edu.networks.fast import FastTinyCell, supports
from nas_edu.networks.morphisms import inherit_weights


@dataclass(frozen=True)
class TrainingRecipe:
    """How a network is trained, the lecture's training pipeline P. Learning rates are those of the largest step."""

    epochs: int = 10
    batch_size: int = 125
    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    warm_up: float = 0.3  # the part of the training in which the learning rate rises
    gradient_norm: float = 5.0  # longer gradients are cut: a cell of many skips multiplies its input, and diverged
    points_per_epoch: int = 2

    def learning_rate_at(self, progress: float) -> float:
        """One-cycle: `progress` runs from 0 to 1 over the whole training."""
        if progress < self.warm_up:
            low, high = 0.04, 1.0
            return self.learning_rate * (low + (high - low) * (1 - math.cos(math.pi * progress / self.warm_up)) / 2)
        return self.learning_rate * (1 + math.cos(math.pi * (progress - self.warm_up) / (1 - self.warm_up))) / 2


class DivergenceError(ArithmeticError):
    """The loss became infinite or not a number."""


@dataclass
class _Checkpoint:
    """A training between two mini-batches. `owner` tells what it belongs to."""

    network: nn.Module
    optimizer: torch.optim.Optimizer
    step: int
    curve: tuple[CurvePoint, ...]
    seconds: float
    owner: tuple[Any, ...]


class Train:
    """Train an architecture on `task` and report its validation accuracy as score.

    `Train(task)(cell)` trains for the recipe's epochs; `epochs=` stops earlier in the same schedule; `resume=`
    continues an earlier evaluation of the same architecture, which is used up by that, and charges what it adds only;
    `inherit=` starts from the weights of another chain's network instead (`networks.morphisms`), or from a copy of a
    network that is given itself, such as one that a morphism made.
    `on_point(point)` sees each point of the learning curve as it is measured. `cost` is what `clock` measured.

    Raises ValueError for epochs outside 0 to `recipe.epochs`, or where there is nothing to resume or to inherit;
    DivergenceError where the loss is no longer a number.
    """

    def __init__(
        self,
        task: Task,
        *,
        epochs: int | None = None,
        seed: int = 0,
        device: str | torch.device | None = None,
        recipe: TrainingRecipe | None = None,
        on_point: Callable[[CurvePoint], None] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.task, self.seed, self.recipe = task, seed, recipe or TrainingRecipe()
        self.epochs = self._checked(epochs)
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.on_point, self.clock = on_point, clock
        self._data = {name: self._to_device(getattr(task, name)) for name in ("train", "validation", "test")}
        self._steps_per_epoch = len(task.train) // self.recipe.batch_size
        if self._steps_per_epoch == 0:
            raise ValueError(f"{len(task.train)} samples do not fill one batch of {self.recipe.batch_size}")

    def __call__(
        self,
        architecture: Any,
        *,
        epochs: float | None = None,
        resume: Evaluation | None = None,
        inherit: Evaluation | nn.Module | None = None,
    ) -> Evaluation:
        stop_at = round(self._checked(epochs) * self._steps_per_epoch)
        state = self._start(architecture, inherit) if resume is None else self._continue(architecture, resume)
        began, done_before = self._now(), state.step
        spent = state.seconds
        passes = self._passes(state.network)
        with _one_thread():
            for step in range(state.step, stop_at):
                loss = self._train_step(state, passes, step)
                state.step = step + 1  # at once: whoever interrupts here can resume
                if step + 1 in self._measured_steps:
                    point = self._measure(passes, step + 1, loss, spent + self._now() - began)
                    state.curve += (point,)
                    if self.on_point is not None:
                        self.on_point(point)
        state.seconds = spent + self._now() - began
        if not state.curve:
            raise ValueError(f"epochs={epochs} ends before the first point of the learning curve")
        last = state.curve[-1]
        return Evaluation(
            score=last.validation_accuracy,
            validation_accuracy=last.validation_accuracy,
            validation_loss=last.validation_loss,
            cost=state.seconds - spent,
            epochs=(state.step - done_before) / self._steps_per_epoch,
            curve=state.curve,
            checkpoint=state,
        )

    def test(self, evaluation: Evaluation) -> tuple[float, float]:
        """Loss and accuracy on the test split of the network that `evaluation` trained. For the final report only."""
        with _one_thread():
            return self._loss_and_accuracy(self._passes(evaluation.checkpoint.network), "test")

    @property
    def _measured_steps(self) -> frozenset[int]:
        points = self.recipe.epochs * self.recipe.points_per_epoch
        total = self.recipe.epochs * self._steps_per_epoch
        return frozenset(round(total * (point + 1) / points) for point in range(points))

    def _start(self, architecture: Any, inherit: Evaluation | nn.Module | None) -> _Checkpoint:
        canonical = architecture.canonical
        network = build(canonical, self.task, seed=self.seed).to(self.device)
        if isinstance(inherit, nn.Module):
            try:
                network.load_state_dict(inherit.state_dict())
            except RuntimeError as error:
                raise ValueError(f"the network that was given is not of {architecture}: {error}") from None
        elif inherit is not None:
            if not isinstance(inherit.checkpoint, _Checkpoint):
                raise ValueError("there are no weights to inherit: this evaluation was loaded, or looked up")
            inherit_weights(network, inherit.checkpoint.network)
        p = self.recipe
        optimizer = torch.optim.SGD(
            network.parameters(), p.learning_rate, p.momentum, weight_decay=p.weight_decay, nesterov=True, fused=True
        )
        return _Checkpoint(network, optimizer, 0, (), 0.0, (canonical, self.task.name, self.seed, p))

    def _continue(self, architecture: Any, resume: Evaluation) -> _Checkpoint:
        state = resume.checkpoint
        if not isinstance(state, _Checkpoint):
            raise ValueError(
                "there is nothing to resume: this evaluation has no checkpoint (it was loaded, or looked up)"
            )
        if state.owner != (architecture.canonical, self.task.name, self.seed, self.recipe):
            raise ValueError(f"resume= belongs to another training: {state.owner[:3]}, not {architecture}")
        if state.curve[-1].epoch != resume.curve[-1].epoch:
            raise ValueError("this evaluation was resumed before; continue from the newest one")
        return state

    def _train_step(self, state: _Checkpoint, passes: _Passes | FastTinyCell, step: int) -> float:
        """One update of w on one mini-batch; returns the loss before it."""
        inputs, targets = self._batch(step)
        (group,) = state.optimizer.param_groups
        group["lr"] = self.recipe.learning_rate_at(step / (self.recipe.epochs * self._steps_per_epoch))
        loss = passes.gradients(inputs, targets)
        nn.utils.clip_grad_norm_(group["params"], self.recipe.gradient_norm)
        state.optimizer.step()
        return loss.item()

    def _batch(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        epoch, place = divmod(step, self._steps_per_epoch)
        generator = torch.Generator().manual_seed(seed_from(self.task.name, self.seed, epoch, "order"))
        order = torch.randperm(len(self.task.train), generator=generator)
        chosen = order[place * self.recipe.batch_size : (place + 1) * self.recipe.batch_size].to(self.device)
        inputs, targets = self._data["train"]
        return inputs[chosen], targets[chosen]

    def _measure(self, passes: _Passes | FastTinyCell, step: int, train_loss: float, seconds: float) -> CurvePoint:
        loss, accuracy = self._loss_and_accuracy(passes, "validation")
        epoch = step / self._steps_per_epoch
        if not (math.isfinite(loss) and math.isfinite(train_loss)):
            raise DivergenceError(
                f"the loss is {train_loss} in training and {loss} in validation after {epoch:.1f} epochs"
            )
        return CurvePoint(epoch, train_loss, loss, accuracy, seconds)

    def _loss_and_accuracy(self, passes: _Passes | FastTinyCell, split: str) -> tuple[float, float]:
        inputs, targets = self._data[split]
        logits = torch.cat([passes.logits(part) for part in torch.split(inputs, 2500)])
        return F.cross_entropy(logits, targets).item(), (logits.argmax(1) == targets).double().mean().item()

    def _passes(self, network: nn.Module) -> _Passes | FastTinyCell:
        inputs, _ = self._data["train"]
        return FastTinyCell(network) if supports(network, inputs) else _Passes(network)

    def _checked(self, epochs: float | None) -> float:
        epochs = getattr(self, "epochs", self.recipe.epochs) if epochs is None else epochs
        if not 0 < epochs <= self.recipe.epochs:
            raise ValueError(f"epochs={epochs}: this recipe trains for more than 0 and at most {self.recipe.epochs}")
        return epochs

    def _to_device(self, split: Split) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.from_numpy(split.inputs).to(self.device), torch.from_numpy(split.targets).to(self.device)

    def _now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return self.clock()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Small networks gain nothing from a second thread; with one, sums are added in the same order on any machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


class _Passes:
    """Forward and backward through any network; `FastTinyCell` does the same for some, in less time."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network

    def gradients(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        self.network.train()
        self.network.zero_grad()
        loss = F.cross_entropy(self.network(inputs), targets)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own
        return loss

    @torch.no_grad()
    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.network.eval()(inputs)
        return logits
