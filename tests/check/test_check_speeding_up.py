"""The checks of set 6: right answers pass, and each typical wrong one gets the message meant for it."""

from typing import ClassVar

import numpy as np
from check_contract import CheckContract
from wrong_answers.speeding_up import HALVING, WIDER, halving, wider

from nas_edu.check.speeding_up import check_halving, check_wider
from nas_edu.check.speeding_up.wider import outputs


def halving_with_a_dictionary(candidates, validate, rungs, eta):
    trained, left = [], set(candidates)
    for epochs in rungs:
        trained.append(sorted(left))
        accuracy = {one: validate(one, epochs) for one in left}
        left = set(sorted(accuracy, key=accuracy.get)[len(left) - len(left) // eta :])
    return trained


def wider_by_numpy(incoming, outgoing, copied):
    counts = np.bincount(copied)[copied]
    return np.array(incoming)[copied].tolist(), (np.array(outgoing)[:, copied] / counts).tolist()


class TestChecks(CheckContract):
    right: ClassVar = [
        (check_halving, halving),
        (check_halving, halving_with_a_dictionary),
        (check_wider, wider),
        (check_wider, wider_by_numpy),
    ]
    wrong: ClassVar = [(check_halving, HALVING), (check_wider, WIDER)]


def test_the_oracle_is_a_network_with_one_hidden_layer():
    rng = np.random.default_rng(0)
    incoming, outgoing, x = rng.normal(size=(4, 3)), rng.normal(size=(2, 4)), rng.normal(size=3)
    assert np.allclose(outputs(incoming, outgoing, x), outgoing @ np.maximum(incoming @ x, 0))
