"""What a complete table knows, against counting it out, and the pictures of it."""

import random

import numpy as np
import pytest
from legible import assert_legible

from nas_edu import draw
from nas_edu.nas_bench import Table
from nas_edu.nas_bench.analysis import correlation_by_distance, operation_effects
from nas_edu.search_spaces import TinyCell
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS

SPACE = TinyCell()
DIGITS = np.array([[OPERATIONS.index(operation) for operation in cell.operations] for cell in SPACE], dtype=np.uint8)


def table_of(accuracy, *, task="made up", rows=None):
    """A table whose validation accuracies (S, F) are given."""
    accuracy = np.asarray(accuracy, dtype=float)
    seeds, functions = accuracy.shape
    curves = dict.fromkeys(("train_loss", "validation_loss", "validation_accuracy", "seconds"), accuracy[..., None])
    return Table(
        task,
        seeds=np.arange(seeds),
        epochs=np.array([1.0]),
        curves=curves,
        test=accuracy,
        row_of_cell=np.arange(len(SPACE)) if rows is None else rows,
        sizes={name: np.arange(1, functions + 1) ** 1.2 for name in ("parameters", "macs")},
    )


@pytest.fixture(scope="module")
def smooth():
    """Accuracy made of effects of single edges, and noise on top."""
    draw_ = np.random.default_rng(0)
    effects = draw_.normal(0, 0.05, (len(EDGES), len(OPERATIONS)))
    single = effects[np.arange(len(EDGES)), DIGITS].sum(1)
    noise = draw_.normal(0, 0.03, (2, len(SPACE)))
    return effects, table_of(np.clip(0.6 + single + noise, 0, 1))


def test_the_worth_of_an_operation_is_the_effect_that_was_put_in(smooth):
    effects, table = smooth
    expected = 100 * (effects - effects.mean(1, keepdims=True))
    np.testing.assert_allclose(100 * operation_effects(table), expected, atol=0.35)


def test_the_worth_of_an_operation_is_a_mean_over_cells(smooth):
    _, table = smooth
    values = table.column("validation_accuracy")
    for edge in range(len(EDGES)):
        for place in range(len(OPERATIONS)):
            mean = values[DIGITS[:, edge] == place].mean() - values.mean()
            assert operation_effects(table)[edge, place] == pytest.approx(mean, abs=1e-12)


def test_the_correlation_is_that_of_all_pairs_counted_out():
    values = np.random.default_rng(2).random(len(SPACE))
    values += DIGITS.sum(1) / 10
    centered = values - values.mean()
    sums, pairs = np.zeros(7), np.zeros(7)
    for start in range(0, len(SPACE), 625):
        part = slice(start, start + 625)
        distance = sum((DIGITS[part, None, edge] != DIGITS[None, :, edge]).astype(np.uint8) for edge in range(6))
        sums += np.bincount(distance.ravel(), weights=np.outer(centered[part], centered).ravel(), minlength=7)
        pairs += np.bincount(distance.ravel(), minlength=7)
    np.testing.assert_allclose(
        correlation_by_distance(table_of([values])), sums / pairs / centered.var(), rtol=1e-9, atol=1e-12
    )


def test_single_effects_alone_are_forgotten_edge_by_edge():
    """A sum of effects of single edges has rho(d) = 1 - d (1 + 1/4) / 6: other operations oppose it by 1/4."""
    effects = np.random.default_rng(3).normal(size=(6, 5))
    values = effects[np.arange(6), DIGITS].sum(1)
    np.testing.assert_allclose(
        correlation_by_distance(table_of([values])), [1 - d * 1.25 / 6 for d in range(7)], atol=1e-9
    )


def test_the_landscape_of_an_unfinished_table_is_refused(smooth):
    unfinished = np.full((1, len(SPACE)), np.nan)
    unfinished[0, :9000] = 0.5
    with pytest.raises(LookupError, match="6,625 of 15,625 cells have no validation_accuracy"):
        correlation_by_distance(table_of(unfinished))


# --- pictures --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pictures(smooth):
    _, table = smooth
    other = table_of(np.random.default_rng(5).random((1, len(SPACE))))
    return {
        "distribution": draw.distribution(table, title="Made up"),
        "sizes": draw.sizes(table, title="Made up"),
        "seed_noise": draw.seed_noise(table, title="Made up"),
        "ranks": draw.ranks({"one": table, "other": other, "third": table}, title="Made up"),
        "worth": draw.operation_effects(table),
        "landscape": draw.landscape(table, title="Made up"),
    }


@pytest.mark.parametrize("name", ["distribution", "sizes", "seed_noise", "ranks", "worth", "landscape"])
def test_pictures_can_be_read(pictures, name):
    assert_legible(pictures[name])


def test_the_descriptions_say_what_the_picture_shows(pictures, smooth):
    _, table = smooth
    values = table.column("validation_accuracy")
    assert f"median {np.median(values):.1%}, best {values.max():.1%}" in pictures["distribution"].alt
    assert "tau 1.00 between one and third" in pictures["ranks"].alt
    assert f"{correlation_by_distance(table)[1]:.2f}" in pictures["landscape"].alt
    from scipy.stats import spearmanr

    rho = spearmanr(table.column("validation_accuracy", seed=0), table.column("validation_accuracy", seed=1)).statistic
    assert f"Spearman {rho:.3f}" in pictures["seed_noise"].alt


def test_the_noise_of_a_sample_is_that_of_its_cells_only(smooth):
    from scipy.stats import spearmanr

    _, table = smooth
    places = random.Random(0).sample(range(len(SPACE)), 40)
    one, other = (table.column("validation_accuracy", seed=seed)[places] for seed in table.seeds)
    picture = draw.seed_noise(table, cells=[SPACE[place] for place in places])
    assert f"Spearman {spearmanr(one, other).statistic:.3f}" in picture.alt
    assert f"less than {100 * np.median(np.abs(one - other)):.1f} points" in picture.alt


def test_functions_count_once_and_untrained_ones_not_at_all():
    rows = np.arange(len(SPACE)) // 5
    accuracy = np.random.default_rng(1).random((1, 3125))
    accuracy[0, 100:] = np.nan
    table = table_of(accuracy, rows=rows)
    assert "over 100 functions" in draw.sizes(table).alt
    assert len(draw.sizes(table).axes[0].collections[0].get_offsets()) == 100
    assert "500 cells" in draw.distribution(table).alt


def test_pictures_that_need_more_say_so(smooth):
    _, table = smooth
    with pytest.raises(ValueError, match="no two seeds"):
        draw.seed_noise(table_of([[0.5] * len(SPACE)]))
    with pytest.raises(ValueError, match="two tables or more, got one"):
        draw.ranks({"one": table})
