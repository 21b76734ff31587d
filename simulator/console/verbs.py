"""All verbs of the console, for the command line's group.

Not here: what they do.
"""

from typing import Final

import click

from simulator.console.doctor import doctor
from simulator.console.faults import fault
from simulator.console.logs import flow, tail
from simulator.console.people import phone, reach, roam, text, use, why
from simulator.console.running import advance, clock, receipts, status

VERBS: Final[tuple[click.Command, ...]] = (
    *(phone, text, roam, use, reach, why),
    *(clock, advance, receipts, fault, status),
    *(tail, flow, doctor),
)
