"""Finds the phrase a step is, with its values and where they stand; or the phrase it is most like.

cucumber-expressions does the matching. Values are matched loosely here and read strictly afterwards, so that a wrong
amount is told as a wrong amount and not as an unknown step.

Not here: the phrases (vocabulary.py), reading the values (lint.py).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import Final

from cucumber_expressions.expression import CucumberExpression
from cucumber_expressions.parameter_type import ParameterType
from cucumber_expressions.parameter_type_registry import ParameterTypeRegistry

TYPES: Final = (
    # what it is, its word in Dutch, in English, how loosely it is matched
    ("name", "naam", "name", r"[^\s\"€]+?"),
    ("names", "namen", "names", r"[^\"€]+?"),
    ("country", "land", "country", r"[^\"€]+?"),
    ("amount", "bedrag", "amount", r"(?:€ ?)?[\d.,]+(?: euro)?"),
    ("volume", "data", "data", r"[\d.,]+ ?[^\W\d]+"),
    ("duration", "duur", "duration", r"[\d.,]+ [^\W\d]+"),
    ("moment", "moment", "moment", r"\d[^\"€]*?"),
    ("shortcode", "kortnummer", "shortcode", r"\d+"),
    ("sender", "afzender", "sender", r"\S+"),
    ("code", "code", "code", r"[A-Z]{3,}"),
    ("switch", "stand", "state", r"aan|uit|on|off"),
    ("reason", "reden", "reason", r"[^\"]+?"),
    ("block", "blokkadereden", "block_reason", r"[^\"€]+?"),
    ("fault", "fout", "fault", r"[^\"€]+?"),
    ("event", "event", "event", r"[\w]+\.[\w]+"),
    ("segments", "segmenten", "segments", r"segment\(en\)|segmenten|segment\(s\)|segments|segment"),
)


@dataclass(frozen=True, slots=True)
class Value:
    """One value in a step: what it is, as it was written, and where (column from 0 in the step's text)."""

    kind: str
    text: str
    start: int


@cache
def _registry() -> ParameterTypeRegistry:
    registry = ParameterTypeRegistry()
    for kind, dutch, english, pattern in TYPES:
        for word in dict.fromkeys((dutch, english)):
            registry.define_parameter_type(ParameterType(word, re.compile(pattern), str, str, use_for_snippets=False))
        _KINDS.update(dict.fromkeys((dutch, english), kind))
    return registry


_KINDS: Final[dict[str, str]] = {"string": "string", "int": "int"}


@cache
def _compiled(expression: str) -> CucumberExpression:
    return CucumberExpression(expression, _registry())


def match(expression: str, text: str) -> list[Value] | None:
    """The values of a text that is this phrase, None when it is not."""
    arguments = _compiled(expression).match(text)
    if arguments is None:
        return None
    values = []
    for argument in arguments:
        kind = _KINDS[str(argument.parameter_type.name)]
        group = argument.group
        found = group.value or ""
        if kind == "string":
            # As shown between the quotes; the caret stands under the words, not under the quote.
            values.append(Value(kind, found[1:-1], group.start + 1))
        else:
            values.append(Value(kind, found, group.start))
    return values


def nearest(text: str, expressions: Iterable[str]) -> list[str]:
    """The phrases a text is most like, at most two; values do not count."""
    bare = _bare(text)
    quoted = '"' in text
    scored = sorted(
        # Words between quotes, or none, say more than any single word.
        ((_likeness(bare, one) - 0.2 * (quoted != ("{string}" in one)), one) for one in expressions),
        key=lambda pair: -pair[0],
    )
    if not scored or scored[0][0] < 0.4:
        return []
    best = scored[0][0]
    return [one for score, one in scored[:2] if score >= best - 0.03]


def _bare(text: str) -> list[str]:
    return re.sub(r"\"[^\"]*\"|€ ?[\d.,]+|\d[\d.,:]*", "{}", text).casefold().split()


def _likeness(words: Sequence[str], expression: str) -> float:
    """How alike the words are, letters of a word counting too, so that a typing error costs little."""
    best = 0.0
    for variant in _variants(expression):
        other = re.sub(r"\{\w*\}", "{}", variant).casefold().split()
        used = sum(max((_word(one, two) for two in words), default=0.0) for one in other if one != "{}")
        plain = sum(one != "{}" for one in other) or 1
        order = SequenceMatcher(None, " ".join(words), " ".join(other)).ratio()
        best = max(best, 0.6 * used / plain + 0.4 * order)
    return best


def _word(one: str, two: str) -> float:
    if one == two:
        return 1.0
    ratio = SequenceMatcher(None, one, two).ratio()
    return ratio if ratio > 0.6 else 0.0


def _variants(expression: str) -> list[str]:
    """Both readings of an alternative (a/b) and of an optional end."""
    plain = re.sub(r"\((\w+)\)", "", expression)
    match_ = re.search(r"(\S+)/(\S+)", plain)
    if match_ is None:
        return [plain]
    return [plain.replace(match_[0], match_[1]), plain.replace(match_[0], match_[2])]
