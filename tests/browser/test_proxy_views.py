"""The views of the lecture on zero-cost proxies: a scatter that fills while networks are scored, and explorers."""

import re

from conftest import ARTIFACTS
from lab import wait_until
from test_explorers import Explorer
from test_search_views import run_and_pause

TABLE = """
import random
import numpy as np
from nas_edu.core import Budget
from nas_edu.data import load
from nas_edu.nas_bench import NASBenchEdu, Proxies
from nas_edu.performance_estimation import ZeroCost
from nas_edu.search_spaces import Subspace, TinyCell
from nas_edu.search_strategies import random_search
from nas_edu.widgets import *

table, space, task = NASBenchEdu.load("mnist1d"), TinyCell(), load("mnist1d")
others = {"mnist1d-shuffled": Proxies.load("mnist1d-shuffled")}
"""
TAU = re.compile(r"tau (-?\d\.\d\d)")


def test_the_scatter_fills_while_networks_are_scored(open_lab):
    notebook = open_lab(
        [
            TABLE + "known = np.flatnonzero(~np.isnan(table.column('validation_accuracy')))\n"
            "cells = Subspace(space, [space[int(place)] for place in known])",
            "nwot = ZeroCost('nwot', task)\n"
            "live(lambda: random_search(cells, nwot, rng=random.Random(0)), Budget(evaluations=900),\n"
            "     views=[proxy_scatter(table), proxy_tau(table), current_cell]);",
        ]
    )
    notebook.run_all()
    dashboard = run_and_pause(notebook, 0, 20, "proxy_scatter")
    told = dashboard.root.inner_text()
    assert int(re.search(r"(\d+) networks, untrained", told)[1]) >= 20
    assert TAU.search(told)
    notebook.assert_no_errors()


def test_scatter_and_matrix_answer_questions(open_lab):
    notebook = open_lab([TABLE, "explore_proxies(table, others);", "explore_proxy_matrix(table, others);"])
    notebook.run_all()
    scatter, matrix = Explorer(notebook, 0), Explorer(notebook, 1)
    first = scatter.text
    scatter.control("proxy").select_option("params")
    scatter.wait_for("params: tau")
    assert TAU.search(scatter.text)[1] != TAU.search(first)[1]
    scatter.control("computed on").select_option("mnist1d-shuffled")
    scatter.wait_for("on mnist1d-shuffled")
    whole = scatter.text
    scatter.control("cells").select_option("best tenth")
    wait_until(lambda: scatter.text != whole, "the tau of the best tenth", 2)
    scatter.control("colour by").select_option("3x3 convolutions")
    wait_until(lambda: "no 3x3" in scatter.root.inner_text(), "the legend", 2)
    before = scatter.root.locator("svg").nth(1).inner_html()
    dot = scatter.root.locator('[data-click^="function "]').nth(7).get_attribute("data-click")
    scatter.click(dot)
    wait_until(lambda: scatter.root.locator("svg").nth(1).inner_html() != before, "the cell of the dot", 2)

    matrix.click("pair snip nwot")
    matrix.wait_for("snip and nwot, computed on mnist1d:")
    matrix.control("computed on").select_option("mnist1d-shuffled")
    matrix.wait_for("computed on mnist1d-shuffled:", 5)
    for theme in ("dark", "light"):
        notebook.set_theme(theme)
        notebook.screenshot(ARTIFACTS / f"proxies_{theme}.png", scatter.root)
        notebook.screenshot(ARTIFACTS / f"proxy_matrix_{theme}.png", matrix.root)
    notebook.assert_no_errors()


def test_the_kernel_is_clicked_and_a_combination_is_learned(open_lab):
    notebook = open_lab(
        [
            TABLE,
            "explore_nwot(task, {'a cell': space.parse('|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_1x1~1|+'\n"
            "                                          '|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|')});",
            "explore_proxy_combination(table);",
        ]
    )
    notebook.run_all()
    codes, mixer = Explorer(notebook, 0), Explorer(notebook, 1)
    small = codes.text
    codes.press("Other weights")
    wait_until(lambda: codes.text != small, "the status of other weights", 3)
    codes.control("network").select_option("a cell")
    wait_until(lambda: not codes.root.get_by_role("button", name="Other weights").is_enabled(), "the cell's kernel", 5)
    pair = codes.root.locator('[data-click*=" "]').nth(3).get_attribute("data-click")
    before = codes.root.locator(".nas-panels").inner_html()
    codes.click(pair)
    wait_until(lambda: codes.root.locator(".nas-panels").inner_html() != before, "the pair is framed", 3)

    alone = mixer.text
    mixer.control("params").fill("1")
    wait_until(lambda: mixer.text != alone, "another combination", 2)
    by_hand = mixer.text
    mixer.press("Learn")
    wait_until(lambda: mixer.text != by_hand, "the learned weights", 5)
    for theme in ("dark", "light"):
        notebook.set_theme(theme)
        notebook.screenshot(ARTIFACTS / f"nwot_codes_{theme}.png", codes.root)
        notebook.screenshot(ARTIFACTS / f"proxy_combination_{theme}.png", mixer.root)
    notebook.assert_no_errors()
