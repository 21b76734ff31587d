"""All cases, by theme, in the order in which they are played.

Must not be put here: a case.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from simulator.torture import answers, bindings, bodies, commands, framing, links, pressure, receipts
from simulator.torture.cases import Case

GROUPS: Final[Mapping[str, Sequence[Case]]] = {
    "binding": bindings.CASES,
    "framing": framing.CASES,
    "bodies": bodies.CASES,
    "commands": commands.CASES,
    "answers": answers.CASES,
    "receipts": receipts.CASES,
    "links": links.CASES,
    "pressure": pressure.CASES,
}
CASES: Final[Mapping[str, Case]] = {case.name: case for cases in GROUPS.values() for case in cases}
GROUP_OF: Final[Mapping[str, str]] = {case.name: group for group, cases in GROUPS.items() for case in cases}
