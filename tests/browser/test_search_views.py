"""The views of the lectures on evolution, reinforcement learning and DARTS, with Run pressed and sliders moved."""

import re

from conftest import ARTIFACTS
from lab import wait_until
from test_explorers import Explorer
from test_live_view import SEARCH

STRATEGIES = (
    SEARCH
    + """
from nas_edu.performance_estimation import WithResources
from nas_edu.search_strategies import nsga2, random_search, reinforce
from nas_edu.search_strategies.controller import TabularController

def slowly(cell, **_):
    return evaluate(cell, 0.05)
"""
)


def run_and_pause(notebook, index, events, name):
    dashboard = notebook.dashboard(index)
    empty = dashboard.drawing()
    dashboard.press("Run")
    wait_until(lambda: dashboard.events >= events, f"{events} events")
    assert dashboard.drawing() != empty
    assert not dashboard.stands_still()
    dashboard.press("Pause")
    wait_until(lambda: dashboard.state == "paused", "paused", 5)
    for theme in ("dark", "light"):
        notebook.set_theme(theme)
        notebook.screenshot(ARTIFACTS / f"{name}_{theme}.png", dashboard.root)
    return dashboard


def test_family_tree_race_front_and_policy_grow(open_lab):
    notebook = open_lab(
        [
            STRATEGIES,
            "live(lambda: evolution(slowly), Budget(evaluations=900), [population, family_tree])",
            "race = Race({'random search': lambda: random_search(space, slowly, rng=random.Random(1)),\n"
            "             'evolution': lambda: evolution(slowly)})\n"
            "live(race, Budget(evaluations=900), [race.incumbents, race.standings])",
            "counted = WithResources(slowly, {'parameters': lambda cell: 1000 * len(cell.live_edges)})\n"
            "live(lambda: nsga2(space, counted, rng=random.Random(0)), Budget(evaluations=900), [pareto_view()])",
            "live(lambda: reinforce(space, slowly, controller=TabularController, rng=random.Random(0)),\n"
            "     Budget(evaluations=900), [policy_view(space.hyperparameters), reward, current_cell])",
        ]
    )
    notebook.run_all()
    notebook.assert_no_errors()
    tree = run_and_pause(notebook, 0, 40, "family_tree")
    assert tree.root.get_by_text(re.compile("generation [1-9]")).count()
    race = run_and_pause(notebook, 1, 20, "race")
    assert race.root.get_by_text(re.compile("leads with")).count()
    front = run_and_pause(notebook, 2, 30, "pareto_front")
    assert front.root.get_by_text(re.compile("on the front, up to")).count()
    run_and_pause(notebook, 3, 20, "policy")
    notebook.assert_no_errors()


def test_the_wheel_spins_and_its_slider_makes_it_select(open_lab):
    notebook = open_lab(["from nas_edu.widgets import *", "explore_wheel();"])
    notebook.run_all()
    wheel = Explorer(notebook)
    picture = wheel.root.locator(".nas-panels")
    wheel.press("Spin")
    wait_until(lambda: "becomes a parent" in picture.inner_text(), "the parent", 2)
    wheel.press("Spin 100 times")
    wait_until(lambda: "Drawn in 101 spins" in picture.inner_text(), "the counts", 2)
    notebook.screenshot(ARTIFACTS / "wheel.png", wheel.root)
    before = re.findall(r"expected [\d.]+", picture.inner_text())
    wheel.control("Subtract from all").fill("0.9")
    wheel.press("Spin 100 times")
    wait_until(lambda: "Drawn in 100 spins" in picture.inner_text(), "the counts after the slider", 2)
    assert re.findall(r"expected [\d.]+", picture.inner_text()) != before
    notebook.assert_no_errors()


def test_the_alphas_move_and_the_time_slider_leads_back(open_lab):
    notebook = open_lab(
        [
            "from nas_edu.data import load\nfrom nas_edu.nas_bench import NASBenchEdu\nfrom nas_edu.widgets import *",
            "theatre = alpha_theatre(load('mnist1d'), NASBenchEdu.load('mnist1d'), steps=200)",
            "replay(theatre.search.history, theatre.search.views);",
        ]
    )
    notebook.run_all()
    assert notebook.page.get_by_text("settings of the next search").count() == 1
    settings = Explorer(notebook)
    settings.control("Rate of alpha").select_option("0.03")
    theatre = run_and_pause(notebook, 0, 20, "alpha_theatre")
    height = sum(root.bounding_box()["height"] for root in (settings.root, theatre.root))
    assert height <= 768, f"{height} pixels do not fit a projector"
    notebook.screenshot(ARTIFACTS / "alpha_theatre_whole.png")
    before = theatre.drawing()
    settings.control("Edge in colour").select_option("2-3")
    wait_until(lambda: theatre.drawing() != before, "another edge in colour", 3)
    theatre.press("Stop")
    theatre.wait_for_state("stopped", 5)
    steps = theatre.events

    notebook.run_cell(2)
    wait_until(lambda: notebook.page.locator(".nas-state").count() == 2, "the replay", 20)
    replay = notebook.dashboard(1)
    wait_until(lambda: replay.events == steps, "all steps", 5)
    end = replay.drawing()
    replay.root.locator("input[type=range]").fill("5")
    wait_until(lambda: replay.events == 5, "the fifth step", 3)
    assert replay.drawing() != end
    notebook.screenshot(ARTIFACTS / "alpha_replay.png", replay.root)
    notebook.assert_no_errors()


def test_mixture_and_toy_follow_their_sliders(open_lab):
    notebook = open_lab(
        [
            "from nas_edu.data import load\nfrom nas_edu.widgets import *",
            "explore_mixed_operation(load('mnist1d'));",
            "explore_toy_bilevel();",
        ]
    )
    notebook.run_all()
    for index, name in enumerate(("mixed_operation", "toy_bilevel")):
        explorer = Explorer(notebook, index)
        before = explorer.root.locator(".nas-panels").inner_html()
        slider = explorer.root.locator("input[type=range]").first
        slider.fill(slider.get_attribute("max"))
        wait_until(lambda: explorer.root.locator(".nas-panels").inner_html() != before, f"{name} changes", 3)  # noqa: B023
        notebook.screenshot(ARTIFACTS / f"{name}.png", explorer.root)
    notebook.assert_no_errors()
