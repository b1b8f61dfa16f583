"""Lectures: text sources become executed notebooks, and a check holds source, notebook and code together."""

import re
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("jupytext")

from nbconvert.filters import strip_ansi

from tools.authoring.__main__ import main
from tools.authoring.execute import unwanted_outputs
from tools.authoring.lectures import check_lectures
from tools.authoring.names import missing_names
from tools.authoring.notebooks import AuthoringError, choose, read_notebook, read_source, write_notebook

LECTURE = """\
# %% [markdown] slideshow={"slide_type": "slide"}
# # A lecture
#
# With $\\alpha$ and a list:
#
# - one

# %% tags=["claim-cells"]
from nas_edu import search
from nas_edu.search_spaces import TinyCell

space = TinyCell()
len(space)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["instructor"]
# For the instructor.

# %%
import os

print("headless", os.environ["NAS_EDU_HEADLESS"], os.path.basename(os.getcwd()))

# %%
print("headless", os.environ["NAS_EDU_HEADLESS"], os.path.basename(os.getcwd()))

# %%
import ipywidgets

ipywidgets.IntSlider(3)

# %% tags=["raises-exception"]
space.parse("nonsense")
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small repository with one lecture, made once for all tests here; they change copies."""
    root = tmp_path_factory.mktemp("a repository")
    (root / "lectures" / "src").mkdir(parents=True)
    (root / "lectures" / "src" / "01_small.py").write_text(LECTURE, encoding="utf-8")
    assert main(["lectures"], root) == 0
    return root


@pytest.fixture
def repository(made, tmp_path):
    for part in ("lectures/src/01_small.py", "lectures/01_small.ipynb"):
        target = tmp_path / part
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((made / part).read_bytes())
    return tmp_path


def notebook_of(root: Path):
    return read_notebook(root / "lectures" / "01_small.ipynb")


def problems_of(root: Path):
    return "\n".join(map(str, check_lectures(root)))


def test_cells_metadata_and_outputs(made):
    notebook = notebook_of(made)
    nbformat.validate(notebook)
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code", "markdown", *["code"] * 4]
    assert notebook.cells[0].metadata.slideshow.slide_type == "slide"
    assert notebook.cells[2].metadata.tags == ["instructor"]
    assert notebook.cells[1].outputs[0].data["text/plain"] == "15625"
    assert notebook.cells[3].outputs[0].text == "headless 1 lectures\n"
    assert notebook.cells[6].outputs[0].ename == "ValueError"
    assert notebook.metadata.kernelspec.name == "python3"


def test_nothing_is_kept_that_changes_from_run_to_run(made):
    notebook = notebook_of(made)
    assert "widgets" not in notebook.metadata
    assert "version" not in notebook.metadata.language_info
    assert all("execution" not in cell.metadata for cell in notebook.cells)
    assert list(notebook.cells[5].outputs[0].data) == ["text/plain"]  # no reference to a widget that is gone
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)  # cells with equal sources too
    assert ids == [cell.id for cell in read_source(made / "lectures" / "src" / "01_small.py").cells]


def test_tracebacks_name_our_files_from_the_repository_on(made):
    traceback = strip_ansi("\n".join(notebook_of(made).cells[6].outputs[0].traceback))
    assert "File nas_edu/search_spaces/tiny_cell.py:" in traceback
    assert str(Path(__file__).parents[2]) not in traceback


def test_what_was_made_is_in_order(made, capsys):
    assert main(["lectures", "--check"], made) == 0
    assert "all in order" in capsys.readouterr().out


def test_a_changed_source_is_found(repository):
    source = repository / "lectures" / "src" / "01_small.py"
    source.write_text(LECTURE.replace("len(space)", "len(space) + 1"), encoding="utf-8")
    assert "cell 2: its source differs" in problems_of(repository)
    source.write_text(LECTURE.replace('["instructor"]', '["teacher"]'), encoding="utf-8")
    assert "cell 3: its metadata differs" in problems_of(repository)
    source.write_text(LECTURE + "\n# %%\n1\n", encoding="utf-8")
    assert "has 7 cells, its source has 8" in problems_of(repository)


def change(repository, edit):
    notebook = notebook_of(repository)
    edit(notebook)
    write_notebook(notebook, repository / "lectures" / "01_small.ipynb")
    return problems_of(repository)


def test_a_notebook_edited_by_hand_is_found(repository):
    assert "cell 1: its source" in change(repository, lambda nb: nb.cells[0].update(source="# Another"))


def test_cells_not_run_or_run_out_of_order_are_found(repository):
    assert "cell 4: was run as number None, not 2" in change(
        repository, lambda nb: nb.cells[3].update(execution_count=None)
    )


def test_a_failed_cell_is_found(repository):
    error = nbformat.v4.new_output("error", ename="KeyError", evalue="'x'", traceback=[])
    assert "cell 2: failed: KeyError: 'x'" in change(repository, lambda nb: nb.cells[1].update(outputs=[error]))


def test_words_on_stderr_paths_and_widget_state_are_found(repository):
    def stream(text, name):
        return nbformat.v4.new_output("stream", text=text, name=name)

    def edit(nb):
        nb.cells[1].outputs = [stream("UserWarning: old\n", "stderr")]
        nb.cells[3].outputs = [stream(f"saved {repository}/lectures/x.png\n", "stdout")]
        nb.metadata.widgets = {}

    notebook = notebook_of(repository)
    edit(notebook)
    text = "\n".join(map(str, unwanted_outputs(notebook, "here", repository)))
    assert "here cell 2: writes to stderr: UserWarning: old" in text
    assert "here cell 4: shows a path of this machine" in text
    assert "state of widgets" in text


def test_missing_and_orphaned_notebooks_are_found(repository):
    (repository / "lectures" / "01_small.ipynb").rename(repository / "lectures" / "02_gone.ipynb")
    text = problems_of(repository)
    assert "lectures/01_small.ipynb: is missing" in text
    assert "lectures/02_gone.ipynb: has no source" in text


def test_a_failing_lecture_is_not_written(tmp_path, capsys):
    source = tmp_path / "lectures" / "src" / "01_bad.py"
    source.parent.mkdir(parents=True)
    source.write_text("# %%\n1 / 0\n", encoding="utf-8")
    assert main(["lectures", "01"], tmp_path) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert not (tmp_path / "lectures" / "01_bad.ipynb").exists()


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("from nas_edu.search_spaces import TinyCel", "TinyCel from nas_edu.search_spaces.*did you mean 'TinyCell'"),
        ("from nas_edu.search_space import TinyCell", "imports from nas_edu.search_space"),
        ("import nas_edu.nothing", "imports nas_edu.nothing"),
        ("import nas_edu\nnas_edu.serch", "uses nas_edu.serch.*did you mean 'search'"),
        ("from nas_edu import core as c\nc.Budgets(1)", "uses nas_edu.core.Budgets"),
        ("def f(:", "is not Python"),
    ],
)
def test_names_that_do_not_exist(code, problem):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    (found,) = missing_names(notebook, "here")
    assert re.search(problem, str(found))


def test_names_that_do_exist():
    code = (
        "%matplotlib inline\nfrom nas_edu import core, search\nimport nas_edu.data as data\ncore.Budget, data.load\n!ls"
    )
    assert missing_names(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), "here") == []


def test_choosing_sources(repository):
    folder = repository / "lectures" / "src"
    for name in ("01", "01_small", "01_small.py"):
        assert [path.stem for path in choose(folder, [name])] == ["01_small"]
    with pytest.raises(AuthoringError, match=r"there is no '01_smal'.*did you mean '01_small'"):
        choose(folder, ["01_smal"])


def test_what_changes_from_run_to_run_is_found(tmp_path, capsys):
    folder = tmp_path / "lectures" / "src"
    folder.mkdir(parents=True)
    (folder / "01_steady.py").write_text("# %%\nimport random\n\nrandom.Random(1).random()\n", encoding="utf-8")
    assert main(["lectures", "--repeat"], tmp_path) == 0
    source = "# %%\nprint('steady')\n\n# %%\nimport time\n\nprint('took', time.perf_counter(), 'seconds')\n"
    (folder / "02_timed.py").write_text(source, encoding="utf-8")
    assert main(["lectures", "--repeat", "02"], tmp_path) == 1
    assert "lectures/src/02_timed.py cell 2: gives" in capsys.readouterr().err
    assert not list((tmp_path / "lectures").glob("*.ipynb"))
