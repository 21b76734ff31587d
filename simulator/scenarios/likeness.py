"""Which phrase a step is most like, when it is none of them: compared by words, verbs and nouns before all.

What may stand in a phrase as a value (names, amounts, countries, what stands between quotes) says nothing about which
phrase it is and does not count. Words that mean the same to whoever writes count as the same here; that does not make
them phrases (vocabulary.py).

Pure. Not here: what is said of it (interpret.py).
"""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import Final

from simulator.scenarios.values import MONTHS, UNITS

LEAST: Final = 0.5
"""Below this a phrase is no proposal: it would send somebody the wrong way."""
BESIDE: Final = 0.03
"""A second phrase is named when it is so near to the first."""
MOST: Final = 2
SMALL: Final = frozenset(
    {
        *("de", "het", "een", "van", "naar", "op", "in", "is", "en", "met", "voor", "aan", "er", "die", "dat", "te"),
        *("of", "om", "nu", "heeft", "zijn", "staat", "wordt", "was", "dan", "nog"),
        *("the", "a", "an", "to", "at", "on", "and", "with", "for", "that", "by", "it", "has", "are", "be", "then"),
    }
)
SMALL_WEIGHT: Final = 0.3
ALIKE: Final = 0.75
"""Two words of which so much is the same are one word and a slip of the pen."""
SYNONYMS: Final = (
    # The first stands in phrases; the others are what people write.
    ("reist", "landt", "aankomt", "vliegt", "gaat", "rijdt", "vertrekt", "reizen", "roamt"),
    ("terugkeert", "terugkomt", "thuiskomt", "terugreist"),
    ("stuurt", "verstuurt", "verzendt", "zendt", "smst", "sms't"),
    ("krijgt", "ontvangt", "krijgen", "kreeg", "ontving"),
    ("sms", "bericht", "smsje", "berichtje", "tekst", "melding", "smsjes", "sms'jes"),
    ("berichten", "smsen", "sms'en", "smsjes", "sms'jes"),
    ("geen", "niets", "niks", "niet"),
    ("verbruikt", "gebruikt", "internet", "downloadt"),
    ("abonnee", "klant", "gebruiker", "abonnement", "persoon"),
    ("beheerder", "admin", "operator"),
    ("kostenlimiet", "limiet", "plafond"),
    ("uitzet", "uitschakelt"),
    ("aanzet", "inschakelt"),
    ("want", "omdat"),
    ("travels", "lands", "arrives", "flies", "goes", "moves", "roams", "enters", "visits"),
    ("returns", "back"),
    ("texts", "sends", "messages"),
    ("replies", "answers", "responds"),
    ("gets", "receives", "get", "receive", "got", "received"),
    ("message", "text", "sms", "notification"),
    ("nobody", "no-one"),
    ("no", "nothing", "none", "not", "doesn't", "never"),
    ("uses", "consumes", "spends", "downloads"),
    ("subscriber", "customer", "user", "person", "subscription"),
    ("administrator", "admin", "operator"),
    ("limit", "cap", "ceiling"),
    ("cannot", "can't"),
    ("because", "since"),
)
_VALUES: Final = re.compile(r"\"[^\"]*\"|€ ?[\d.,]+|\d[\d.,:]*(?: ?[kKMG]?B\b)?")
_WORD: Final = re.compile(r"[^\W\d][\w'-]*")
_UNTOLD: Final = frozenset(
    {
        *(word for units in UNITS.values() for word in units),
        *(one.casefold() for all_ in MONTHS.values() for one in all_),
    }
)
"""Words that belong to a duration or a moment."""

Words = tuple[str, ...]


def nearest(text: str, expressions: Iterable[str]) -> list[str]:
    """The phrases a text is most like, at most two, the nearest first; none when it is like none of them."""
    known = list(expressions)
    own = _own_words(text, known)
    quoted = '"' in text
    scored = sorted(
        # Words between quotes, or none, say more than any single word.
        ((_likeness(own, _phrase_words(one)) - 0.2 * (quoted != ("{string}" in one)), one) for one in known),
        key=lambda pair: -pair[0],
    )
    return [one for score, one in scored[:MOST] if score >= max(LEAST, scored[0][0] - BESIDE)]


def names_in(text: str) -> set[str]:
    """What may be somebody's name in a step that nobody can read."""
    return {word.removesuffix("'s") for word in _WORD.findall(_VALUES.sub(" ", text)) if word[0].isupper()}


def _own_words(text: str, expressions: Sequence[str]) -> list[str]:
    """Without what is a value; a word with a capital is a name, unless a phrase has it so."""
    phrased = {word for one in expressions for word in re.findall(r"[\w'-]+", one)}
    words = _WORD.findall(_VALUES.sub(" ", text))
    return [
        word.casefold()
        for word in words
        if (word in phrased or not word[0].isupper()) and word.casefold() not in _UNTOLD
    ]


@cache
def _phrase_words(expression: str) -> tuple[Words, ...]:
    """Its words, each with those that may stand in its place (a/b)."""
    plain = re.sub(r"\{\w*\}('s)?|\(\w+\)", " ", expression).casefold()
    return tuple(tuple(word.split("/")) for word in re.findall(r"[\w'/-]+", plain))


def _likeness(own: Sequence[str], phrase: Sequence[Words]) -> float:
    """The weight of the words that both have, as a share of all: 1 when they are the same."""
    left = list(own)
    shared = 0.0
    for words in phrase:
        alike, word = max(((_alike(one, words), one) for one in left), default=(0.0, ""))
        if alike:
            left.remove(word)
            shared += alike * _weight(words[0])
    whole = sum(_weight(one) for one in own) + sum(_weight(words[0]) for words in phrase)
    return 2 * shared / whole if whole else 0.0


def _alike(one: str, words: Words) -> float:
    return max(_same(one, two) for two in words)


@cache
def _same(one: str, two: str) -> float:
    if one == two:
        return 1.0
    if any(one in row and two in row for row in SYNONYMS):
        return 0.95
    ratio = SequenceMatcher(None, one, two).ratio()
    return ratio if ratio >= ALIKE and not {one, two} & SMALL else 0.0


def _weight(word: str) -> float:
    return SMALL_WEIGHT if word in SMALL else 1.0
