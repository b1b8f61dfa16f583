"""The explorers of lecture 2 in a real JupyterLab: motifs opened and closed, words derived, rules edited."""

from conftest import ARTIFACTS
from lab import ROOT, wait_until
from test_explorers import Explorer

HIERARCHY = """
from nas_edu.widgets import explore_hierarchy

explorer = explore_hierarchy(hierarchy=(
    "2.1=|nor_conv_1x1~0|+|skip_connect~0|sep_conv_3x3~1| 2.2=|max_pool_3x3~0|+|none~0|nor_conv_1x1~1| "
    "2.3=|none~0|+|avg_pool_3x3~0|none~1| 3.1=|2.1~0|+|none~0|2.1~1|+|2.3~0|none~1|2.2~2|"))
"""
GRAMMAR = """
from nas_edu.widgets import explore_grammar

explorer = explore_grammar()
"""


def in_both_themes(notebook, explorer, name):
    for theme in ("dark", "light"):
        notebook.set_theme(theme)
        notebook.screenshot(ARTIFACTS / f"{name}_{theme}.png", explorer.root)


def test_motifs_open_by_click_down_to_primitives_and_close_again(open_lab):
    notebook = open_lab([HIERARCHY, "print(explorer.state.opened)"])
    notebook.run_all()
    explorer = Explorer(notebook)
    explorer.wait_for("Open: 3.1.", 10)
    explorer.click("open 3.1 0-1")
    explorer.wait_for("Open: 3.1 > 2.1.")
    in_both_themes(notebook, explorer, "explore_hierarchy")
    explorer.click("open 2.1 1-2")
    explorer.wait_for("sep_conv_3x3, a primitive")
    explorer.click("open 3.1 2-3")
    explorer.wait_for("Open: 3.1 > 2.2.")
    explorer.press("Undo")
    explorer.wait_for("Open: 3.1 > 2.1.")
    explorer.click("open 3.1 0-1")
    explorer.wait_for("Closed 2.1")
    explorer.press("Mutate level 2")
    explorer.wait_for("the network uses it")
    explorer.press("Random")
    explorer.wait_for("A random hierarchy")
    notebook.run_cell(1)
    notebook.wait_for_kernel()
    assert "()" in notebook.page.locator(".jp-Cell").nth(1).inner_text()
    notebook.assert_no_errors()


def test_a_word_is_derived_and_an_ill_formed_grammar_answers(open_lab):
    notebook = open_lab([GRAMMAR, "print(explorer.state.tree)"])
    notebook.run_all()
    explorer = Explorer(notebook)
    explorer.wait_for("S (one of 370,389 derivations)", 10)
    for key in ("rule 0", "rule 1", "rule 2", "rule 3"):
        explorer.click(key)
        wait_until(lambda: explorer.control("Rules").input_value() != "", "the rules are shown", 2)
    explorer.wait_for("Linear(Residual(conv, id, S), S, S)")
    in_both_themes(notebook, explorer, "explore_grammar")
    explorer.press("Step")
    explorer.press("Derive at random")
    wait_until(lambda: " S" not in explorer.text and "(S" not in explorer.text, "the word is complete", 5)
    explorer.click("node 0")
    wait_until(lambda: "S," in explorer.text, "the first child is open again", 2)
    rules = explorer.control("Rules")
    rules.fill("S -> Linear(S, conv)")
    rules.blur()
    explorer.wait_for("ill-formed", 5)
    assert "S never ends" in explorer.root.locator("svg").first.text_content()
    assert explorer.root.get_by_role("button", name="Step", exact=True).is_disabled()
    in_both_themes(notebook, explorer, "explore_grammar_ill_formed")
    rules.fill("S -> Linear(S, S) | conv")
    rules.blur()
    explorer.wait_for("(one of 5 derivations)", 5)
    explorer.press("Derive at random")
    wait_until(lambda: "conv" in explorer.text, "a word of the new grammar", 5)
    notebook.assert_no_errors()


def test_lecture_2_runs_and_shows_its_four_explorers(open_lab):
    notebook = open_lab(ROOT / "lectures" / "02_search_spaces.ipynb")
    notebook.run_all(240)
    assert notebook.first_picture is not None
    notebook.assert_no_errors()
    views = [
        output
        for cell in notebook.save()["cells"]
        for output in cell.get("outputs", [])
        if "application/vnd.jupyter.widget-view+json" in output.get("data", {})
    ]
    assert ["".join(view["data"]["text/plain"]) for view in views] == [
        "live: Stacker: cells into a network",
        "live: Cell explorer",
        "live: Hierarchy explorer",
        "live: Grammar deriver",
    ]
