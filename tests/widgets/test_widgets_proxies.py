"""The explorers of zero-cost proxies and the live views of their agreement, each held against a plain computation."""

import random
import time

import numpy as np
import pytest
from scipy import stats

from nas_edu.core import Budget, Evaluation, History, run_trial, search
from nas_edu.data import load
from nas_edu.draw.panel import lay_out
from nas_edu.nas_bench import NASBenchEdu, Proxies
from nas_edu.nas_bench.statistics import RunningKendall, estimate, kendall, quick_interval
from nas_edu.networks import build
from nas_edu.one_shot import one_shot_selection
from nas_edu.performance_estimation import ZeroCost
from nas_edu.performance_estimation.zero_cost import nwot_kernel
from nas_edu.search_spaces import Subspace, TinyCell
from nas_edu.search_strategies import random_search, regularized_evolution, reinforce, tpe
from nas_edu.widgets import (
    explore_nwot,
    explore_proxies,
    explore_proxy_combination,
    explore_proxy_matrix,
    live,
    proxy_scatter,
    proxy_tau,
)

SPACE = TinyCell()


@pytest.fixture(scope="module")
def table():
    return NASBenchEdu.load("mnist1d")


@pytest.fixture(scope="module")
def others():
    return {"mnist1d-shuffled": Proxies.load("mnist1d-shuffled")}


@pytest.fixture(scope="module")
def functions(table):
    """Cells, one of each trained function."""
    first = table.functions
    return first[~np.isnan(table.column("validation_accuracy")[first])]


@pytest.fixture(scope="module")
def trained(table):
    known = ~np.isnan(table.column("validation_accuracy"))
    return Subspace(SPACE, [SPACE[int(place)] for place in np.flatnonzero(known)])


def test_running_tau_is_tau_of_every_prefix():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 6, 40).astype(float), rng.normal(size=40)
    x[7] = -np.inf
    running = RunningKendall()
    running.extend([])
    for start, end in ((0, 1), (1, 1), (1, 17), (17, 40)):
        running.extend(list(zip(x[start:end], y[start:end], strict=True)))
    for count in range(3, 41):
        assert running.taus[count - 1] == pytest.approx(stats.kendalltau(x[:count], y[:count]).statistic, nan_ok=True)


@pytest.mark.parametrize("count", [2, 5, 40, 200, 201, 500])
def test_tau_of_few_and_of_many_is_that_of_scipy(count):
    rng = np.random.default_rng(count)
    x, y = rng.integers(0, 9, count).astype(float), rng.normal(size=count)
    x[0] = -np.inf
    assert kendall(x, y) == pytest.approx(stats.kendalltau(x, y).statistic, abs=1e-12)
    assert np.isnan(kendall(np.ones(count), y))


def test_the_quick_interval_is_near_the_bootstrap_and_covers_as_often_as_it_says():
    rng = np.random.default_rng(1)

    def pair(count):
        shared = rng.normal(size=count)
        return shared + rng.normal(size=count), shared + rng.normal(size=count)

    x, y = pair(200)
    by_bootstrap = estimate(kendall, x, y)
    assert quick_interval(kendall(x, y), 200) == pytest.approx(by_bootstrap[1:3], abs=0.03)
    truth = 2 / np.pi * np.arcsin(0.5)  # of two normal variables with correlation 0.5
    inside = 0
    for _ in range(400):
        low, high = quick_interval(kendall(*pair(30)), 30)
        inside += low <= truth <= high
    assert 0.91 <= inside / 400 <= 0.985
    assert np.isnan(quick_interval(0.5, 9)).all()


def test_a_subspace_proposes_only_what_is_allowed_and_mutates_by_one_edge_where_it_can(trained):
    rng = random.Random(0)
    drawn = [trained.sample(rng) for _ in range(50)]
    assert all(cell in trained for cell in drawn)
    for cell in drawn:
        child = trained.mutate(cell, rng)
        assert child in trained
        if trained.neighbors(cell):
            assert child != cell
    history = search(regularized_evolution(trained, lambda a: Evaluation(len(str(a))), rng=rng), Budget(evaluations=60))
    assert all(trial.architecture in trained for trial in history.trials)
    with pytest.raises(ValueError, match="empty part"):
        Subspace(SPACE, [])


def test_a_lonely_architecture_is_left_by_several_mutations():
    far = [SPACE[0], SPACE[len(SPACE) - 1]]
    alone = Subspace(SPACE, far)
    assert alone.neighbors(far[0]) == []
    assert {alone.mutate(far[0], random.Random(seed)) for seed in range(5)} == {far[1]}
    with pytest.raises(ValueError, match="nothing that it could be mutated to"):
        Subspace(SPACE, far[:1]).mutate(far[0], random.Random(0))


@pytest.fixture
def part():
    """Thirty cells, of fewer functions; among them one that comes later in the order than an equal one outside."""
    cells = random.Random(0).sample(list(SPACE), 29)
    return Subspace(SPACE, [*cells, next(cell for cell in SPACE if cell.canonical not in (cell, *cells))])


def test_tpe_does_not_leave_a_part_of_a_space_and_a_controller_refuses_it(part):
    def evaluate(cell, *, epochs=None, resume=None):
        return Evaluation(len(str(cell)))

    history = search(tpe(part, evaluate, initial=4, rng=random.Random(0)), Budget(evaluations=100))
    found = [trial.architecture for trial in history.trials]
    assert len(found) == len(part) == 30
    assert set(found) == set(part)
    with pytest.raises(ValueError, match="outside this part of the space"):
        search(reinforce(part, evaluate, rng=random.Random(0)), Budget(evaluations=100))
    for cell in part:
        assert part.from_config(SPACE.to_config(cell)) == cell


def test_the_distinct_ones_of_a_part_are_allowed_and_as_many_as_it_has_functions(part):
    distinct = part.distinct()
    assert set(distinct) <= set(part)
    functions = {cell.canonical for cell in part}
    assert len(distinct) == len(functions)
    assert {cell.canonical for cell in distinct} == functions
    assert not functions <= set(part)

    def evaluate(cell, *, epochs=None, resume=None):
        return Evaluation(len(str(cell)))

    selection = one_shot_selection(part, evaluate, evaluate, samples=len(distinct), rng=random.Random(0))
    assert len(list(selection)) == len(distinct) + 1
    with pytest.raises(ValueError, match=f"samples <= {len(functions)} functions"):
        next(one_shot_selection(part, evaluate, evaluate, samples=len(distinct) + 1, rng=random.Random(0)))


def test_the_live_views_show_the_pairs_and_their_tau(table, trained):
    evaluate = table.proxies.estimator("nwot")
    watched = live(
        lambda: random_search(trained, evaluate, rng=random.Random(0)),
        Budget(evaluations=60),
        views=[proxy_scatter(table), proxy_tau(table)],
    )
    x, y = [], []
    for trial in watched.history.trials:
        if not trial.failed:
            x.append(trial.score)
            y.append(table.query(trial.architecture).validation_accuracy)
    scatter, tau = proxy_scatter(table)(watched.history), proxy_tau(table)(watched.history)
    assert list(scatter.marks[0].points) == list(zip(x, y, strict=True))
    assert scatter.x.title == "nwot, untrained"
    last = tau.marks[1].paths[0][-1]
    assert last == (len(x), pytest.approx(stats.kendalltau(x, y).statistic))
    low, high = (path[-1][1] for path in tau.marks[0].paths)
    assert low < last[1] < high


def test_live_views_look_at_the_history_that_they_are_given(table, trained):
    """They keep what they have seen; a search that begins anew, or a slider that goes back, must not see it."""
    evaluate, budget = table.proxies.estimator("nwot"), Budget(evaluations=30)
    histories = [search(random_search(trained, evaluate, rng=random.Random(seed)), budget) for seed in range(2)]
    first = History(histories[0].trials[:12])
    scatter, tau = proxy_scatter(table), proxy_tau(table)
    for history in (first, histories[0], histories[1], first, History(), histories[1]):
        assert scatter(history) == proxy_scatter(table)(history)
        assert tau(history) == proxy_tau(table)(history)


def test_live_views_count_what_they_cannot_show(table, trained):
    def no_value(cell, *, epochs=None, resume=None):
        raise ArithmeticError("no value")

    shown = trained.sample(random.Random(0))
    known = run_trial(table.proxies.estimator("params"), shown)
    history = History([known, run_trial(no_value, shown)])
    assert "1 networks" in proxy_scatter(table)(history).subtitle
    assert "1 left out" in proxy_scatter(table)(history).subtitle
    for empty in (History([]), history):
        lay_out(proxy_tau(table)(empty))


def test_a_frame_of_the_live_views_leaves_time_for_eight_a_second(table, trained):
    evaluate = table.proxies.estimator("nwot")
    history = search(random_search(trained, evaluate, rng=random.Random(0)), Budget(evaluations=200))
    views, costs = [proxy_scatter(table), proxy_tau(table)], []
    for _ in range(5):
        started = time.thread_time()
        for view in views:
            lay_out(view(history))
        costs.append(time.thread_time() - started)
    assert min(costs) < 0.04, costs


def test_a_live_search_that_really_scores(table, trained):
    estimator = ZeroCost("nwot", load("mnist1d"))
    watched = live(
        lambda: random_search(trained, estimator, rng=random.Random(0)),
        Budget(evaluations=3),
        views=[proxy_scatter(table), proxy_tau(table)],
    )
    for trial in watched.history.trials:
        assert trial.score == pytest.approx(table.column("nwot")[SPACE.index(trial.architecture)], rel=1e-3)


def test_tau_of_the_explorer_is_tau_of_the_table(table, others, functions):
    explorer = explore_proxies(table, others)
    for proxy, task in (("snip", "mnist1d"), ("nwot", "mnist1d-shuffled")):
        explorer.set("task", task)
        explorer.set("proxy", proxy)
        source = table if task == "mnist1d" else others[task]
        x, y = source.column(proxy)[functions], table.column("validation_accuracy")[functions]
        assert f"tau {kendall(x, y):.2f} (" in explorer.text
        explorer.set("subset", "best tenth")
        best = y >= np.quantile(y, 0.9)
        assert f"tau {kendall(x[best], y[best]):.2f} (" in explorer.text
        assert f"{best.sum()} functions" in explorer.text
        explorer.set("subset", "all")


def test_clicking_a_dot_shows_its_cell(table, others, functions):
    explorer = explore_proxies(table, others)
    for key in random.Random(0).sample(explorer.clickable, 4):
        explorer.click(key)
        cell = SPACE[int(functions[int(key.removeprefix("function "))])]
        graph = explorer.panels[1].marks[0]
        shown = {(edge.source, edge.target): edge.operation for edge in graph.edges}
        assert shown == {edge: name for edge, name in cell.edges.items() if edge in shown}
        assert explorer.panels[1].subtitle == f"accuracy {table.query(cell).validation_accuracy:.1%}"
        assert (
            dict(explorer.panels[2].marks[0].rows)["Parameters"]
            == f"{table.column('parameters')[SPACE.index(cell)]:,.0f}"
        )


def test_colours_divide_the_dots_and_lose_none(table):
    explorer = explore_proxies(table)
    dots = sum(len(mark.keys) for mark in explorer.panels[0].marks)
    for colour in ("parameters", "3x3 convolutions"):
        explorer.set("colour", colour)
        marks = [mark for mark in explorer.panels[0].marks if mark.keys]
        assert len(marks) == 3
        assert sum(len(mark.keys) for mark in marks) == dots
        assert len({mark.shape for mark in marks}) == 3  # told apart without colour


def test_an_unknown_proxy_is_refused(table):
    with pytest.raises(ValueError, match="no proxy 'nwott'; did you mean 'nwot'"):
        explore_proxies(table, proxy="nwott")
    with pytest.raises(ValueError, match="no proxy 'x'"):
        explore_proxy_combination(table, ["nwot", "x"])


def test_the_matrix_is_symmetric_and_each_field_is_the_tau_of_its_pair(table, others, functions):
    explorer = explore_proxy_matrix(table, others)
    grid = explorer.panels[0].marks[0]
    np.testing.assert_array_equal(np.array(grid.values), np.array(grid.values).T)
    for task, source in {"mnist1d": table, **others}.items():
        explorer.set("task", task)
        for key in random.Random(1).sample(explorer.clickable, 5):
            explorer.click(key)
            names = key.removeprefix("pair ").split(" ")
            x, y = (
                table.column("validation_accuracy")[functions] if name == "accuracy" else source.column(name)[functions]
                for name in names
            )
            assert explorer.text.endswith(f"tau {kendall(x, y):.2f}.")
            assert dict(explorer.panels[2].marks[0].rows)[task] == f"{kendall(x, y):.2f}"
            (row, column), grid = explorer.panels[0].marks[0].marked[0], explorer.panels[0].marks[0]
            assert grid.values[row][column] == pytest.approx(kendall(x, y))
        explorer.run_here()


def test_the_kernel_of_a_cell_is_that_of_the_library():
    import torch

    task, cell = load("mnist1d"), NASBenchEdu.load("mnist1d").optimum
    explorer = explore_nwot(task, {"a cell": cell})
    explorer.set("network", "a cell")
    kernel = nwot_kernel(build(cell, task), torch.as_tensor(task.train.inputs[:8])).numpy()
    np.testing.assert_array_equal(np.array(explorer.panels[2].marks[0].values), kernel)
    explorer.click("pair 2-5")
    assert f"agree on {int(kernel[2, 5]):,} of {int(kernel[0, 0]):,}" in explorer.text


def test_codes_of_the_small_network_count_the_lines_between_two_samples():
    explorer = explore_nwot(load("mnist1d"), {})
    for relus in (1, 4, 12):
        explorer.set("ReLUs", relus)
        explorer.press("Other weights")
        codes = np.array(explorer.panels[1].marks[0].values)
        kernel = np.array(explorer.panels[2].marks[0].values)
        assert codes.shape == (8, relus)
        for i, j in ((0, 3), (2, 7), (5, 5)):
            explorer.click(f"pair {i}-{j}")
            assert kernel[i, j] == (codes[i] == codes[j]).sum()
            marked = explorer.panels[1].marks[0].marked
            assert len(marked) == len({i, j}) * (codes[i] != codes[j]).sum() or i == j
        same = len(np.unique(codes, axis=0)) < len(codes)
        assert ("no value" in explorer.text) or not same
        explorer.run_here()
    with pytest.raises(ValueError, match="no ReLU was reached"):
        explore_nwot(
            load("mnist1d"), {"skips": SPACE.parse("|skip_connect~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|")}
        )
    with pytest.raises(ValueError, match="another name"):
        explore_nwot(load("mnist1d"), {"two inputs": SPACE[0]})


def test_the_combination_is_the_weighted_sum_of_ranks_on_the_other_half(table, functions):
    names = ("params", "nwot", "snip")
    explorer = explore_proxy_combination(table, names)
    for name, weight in zip(names, (0.5, 1.0, -0.25), strict=True):
        explorer.set(name, weight)
    ranks = np.stack([stats.rankdata(table.column(name)[functions]) for name in names])
    fit = set(random.Random(0).sample(range(len(functions)), len(functions) // 2))
    rest = [row for row in range(len(functions)) if row not in fit]
    combined = np.array([0.5, 1.0, -0.25]) @ ranks
    tau = kendall(combined[rest], table.column("validation_accuracy")[functions][rest])
    assert f"combination {tau:.2f} (" in explorer.text
    explorer.press("Learn")
    best = float(explorer.text.rsplit(" ", 1)[1].rstrip("."))
    assert float(explorer.text.split("combination ")[1][:4]) >= best - 0.02  # the weights could have chosen one proxy
    for name in names:
        explorer.set(name, 0.0)
    assert "no order" in explorer.text
    explorer.run_here()


def test_an_answer_takes_little_of_the_processor(table, others):
    explorers = [explore_proxies(table, others), explore_proxy_matrix(table, others), explore_proxy_combination(table)]
    uses = [lambda e: e.set("proxy", "snip"), lambda e: e.click("pair snip nwot"), lambda e: e.set("nwot", 0.5)]
    for explorer, use in zip(explorers, uses, strict=True):
        started = time.thread_time()
        use(explorer)
        explorer._look()
        assert time.thread_time() - started < 0.1
