"""What the parser of feature files complains about, in the words of whoever writes scenarios, in the file's language.

Not here: parsing (reading.py), what a step means (interpret.py).
"""

import re
from typing import Final

from simulator.scenarios.speech import say

_LANGUAGE: Final = re.compile(r"^\s*#\s*language\s*:\s*(\S+)", re.MULTILINE)
_UNEXPECTED: Final = re.compile(r"expected: (?P<expected>.*), got '(?P<got>.*)'", re.DOTALL)
_PLACE: Final = re.compile(r"^\(\d+:\d+\): ")
_EARLIER: Final = "Language not supported"


def language_of(text: str) -> str:
    """The language a file says it is in, as far as it is one of ours; English where it says nothing."""
    found = _LANGUAGE.search(text)
    return "nl" if found is not None and found[1] == "nl" else "en"


def told(error: object, language: str) -> str:
    """One complaint as a sentence; one that nobody foresaw stays as the parser has it."""
    message = _PLACE.sub("", str(error))
    if message.startswith(_EARLIER):
        return say("unknown_language", language, found=message.rpartition(": ")[2])
    if "inconsistent cell count" in message:
        return say("uneven_table", language)
    if message.startswith("unexpected end of file"):
        return say("no_feature" if "#FeatureLine" in message else "file_ends", language)
    match = _UNEXPECTED.fullmatch(message)
    if match is None:
        return message
    # A line that is none of what may stand there.
    if "#StepLine" in match["expected"]:
        return say("no_keyword", language)
    return say("no_feature" if "#FeatureLine" in match["expected"] else "no_scenario_here", language)


def is_consequence(error: object) -> bool:
    """Whether it only says that a file whose beginning was not understood is over."""
    return str(error).endswith("#TagLine, #FeatureLine, #Comment, #Empty") and "end of file" in str(error)
