"""Finds the phrase a step is, with its values and where they stand.

cucumber-expressions does the matching. Values are matched loosely here and read strictly afterwards, so that a wrong
amount is told as a wrong amount and not as an unknown step.

Not here: the phrases (vocabulary.py), reading the values (interpret.py), the phrase a step is most like (likeness.py).
"""

import re
from dataclasses import dataclass
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
    # An alternative ends where a space is: a comma behind it belongs to both.
    return CucumberExpression(re.sub(r"(\w+)/(\w+),", r"\1,/\2,", expression), _registry())


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
