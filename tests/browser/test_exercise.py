"""The first exercise from a student's side: untouched, a wrong answer typed, a loop without end, then the right one."""

from conftest import ARTIFACTS
from lab import ROOT, OpenNotebook
from playwright.sync_api import Locator

EXERCISE = ROOT / "exercises" / "03_evolution.ipynb"
MAY_RETURN_THE_PARENT = """\
def mutate(cell, rng):
    operations = list(cell.operations)
    operations[rng.randrange(6)] = rng.choice(OPERATIONS)
    return Cell(tuple(operations))"""
NEVER_ENDS = """\
def mutate(cell, rng):
    while True:
        pass"""
RIGHT = """\
def mutate(cell, rng):
    operations = list(cell.operations)
    edge = rng.randrange(6)
    operations[edge] = rng.choice([name for name in OPERATIONS if name != operations[edge]])
    return Cell(tuple(operations))"""


class Student:
    """Finds cells by what is written in them, types, and runs them with the keyboard."""

    def __init__(self, notebook: OpenNotebook) -> None:
        self.notebook, self.page = notebook, notebook.page

    def cell(self, text: str) -> Locator:
        cell = self.page.locator(".jp-CodeCell", has=self.page.locator(".cm-content", has_text=text)).first
        for _ in range(60):  # JupyterLab only holds the cells near the ones in view
            if cell.count():
                break
            self.page.locator(".jp-WindowedPanel-outer").hover()
            self.page.mouse.wheel(0, 300)
            self.page.wait_for_timeout(100)
        cell.scroll_into_view_if_needed()
        return cell

    def run(self, text: str) -> Locator:
        self.cell(text).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        self.notebook.wait_for_kernel()
        return self.cell(text)

    def type(self, instead_of: str, code: str) -> None:
        self.cell(instead_of).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(code)
        self.run(instead_of)

    def answer(self, check: str, name: str) -> str:
        """Run a check, keep a screenshot in each theme, and return what it says."""
        answer = self.run(check).locator(".jp-OutputArea-output[data-mime-type='text/html']").first
        answer.scroll_into_view_if_needed()
        for theme in ("dark", "light"):
            self.notebook.set_theme(theme)
            self.notebook.screenshot(ARTIFACTS / f"exercise_{name}_{theme}.png")
        return answer.inner_text()


def test_a_student_works_on_the_first_task(open_lab):
    notebook = open_lab(EXERCISE)
    student = Student(notebook)
    student.run("from nas_edu.check import hint")
    student.run("parent = Cell(")
    student.run("def mutate(")

    untouched = student.answer("check_mutate(mutate)", "untouched")
    assert "not written yet" in untouched
    assert "Hint 1 of 3" in untouched

    student.type("def mutate(", MAY_RETURN_THE_PARENT)
    wrong = student.answer("check_mutate(mutate)", "wrong")
    assert "not yet right" in wrong
    assert "The new operation may be the old one" in wrong

    student.type("def mutate(", NEVER_ENDS)
    assert "A loop never ends" in student.answer("check_mutate(mutate)", "endless")

    student.type("def mutate(", RIGHT)
    right = student.answer("check_mutate(mutate)", "right")
    assert "not yet" not in right
    assert right.count("✓") == 6
    assert notebook.errors == []
