"""Words of a grammar from text, and where a text that is none goes wrong.

Reading a term needs no grammar. Whether it is a word is decided bottom-up, by profiles (`grammar_automaton`). Only if
it is not, it is read once more from the top, to find the first place where no rule allows what stands there.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from nas_edu.search_spaces.grammar_automaton import Automaton
from nas_edu.search_spaces.grammar_rules import Rules
from nas_edu.search_spaces.grammar_term import Path, Term, fail, read_term


def parse_word(text: str, rules: Rules, automaton: Automaton) -> Term:
    """The word that `text` spells. Raises ValueError with the position and what was expected there."""
    word, positions = read_term(text)
    profiles = {term: dict(profile) for term, profile in automaton.profiles(word).items()}
    if rules.start not in profiles[word]:
        path, expected, hint = _first_misfit(word, [Term(rules.start)], rules, profiles)
        fail(text, positions[path], expected, hint)
    return word


def _first_misfit(
    term: Term, allowed: list[Term], rules: Rules, profiles: Mapping[Term, Mapping[str | Term, int]], path: Path = ()
) -> tuple[Path, str, str]:
    """The way to the first part of `term` that fits none of the `allowed` patterns, what they are, and a hint."""
    patterns = _spelled_out(allowed, rules)
    alike = [p for p in patterns if (p.name, len(p.arguments)) == (term.name, len(term.arguments))]
    for place, argument in enumerate(term.arguments if alike else ()):
        wanted = list(dict.fromkeys(pattern.arguments[place] for pattern in alike))
        if not any((p.name if p.name in rules.of else p) in profiles[argument] for p in wanted):
            return _first_misfit(argument, wanted, rules, profiles, (*path, place))
    if alike:  # each argument fits some rule, but all of them fit none
        return path, " or ".join(map(str, alike)), ""
    close = get_close_matches(term.name, {pattern.name for pattern in patterns} - {term.name}, n=1, cutoff=0.6)
    same_name = [pattern for pattern in patterns if pattern.name == term.name]
    expected = " or ".join(map(str, same_name or patterns))
    return path, expected, f"; did you mean {close[0]!r}?" if close and not same_name else ""


def _spelled_out(allowed: list[Term], rules: Rules) -> list[Term]:
    """The patterns, non-terminals replaced by their right sides until each begins with a primitive or an operator."""
    found: dict[Term, None] = {}
    waiting = list(reversed(allowed))
    while waiting:
        pattern = waiting.pop()
        if pattern.name in rules.of:
            waiting += [rule.right for rule in reversed(rules.of[pattern.name])]
        else:
            found[pattern] = None
    return list(found)
