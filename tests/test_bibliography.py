"""The bibliography: complete entries, citations as links, and every citation of every notebook in it."""

import re
from pathlib import Path

import pytest

from nas_edu.bibliography import cite, listed, load
from nas_edu.bibliography.references import PATH
from tools.authoring.notebooks import AuthoringError, cited_in, read_source, with_citations

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*(ROOT / "lectures" / "src").glob("*.py"), *(ROOT / "solutions" / "src").glob("*.py")])
REFERENCES = load()


def write(tmp_path, text):
    path = tmp_path / "some.bib"
    path.write_text(text, encoding="utf-8")
    return path


REAL = """\
@inproceedings{real2019,
  author = {Real, Esteban and Aggarwal, Alok and Huang, Yanping and Le, Quoc V.},
  title = {Regularized Evolution},
  booktitle = {AAAI},
  year = {2019},
  eprint = {1802.01548},
}
"""


def test_an_entry_by_hand(tmp_path):
    (real,) = load(write(tmp_path, f"% a comment\n\n{REAL}")).values()
    assert real.families == ["Real", "Aggarwal", "Huang", "Le"]
    assert (real.title, real.venue, real.year) == ("Regularized Evolution", "AAAI", 2019)
    assert real.url == "https://arxiv.org/abs/1802.01548"
    assert real.label == "Real et al. 2019"
    assert real.date == pytest.approx(2018 + 1.5 / 12)  # February 2018, a year before the venue


def test_labels_of_one_two_and_three_authors_and_of_twins():
    assert REFERENCES["chollet2017"].label == "Chollet 2017"
    assert REFERENCES["zoph2017"].label == "Zoph and Le 2017"
    assert REFERENCES["liu2018hierarchical"].label == "Liu et al. 2018a"
    assert REFERENCES["liu2018progressive"].label == "Liu et al. 2018b"
    labels = [reference.label for reference in REFERENCES.values()]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("reference", REFERENCES.values(), ids=lambda reference: reference.key)
def test_each_entry_is_complete_and_its_key_says_what_it_is(reference):
    assert re.fullmatch(r"[a-z]+\d{4}[a-z]*", reference.key)
    assert f"{reference.year}" in reference.key
    family = reference.families[0].lower()
    assert reference.key.startswith("".join(letter for letter in family if letter.isalpha()))
    assert all(re.fullmatch(r"[^,]+, [^,]+", author) for author in reference.authors)
    assert -2 < reference.year - reference.date < 5  # an arXiv number of another decade is a slip of the pen
    assert reference.url.startswith("https://") or reference.key == "miller1989"  # which nobody has put online


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("  year = {2019},\n", ""), "year is missing"),
        (("  booktitle = {AAAI},\n", ""), "a venue is missing"),
        (("  year = {2019},", "  year = 2019,"), "not understood from '@inproceedings{real2019,' on"),
        (("eprint", "arxiv"), "unknown field arxiv; allowed: author"),
        (("1802.01548", "18020.1548"), "not a number of arXiv"),
        (("}\n", "}\n\nsome words\n"), "not understood from"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(tmp_path, change, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        load(write(tmp_path, REAL.replace(*change)))


def test_a_key_used_twice_is_refused(tmp_path):
    with pytest.raises(ValueError, match="real2019: there is more than one entry"):
        load(write(tmp_path, REAL + REAL))


def test_every_entry_of_the_file_is_read():
    assert len(REFERENCES) == len(re.findall(r"^@", PATH.read_text(encoding="utf-8"), re.MULTILINE)) >= 60


def test_cite_is_markdown():
    citation = cite("real2019", "zoph2017")
    real, zoph = "https://arxiv.org/abs/1802.01548", "https://arxiv.org/abs/1611.01578"
    assert citation == f"[Real et al. 2019]({real}); [Zoph and Le 2017]({zoph})"
    assert citation._repr_markdown_() == citation
    assert cite("miller1989") == "Miller et al. 1989"  # no link is known


def test_an_unknown_key_is_an_error_that_helps():
    with pytest.raises(KeyError, match="did you mean 'real2019'"):
        cite("reel2019")
    with pytest.raises(KeyError, match="there are hutter2019, elsken2019"):
        cite("xxxx")


def test_the_list_names_each_once_in_order():
    lines = listed(["zoph2017", "white2023", "zoph2017"]).split("\n")
    assert len(lines) == 2
    assert lines[0].startswith(
        "- **White et al. 2023.** Colin White and 7 others: *Neural Architecture Search: Insights"
    )
    assert "Barret Zoph and Quoc V. Le: *Neural" in lines[1]


def test_citations_in_a_text():
    text = "As [@real2019; @liu2019] say.\n[@references]\n[not a citation](x@y) and [@]"
    assert cited_in(text) == ["real2019", "liu2019"]
    told = with_citations(text, ["real2019"])
    assert told.startswith(f"As {cite('real2019', 'liu2019')} say.\n- **Real et al. 2019.**")
    assert told.endswith("[not a citation](x@y) and [@]")


def test_a_source_is_read_with_its_citations(tmp_path):
    path = tmp_path / "01_a.py"
    path.write_text(
        "# %% [markdown]\n# See [@real2019].\n\n# %%\nx = '[@real2019]'\n\n# %% [markdown]\n# [@references]\n"
    )
    text, code, end = read_source(path).cells
    assert text.source == f"See {cite('real2019')}."
    assert code.source == "x = '[@real2019]'"
    assert end.source == listed(["real2019"])
    path.write_text("# %% [markdown]\n# See [@reel2019].\n")
    with pytest.raises(AuthoringError, match=r"01_a.py, cell 1: no reference has the key 'reel2019'; did you mean"):
        read_source(path)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_citation_of_a_notebook_is_in_the_bibliography(path):
    notebook = read_source(path)  # raises for an unknown key
    assert not any("[@" in cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for key in re.findall(r"""\bcite\(["']([\w-]+)["']""", path.read_text(encoding="utf-8")):
        assert key in REFERENCES


def test_a_late_preprint_does_not_make_a_paper_late():
    assert load()["dong2019"].date == 2019.5  # CVPR in June, arXiv in October
    assert (load()["swersky2013"].date, load()["wang2021"].date) == (2013.5, 2021.5)
    assert load()["real2019"].date < 2018.5  # arXiv a year before the venue
