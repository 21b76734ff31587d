"""How far a load run is: a bar with the last second's figures on a terminal, a plain line every ten seconds elsewhere.

Not here: what stands at the end (summary.py).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

BAR_CELLS: Final = 30
EIGHTHS: Final = " ▏▎▍▌▋▊▉"
PLAIN_EVERY_S: Final = 10


@dataclass
class Progress:
    """`say` writes a line that stays."""

    console: Console
    plain: bool
    seconds: float = 0.0
    _live: Live | None = field(default=None, repr=False)
    _told_s: float = 0.0

    @classmethod
    def open(cls, *, plain: bool, to: TextIO | None = None) -> "Progress":
        """`plain` also where the output is no terminal; where it is JSON, what is said goes to stderr."""
        console = Console(highlight=False, file=to or (sys.stderr if plain else sys.stdout))
        if plain or not console.is_terminal:
            return cls(Console(highlight=False, color_system=None, soft_wrap=True, file=console.file), plain=True)
        return cls(console, plain=False)

    @contextmanager
    def running(self, seconds: float) -> Iterator[None]:
        """A run of that length is under way."""
        self.seconds, self._told_s = seconds, 0.0
        if self.plain:
            yield
            return
        with Live(console=self.console, refresh_per_second=4, transient=True) as live:
            self._live = live
            try:
                yield
            finally:
                self._live = None

    def say(self, text: str | Text) -> None:
        self.console.print(text if isinstance(text, Text) else Text(text))

    def stage(self, told: str) -> None:
        """What is done before or after the run itself."""
        if self._live is not None:
            self._live.update(Text(f"  {told} …", style="dim"))
        elif self.plain:
            self.say(f"{told} …")

    def tick(self, tick: dict[str, Any], row: dict[str, Any]) -> None:
        """A second has passed."""
        told = line(tick, row)
        if self._live is not None:
            self._live.update(Text(f"  {bar(tick['at_s'] / self.seconds)} {tick['at_s']:>5.0f} s   {told}"))
        elif self.plain and tick["at_s"] - self._told_s >= PLAIN_EVERY_S - 0.5:
            self._told_s = tick["at_s"]
            self.say(f"{tick['at_s']:>5.0f} s  {told}")


def bar(share: float) -> str:
    """▕████▌     ▏"""
    eighths = round(min(max(share, 0.0), 1.0) * BAR_CELLS * 8)
    whole, rest = divmod(eighths, 8)
    cells = "█" * whole + (EIGHTHS[rest] if rest else "")
    return f"▕{cells:<{BAR_CELLS}}▏"


def line(tick: dict[str, Any], row: dict[str, Any]) -> str:
    """The last second in figures."""
    latest = tick["latest"]
    words = [f"offered {latest['offered']}/s", f"done {latest['done']}/s"]
    measures = latest["measures"].get("flow")
    if measures:
        words.append(f"p50 {measures[1]:.1f} p99 {measures[2]:.1f} ms")
    words.append(f"in flight {tick['in_flight']}")
    if "outbox" in row:
        words.append(f"outbox {row['outbox']:.0f}")
    if tick["errors"]:
        words.append(f"errors {tick['errors']}")
    if tick["lag_p99_ms"] > PLAIN_EVERY_S:
        words.append(f"generator {tick['lag_p99_ms']:.0f} ms late")
    return "  ".join(words)
