"""How much work a read costs, counted in lines of Python executed, and an end to work that has none.

A hang shows on any machine at the same line, a quadratic loop long before it is slow. Must not be put here: time.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COUNTED = tuple(str(ROOT / package) for package in ("gateway", "simulator"))


class OutOfFuel(AssertionError):  # noqa: N818 - what it says
    """More work than the octets that came can be worth."""


class Fuel:
    """Use it with `with`; `lines` is then what was executed of the two programs, at most `limit`."""

    def __init__(self, limit):
        self.limit = limit
        self.lines = 0
        self._before = None

    def __enter__(self):
        self._before = sys.gettrace()
        sys.settrace(self._on_call)
        return self

    def __exit__(self, *exc):
        sys.settrace(self._before)

    def _on_call(self, frame, _event, _argument):
        return self._on_line if frame.f_code.co_filename.startswith(COUNTED) else None

    def _on_line(self, frame, event, _argument):
        if event == "line":
            self.lines += 1
            if self.lines > self.limit:
                place = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
                raise OutOfFuel(f"out of fuel: more than {self.limit} lines executed, the last at {place}")
        return self._on_line
