"""Decks: one slide for each slide tag, code without its words to tests, pictures with words, libraries of a folder."""

import re

import nbformat
import pytest

pytest.importorskip("nbconvert")

from bs4 import BeautifulSoup

from tools.authoring.__main__ import main
from tools.authoring.slides import LIBRARIES

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def tagged(cell, kind):
    cell.metadata["slideshow"] = {"slide_type": kind}
    return cell


@pytest.fixture
def repository(tmp_path):
    v4 = nbformat.v4
    data = {"image/png": PNG, "text/plain": 'a "line" that rises'}
    picture = v4.new_output("display_data", data, metadata={"image/png": {"width": 31}})
    cells = [
        tagged(v4.new_markdown_cell("# One"), "slide"),
        tagged(v4.new_code_cell("# NBVAL_CHECK_OUTPUT\nshown = 1", outputs=[picture]), "subslide"),
        tagged(v4.new_markdown_cell("## Two"), "slide"),
        tagged(v4.new_markdown_cell("for the instructor only"), "skip"),
    ]
    (tmp_path / "lectures" / "src").mkdir(parents=True)
    (tmp_path / "lectures" / "src" / "01_small.py").write_text("# %%\n")
    nbformat.write(v4.new_notebook(cells=cells), tmp_path / "lectures" / "01_small.ipynb")
    return tmp_path


def deck(repository):
    return (repository / "build" / "slides" / "01_small.slides.html").read_text()


def test_slides_follow_the_tags(repository, capsys):
    assert main(["slides", "01"], repository) == 0
    assert "01_small.slides.html" in capsys.readouterr().out
    html = deck(repository)
    assert len(re.findall("<section>", html)) == 2 + 2 + 1  # two slides of two levels, and a subslide
    assert "for the instructor only" not in html
    assert "NBVAL" not in html
    assert "shown" in html
    image = BeautifulSoup(html, "html.parser").find("img")
    assert (image["alt"], image["width"]) == ('a "line" that rises', "31")


def test_libraries_come_from_a_folder(repository, tmp_path, capsys):
    folder = tmp_path / "node modules"
    for place in LIBRARIES.values():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).touch()
    assert main(["slides", "--libraries", str(folder)], repository) == 0
    html = deck(repository)
    for place in LIBRARIES.values():
        assert f"{folder.as_uri()}/{place}" in html
    assert 'src="https://cdn' not in html

    (folder / LIBRARIES["jquery_url"]).unlink()
    assert main(["slides", "--libraries", str(folder)], repository) == 1
    assert f"has no {LIBRARIES['jquery_url']};" in capsys.readouterr().err


def test_an_unknown_lecture_is_refused(repository, capsys):
    assert main(["slides", "01_smal"], repository) == 1
    assert "did you mean '01_small'?" in capsys.readouterr().err
