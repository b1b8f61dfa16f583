"""The view of brackets: what is drawn is what the trials hold, at every length of a search."""

import random
from itertools import islice

import pytest

from nas_edu.core import CurvePoint, Evaluation, History
from nas_edu.draw.panel import lay_out
from nas_edu.search_strategies import hyperband, successive_halving
from nas_edu.widgets.views import bracket_view
from nas_edu.widgets.views.brackets import current_bracket


class Numbers:
    def sample(self, rng):
        return rng.random()


def learn(number, *, epochs=10, resume=None):
    if number > 0.95:
        raise RuntimeError("no memory left")
    curve = tuple(CurvePoint(e, 1.0, 1.0, number * e / 10) for e in range(1, round(epochs) + 1))
    return Evaluation(curve[-1].validation_accuracy, curve=curve, epochs=epochs, checkpoint=number)


def halving(count):
    return History(
        islice(successive_halving(Numbers(), learn, count=9, min_epochs=1, max_epochs=9, rng=random.Random(4)), count)
    )


@pytest.mark.parametrize("count", range(0, 30))
def test_every_length_has_a_picture(count):
    history = halving(count)
    assert bracket_view(history) == bracket_view(history)
    lay_out(bracket_view(history))


def test_who_is_grey_and_who_is_not():
    """Nine on the first rung, three on the second, and one of them trained to the end."""
    grey, alive, newest = (bracket_view(halving(12)).marks[place].paths for place in (1, 2, 3))
    assert len(grey) + len(alive) + len(newest) == 9 - sum(t.failed for t in halving(12).trials)
    assert len(alive) == 2
    assert newest[0][-1][0] == 3
    grey, alive, newest = (bracket_view(halving(13)).marks[place].paths for place in (1, 2, 3))
    assert alive == []
    assert newest[0][-1] == (9, halving(13).trials[-1].score)
    assert bracket_view(halving(13)).subtitle.startswith("trained per rung: 9 > 3 > 1") or any(
        t.failed for t in halving(13).trials
    )


def test_a_new_bracket_begins_with_an_empty_picture():
    assert len(current_bracket(halving(13).trials)) == 13
    assert len(current_bracket(halving(14).trials)) == 1
    history = History(islice(hyperband(Numbers(), learn, min_epochs=1, max_epochs=9, rng=random.Random(0)), 16))
    assert len(current_bracket(history.trials)) == 3


def test_all_failed_is_a_picture_too():
    lay_out(bracket_view(History(islice(successive_halving(Numbers(), lambda n: None, rng=random.Random(0)), 3))))
