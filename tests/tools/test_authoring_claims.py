"""claims.yaml: well-formed, printed, and each cell that it names exists."""

import re
from pathlib import Path

import nbformat
import pytest
import yaml

pytest.importorskip("jupytext")

from tools.authoring.__main__ import REPOSITORY, main
from tools.authoring.claims import check_claims, load_claims, table
from tools.authoring.notebooks import AuthoringError

MEASURED = {
    "id": "aging-helps",
    "section": "Evolution",
    "claim": "the oldest should die",
    "lecture": "03_evolution",
    "cell": "claim-aging",
    "seen": "it did not matter",
    "verdict": "disagrees",
    "why": "there is little noise",
}
OPEN = {"id": "later", "section": "DARTS", "claim": "fast", "lecture": "07_darts", "verdict": "open"}


def repository(root: Path, *claims, tags=("claim-aging",)) -> Path:
    (root / "claims.yaml").write_text(yaml.safe_dump(list(claims)), encoding="utf-8")
    cells = [nbformat.v4.new_code_cell("1", metadata={"tags": [tag]}) for tag in tags]
    (root / "lectures").mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("text"), *cells])
    nbformat.write(notebook, root / "lectures" / "03_evolution.ipynb")
    return root


def test_table_and_check(tmp_path, capsys):
    root = repository(tmp_path, OPEN, MEASURED)
    assert main(["claims"], root) == 0
    printed = capsys.readouterr().out
    assert printed.index("03_evolution") < printed.index("07_darts")
    for words in ("≠ disagrees", "the oldest should die", "it did not matter", "not measured yet", "cell: claim-aging"):
        assert words in printed
    assert max(map(len, printed.splitlines())) <= 180


def test_table_of_one_lecture(tmp_path):
    claims = load_claims(repository(tmp_path, OPEN, MEASURED))
    for name in ("03", "03_evolution"):
        assert "07_darts" not in table(claims, [name])


def test_a_cell_by_its_id(tmp_path):
    root = repository(tmp_path, MEASURED)
    cell = nbformat.read(root / "lectures" / "03_evolution.ipynb", 4).cells[1]
    (root / "claims.yaml").write_text(yaml.safe_dump([{**MEASURED, "cell": cell.id}]), encoding="utf-8")
    assert check_claims(root) == []


@pytest.mark.parametrize(
    ("tags", "problem"),
    [
        (("claim-agin",), "0 code cells.*did you mean 'claim-agin'"),
        (("claim-aging", "claim-aging"), "2 code cells"),
    ],
)
def test_a_cell_that_is_not_there_or_twice(tmp_path, tags, problem, capsys):
    root = repository(tmp_path, MEASURED, tags=tags)
    assert main(["claims", "--check"], root) == 1
    assert re.search(problem, capsys.readouterr().err)


def test_a_lecture_that_is_not_there(tmp_path):
    root = repository(tmp_path, {**MEASURED, "lecture": "04_gone"})
    assert "there is no lectures/04_gone.ipynb" in str(check_claims(root)[0])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"verdict": "agree"}, "verdict 'agree'; allowed: agrees"),
        ({"seen": ""}, "needs seen, why"),
        ({"cell": ""}, "a cell or sources"),
        ({"verdict": "open"}, "an open claim has not been seen yet"),
        ({"secton": "x"}, "unknown key 'secton'.*did you mean 'section'"),
        ({"claim": ""}, "claim is missing"),
    ],
)
def test_entries_that_are_refused(tmp_path, change, problem):
    root = repository(tmp_path, {**MEASURED, **change})
    with pytest.raises(AuthoringError, match=problem):
        load_claims(root)


def test_an_id_used_twice_and_no_list(tmp_path):
    root = repository(tmp_path, MEASURED, MEASURED)
    with pytest.raises(AuthoringError, match="used twice"):
        load_claims(root)
    (root / "claims.yaml").write_text("claims: none", encoding="utf-8")
    with pytest.raises(AuthoringError, match="a list of claims"):
        load_claims(root)


def test_our_own_claims_are_in_order():
    assert load_claims(REPOSITORY)
    assert check_claims(REPOSITORY) == []
