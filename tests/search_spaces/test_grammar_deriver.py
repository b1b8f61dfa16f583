"""The grammar deriver: every path of clicks ends in a word of the grammar; ill-formed rules answer with the error."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas_edu.draw.panel import lay_out
from nas_edu.search_spaces.grammar import Grammar
from nas_edu.search_spaces.ready_grammars import CELLS, FUNCTIONS
from nas_edu.search_spaces.vocabulary import LAYERS
from nas_edu.widgets.explorers.grammar import as_text, boxes, explore_grammar, finish, rows, start

LECTURE = "Linear(Residual(conv, id, conv), Residual(conv, id, conv), linear)"
TWO_STAGES = """
    NET -> Linear(STAGE, down, STAGE)
    STAGE -> CELL | Residual(CELL, id, CELL)
    CELL -> Diamond(OP, OP, OP, OP)
    OP -> conv | id
"""
few = settings(max_examples=25, deadline=None)


def rule(explorer, right):
    """The key of the rule with this right side, as a person finds it."""
    table = explorer.panels[0].marks[0]
    [key] = [key for (_, shown), key in zip(table.rows, table.keys, strict=True) if shown == right]
    return key


def test_the_lecture_s_word_is_derived_by_clicks():
    explorer = explore_grammar(FUNCTIONS)
    assert explorer.text == "S   (one of 370,389 derivations)"
    for right in (
        "Linear(S, S, S)",
        *("Residual(S, S, S)", "conv", "id", "conv"),
        *("Residual(S, S, S)", "conv", "id", "conv"),
        "linear",
    ):
        explorer.click(rule(explorer, right))
    assert explorer.text == f"{LECTURE}   (one of 370,389 derivations)"
    assert "complete" in explorer.panels[0].subtitle
    assert explorer.state.tree == FUNCTIONS.parse(LECTURE)
    assert not explorer.controls["Step"].enabled


def test_only_rules_that_can_still_end_are_offered():
    explorer = explore_grammar(FUNCTIONS, 3)
    explorer.click(rule(explorer, "Linear(S, S, S)"))
    explorer.click(rule(explorer, "Residual(S, S, S)"))
    assert [right for _, right in explorer.panels[0].marks[0].rows] == ["conv", "id", "linear"]  # the third level


def test_an_open_node_is_selected_and_a_derived_one_is_opened_again():
    explorer = explore_grammar(FUNCTIONS)
    explorer.click(rule(explorer, "Linear(S, S, S)"))
    explorer.click("node 2")
    explorer.click(rule(explorer, "linear"))
    assert str(explorer.state.tree) == "Linear(S, S, linear)"
    assert explorer.state.selected == (0,)  # the leftmost one that is open
    explorer.click("node ")
    assert str(explorer.state.tree) == "S"
    explorer.undo()
    assert str(explorer.state.tree) == "Linear(S, S, linear)"


def test_step_by_step_and_at_random_one_ends_in_words_of_the_grammar():
    explorer = explore_grammar(TWO_STAGES, 4)
    grammar = Grammar(TWO_STAGES, 4)
    steps = 0
    while explorer.controls["Step"].enabled:
        explorer.press("Step")
        steps += 1
    assert steps == sum(node.rule is not None for _, node in explorer.state.tree.parts())
    assert explorer.state.tree in grammar
    words = set()
    for _ in range(30):
        explorer.press("Derive at random")
        words.add(explorer.state.tree)
    assert all(word in grammar for word in words)
    assert len(words) > 15


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ("S -> Linear(S, conv)", "S never ends"),
        ("S -> conv\nT -> id", "T is unreachable"),
        ("S -> Residual(conv, id)", "Residual takes 3 or more arguments"),
        ("S -> konv", "did you mean 'conv'"),
        ("S", "line 1 is no rule"),
        ("", "needs at least one rule"),
        (
            "S -> Linear(T, T)\nT -> Linear(U, U)\nU -> Linear(V, V)\nV -> conv",
            "max_depth must be 4, the height of the lowest tree",
        ),
    ],
)
def test_an_ill_formed_grammar_answers_with_its_error_and_can_be_mended(rules, reason):
    explorer = explore_grammar()
    explorer.set("rules", rules)
    assert "ill-formed" in explorer.text
    assert reason in explorer.panels[0].alt
    assert reason in " ".join(explorer.panels[0].marks[0].paragraphs)
    assert not explorer.controls["Step"].enabled
    assert not explorer.controls["Derive at random"].enabled
    explorer.press("Start again")  # still ill-formed
    explorer.run_here()
    explorer.set("rules", "S -> Linear(S, S) | conv")
    assert explorer.text == "S   (one of 5 derivations)"  # conv, and Linear of two that are conv or Linear(conv, conv)
    explorer.press("Derive at random")
    assert explorer.state.tree in Grammar("S -> Linear(S, S) | conv", 3)


LONG = ", ".join(["conv"] * 80)


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (f"S -> Diamond({LONG})", "Diamond takes 4 arguments; got 80"),
        (f"S -> Linear({LONG}, ", "expected a name, found the end of the text"),
        (f"S -> Linear({LONG}) | Linear({LONG}, cnov)", "did you mean 'conv'"),
        ("\n".join(f"N{k} -> Linear(N{k}, conv)" for k in range(150)), "never ends"),
        ("S" * 1000, "line 1 is no rule"),
        ("S -> " + "x" * 1000, "is undefined"),
    ],
)
def test_a_long_wrong_rule_answers_with_the_grammars_own_error(rules, reason):
    explorer = explore_grammar()
    explorer.set("rules", rules)
    explorer.run_here()
    assert reason in explorer.panels[0].alt
    assert reason in " ".join(explorer.panels[0].marks[0].paragraphs)
    with pytest.raises(ValueError, match=reason):
        Grammar(rules, 3)
    explore_grammar(rules)  # as a start, too


def test_what_cannot_be_counted_can_be_derived():
    explorer = explore_grammar(f"S -> Linear({', '.join(['S'] * 300)}) | conv", 5)
    assert explorer.text == "S   (one of too many derivations to count)"
    explorer.press("Step")
    explorer.run_here()


def test_more_levels_more_words():
    explorer = explore_grammar()
    explorer.set("levels", 2)
    assert explorer.text == "S   (one of 57 derivations)"
    explorer.set("levels", 1)
    assert explorer.text == "S   (one of 3 derivations)"
    with pytest.raises(ValueError, match="max_depth goes from 1 to 5"):
        explore_grammar("S -> conv", 6)


@few
@given(st.integers(0, 10**6), st.sampled_from([FUNCTIONS, CELLS, Grammar(TWO_STAGES, 4)]))
def test_every_derivation_can_be_drawn_and_the_boxes_hold_the_whole_word(seed, grammar):
    state = finish(start(as_text(grammar), grammar.max_depth, draws=seed))
    word = state.tree.word
    explorer = explore_grammar(grammar)
    explorer._state = state
    for panel in explorer.panels:
        lay_out(panel)
    leaves = sorted(term.name for term in word.parts() if not term.arguments)
    shown = [block for block in boxes(word, (0, 0, 1, 1), 9) if not block.frame]
    if "Cell" not in str(word):
        assert sorted(block.text for block in shown) == leaves
    for a, b in itertools.combinations(shown, 2):  # no two boxes overlap
        apart = a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
        assert apart


def test_rows_by_hand():
    assert rows(LAYERS.read("conv")[0], 9) == 1
    assert rows(LAYERS.read(LECTURE)[0], 9) == 5
    assert rows(LAYERS.read(LECTURE)[0], 1) == 3
    assert rows(LAYERS.read("Residual(conv, Linear(id, id, id), conv)")[0], 9) == 3
    assert rows(LAYERS.read("Diamond(conv, id, conv, Linear(conv, conv))")[0], 9) == 3
    assert rows(LAYERS.read("Stages(Cell(id, id, id, id, id, id))")[0], 9) == 11


def test_chance_repeats_itself_and_undo_does_not_draw_the_same_again():
    one, other = explore_grammar(), explore_grammar()
    for explorer in (one, other):
        for _ in range(3):
            explorer.press("Derive at random")
    assert one.state == other.state
    seed = one.state.draws
    one.undo()
    assert one.state.draws == seed


def test_the_still_picture_tells_it_all():
    explorer = explore_grammar(FUNCTIONS)
    explorer.click("rule 0")
    svg = explorer.still().svg
    for words in ("Grammar deriver", "Derivation tree", "Architecture", "Linear(S, S, S)"):
        assert words in svg
