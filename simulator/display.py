"""What a person sees in the terminal: a conversation in bubbles, with the reason beside each text.

On a terminal: bubbles left (the service) and right (the handset's holder), a rule between two virtual days. When the
output is no terminal: one plain line for each thing. Both say the same.

Not here: what happened (demo.py, world.py), what the reason was (reasons.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from rich import box
from rich.align import Align
from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from simulator.clock import AMSTERDAM
from simulator.handset import Handset, Line

BUBBLE_COLUMNS: Final = 58
WIDTH: Final = 118
SERVICE_STYLE: Final = "cyan"
HOLDER_STYLE: Final = "green"
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass
class Screen:
    """Where the story is told. `plain` writes lines only."""

    console: Console
    plain: bool = False
    _day: date | None = field(default=None, repr=False)

    @classmethod
    def open(cls, *, plain: bool) -> "Screen":
        """The terminal; plain also when the output goes to a file or pipe."""
        console = Console(highlight=False)
        if plain or not console.is_terminal:
            # No wrapping at a width that a pipe does not have.
            return cls(Console(highlight=False, color_system=None, soft_wrap=True), plain=True)
        console = Console(highlight=False, width=min(console.width, WIDTH))
        return cls(console)

    def say(self, text: str, style: str = "") -> None:
        self.console.print(Text(text, style=style))

    def title(self, text: str) -> None:
        if self.plain:
            self.say(f"== {text}")
        else:
            self.console.print(Panel(Text(text, justify="center"), box=box.DOUBLE, style="bold"))

    def clock(self, at: datetime) -> None:
        """A rule when a new virtual day has begun."""
        local = at.astimezone(AMSTERDAM)
        if local.date() == self._day:
            return
        self._day = local.date()
        label = f"{DAYS[local.weekday()]} {local.day} {local:%B %Y}"
        if self.plain:
            self.say(f"-- {label}")
        else:
            self.console.print(Rule(label, style="dim"))

    def happened(self, at: datetime, text: str) -> None:
        """Something that is no text: travel, data, a change at the portal."""
        self.clock(at)
        if self.plain:
            self.say(f"{_hour(at)}  * {text}")
        else:
            self.console.print(Align.center(Text(f"· {_hour(at)}  {text} ·", style="yellow")))

    def line(self, handset: Handset, line: Line, reasons: Sequence[str] = ()) -> None:
        """One text, and why it was sent."""
        self.clock(line.at)
        if self.plain:
            pair = (line.peer, handset.name) if line.direction == "in" else (handset.name, line.peer)
            self.say(f"{_hour(line.at)}  {pair[0]} -> {pair[1]}: {line.text}")
            self.because(reasons)
            return
        if line.direction == "out":
            self.console.print(Align.right(_bubble(line, f"{handset.name} → {line.peer}", HOLDER_STYLE)))
            return
        grid = Table.grid(padding=(0, 2))
        grid.add_column(width=BUBBLE_COLUMNS)
        grid.add_column(vertical="middle")
        why: RenderableType = Text("\n".join(reasons), style="dim")
        grid.add_row(_bubble(line, f"{line.peer} → {handset.name}", SERVICE_STYLE), why)
        self.console.print(grid)

    def because(self, reasons: Iterable[str]) -> None:
        """Why there is no text, or the reasons of the last one on plain lines."""
        for reason in reasons:
            if self.plain:
                self.say(f"         because {reason}")
            else:
                self.console.print(Align.center(Text(reason, style="dim italic")))

    def failed(self, complaints: Iterable[str]) -> None:
        for complaint in complaints:
            self.say(f"  ✗ {complaint}", "bold red")

    def table(self, title: str, rows: Iterable[tuple[str, str]]) -> None:
        """Two columns of facts."""
        if self.plain:
            self.say(f"-- {title}")
            for name, value in rows:
                self.say(f"   {name}: {value}")
            return
        table = Table(title=title, box=box.SIMPLE, show_header=False, title_justify="left")
        for name, value in rows:
            table.add_row(Text(name, style="bold"), Text(value))
        self.console.print(table)


def _hour(at: datetime) -> str:
    return f"{at.astimezone(AMSTERDAM):%H:%M}"


def _bubble(line: Line, heading: str, style: str) -> Panel:
    parts = "" if line.parts == 1 else f" · {line.parts} parts"
    return Panel(
        Text(line.text),
        title=Text(f"{heading} {_hour(line.at)}", style=style),
        title_align="left" if line.direction == "in" else "right",
        subtitle=Text(f"{line.encoding}{parts}", style="dim"),
        subtitle_align="right",
        box=box.ROUNDED,
        border_style=style,
        width=min(BUBBLE_COLUMNS, max(len(line.text) + 4, len(heading) + 14)),
    )
