"""Text into HTML: everything that was not written here is escaped, whoever wrote it.

A text on a handset is hostile input. It becomes character data and nothing else, without control characters, and
stands in a `<bdi>`, so that it can neither close an element nor turn around what stands beside it.

Not here: what stands on the page (page.py, scenario_page.py).
"""

import re
from html import escape as _escape
from typing import Final

from simulator.reports.junit import clean

_QUOTED: Final = re.compile(r"&quot;(.*?)&quot;|€ ?[\d.,]*\d")


def text(value: str) -> str:
    """Character data, and fit for an attribute in double quotes."""
    return _escape(clean(value), quote=True)


def told(value: str) -> str:
    """What we say ourselves: an amount stays on one line."""
    return text(value).replace("€ ", "€&nbsp;")


def foreign(value: str) -> str:
    """What a stranger wrote."""
    return f"<bdi>{text(value)}</bdi>"


def step(value: str) -> str:
    """A step, with what is quoted and amounts of money set apart."""
    return _QUOTED.sub(lambda match: f"<b>{match[0]}</b>", text(value)).replace("<b>€ ", "<b>€&nbsp;")


def slug(value: str) -> str:
    """Fit for an id and a link to it; rules are called "G8", "6.1"."""
    return re.sub(r"[^\w.-]", "-", value)
