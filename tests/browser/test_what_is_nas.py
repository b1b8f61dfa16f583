"""The explorers of lecture 1 in a real JupyterLab: the three components, the history of NAS, the budget."""

from lab import wait_until
from test_explorers import Explorer
from test_space_explorers import in_both_themes

COMPONENTS = "from nas_edu.widgets import explore_components\n\ndiagram = explore_components()"
TIMELINE = "from nas_edu.widgets import explore_timeline\n\ntimeline = explore_timeline()"
BUDGET = """
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.widgets import explore_budget

budgets = explore_budget(NASBenchEdu.load("mnist1d"), epochs=1)
"""


def shows(explorer, text, seconds=5):
    """Until one of the pictures says so."""
    wait_until(lambda: any(text in one for one in explorer.root.locator("svg").all_text_contents()), text, seconds)


def test_boxes_tell_about_themselves_and_the_button_couples_two(open_lab):
    notebook = open_lab([COMPONENTS])
    notebook.run_all()
    explorer = Explorer(notebook)
    shows(explorer, "What may be built?")
    explorer.click("estimation")
    shows(explorer, "How good is it?")
    explorer.press("Make it one-shot")
    shows(explorer, "one network with shared weights w")
    shows(explorer, "All architectures take their weights")
    in_both_themes(notebook, explorer, "explore_components")
    explorer.press("Back to black-box search")
    shows(explorer, "may choose from")
    notebook.assert_no_errors()


def test_a_milestone_is_clicked_and_its_link_leads_to_the_paper(open_lab):
    notebook = open_lab([TIMELINE])
    notebook.run_all()
    explorer = Explorer(notebook)
    shows(explorer, "22,400 GPU days")
    explorer.click("real2019")
    shows(explorer, "3,150 GPU days")
    in_both_themes(notebook, explorer, "explore_timeline")
    explorer.press("Earlier")
    shows(explorer, "PNAS")
    explorer.click("stanley2002")
    shows(explorer, "none stated in GPU days")
    link = explorer.root.locator(".nas-link")
    assert link.get_attribute("data-href").startswith("https://doi.org/")
    with notebook.context.expect_page() as opened:
        link.click()
    opened.value.close()
    notebook.assert_no_errors()


def test_the_budget_slides(open_lab):
    notebook = open_lab([BUDGET])
    notebook.run_all()
    explorer = Explorer(notebook)
    explorer.wait_for("each trained for 1 epoch:", 10)
    explorer.control("budget t").fill("19")
    explorer.wait_for("each trained for 10 epochs:", 10)
    shows(explorer, "the same cell")
    in_both_themes(notebook, explorer, "explore_budget")
    notebook.assert_no_errors()
