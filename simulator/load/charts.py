"""Charts as inline SVG: lines over seconds, a histogram on a logarithmic scale, the course of one flow.

Every chart says in words what it shows (`<title>`, and a tooltip for each second), tells its lines apart by dashes and
not by colour alone, and takes its colours from the page's style sheet.

Pure: numbers in, markup out. Not here: which charts there are (page.py).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

WIDTH: Final = 1000
HEIGHT: Final = 170
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 14, 22
POINTS_MAX: Final = 300
"""More seconds than this are drawn by the handful."""
BINS: Final = 48
TICKS: Final = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart. `fold` says what several seconds drawn as one are; None is a second without a figure."""

    name: str
    style: str
    values: Sequence[float | None]
    fold: Callable[[Sequence[float]], float] = max
    area: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment worth a line of its own."""

    second: float
    name: str
    style: str = "mark"


def lines(title: str, unit: str, drawn: Sequence[Line], marks: Sequence[Mark] = (), *, height: int = HEIGHT) -> str:
    """A chart over the seconds of a run, with its legend."""
    seconds = max((len(one.values) for one in drawn), default=0)
    step = max(1, -(-seconds // POINTS_MAX))
    folded = [(one, _fold(one, step)) for one in drawn]
    top = ceiling(max((value for _, values in folded for value in values if value is not None), default=0))
    plot = _Plot(seconds, step, top, height)
    pieces = [plot.grid(unit)]
    pieces += [plot.mark(one) for one in marks if 0 <= one.second <= seconds]
    pieces += [plot.path(one, values) for one, values in folded]
    pieces.append(plot.tips(folded, unit))
    legend = "".join(f'<li class="{one.style}"><i></i>{escape(one.name)}</li>' for one in drawn)
    legend += "".join(f'<li class="{style}"><i></i>{escape(name)}</li>' for name, style in _kinds(marks))
    return (
        f'<figure class="chart"><figcaption><b>{escape(title)}</b><ul class="legend">{legend}</ul></figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">{"".join(pieces)}</svg></figure>'
    )


def _kinds(marks: Sequence[Mark]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((one.name, one.style) for one in marks))


def _fold(line: Line, step: int) -> list[float | None]:
    folded: list[float | None] = []
    for at in range(0, len(line.values), step):
        there = [value for value in line.values[at : at + step] if value is not None]
        folded.append(line.fold(there) if there else None)
    return folded


def ceiling(value: float) -> float:
    """The next round number a scale can end with: 1, 2, 2.5, 4, 5, 8 or 10 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(round_one * power for round_one in (1, 2, 2.5, 4, 5, 8, 10) if round_one * power >= value * 0.999)


def tick(value: float) -> str:
    """1500 → 1.5k."""
    if value >= 1000:
        return f"{value / 1000:g}k"
    return f"{value:g}"


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where numbers lie on the paper."""

    seconds: int
    step: int
    top: float
    height: int

    def x(self, second: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * second / max(self.seconds, 1)

    def y(self, value: float) -> float:
        return self.height - BOTTOM - (self.height - TOP - BOTTOM) * value / self.top

    def grid(self, unit: str) -> str:
        pieces = []
        for number in range(TICKS + 1):
            value = self.top * number / TICKS
            y = self.y(value)
            label = f"{tick(value)}{' ' + unit if number == TICKS and unit else ''}"
            pieces.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            pieces.append(f'<text class="axis y" x="{LEFT - 6}" y="{y + 4:.1f}">{label}</text>')
        every = next(one for one in (1, 5, 10, 20, 30, 60, 120, 300, 600, 3600, 36_000) if self.seconds / one <= 12)
        for second in range(0, self.seconds + 1, every):
            label = f"{second} s" if self.seconds <= 600 else f"{second / 60:g} min"
            pieces.append(f'<text class="axis" x="{self.x(second):.1f}" y="{self.height - 6}">{label}</text>')
        return "".join(pieces)

    def mark(self, mark: Mark) -> str:
        x = self.x(mark.second)
        return (
            f'<line class="{mark.style}" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{self.height - BOTTOM}">'
            f"<title>{escape(mark.name)} at {mark.second:.0f} s</title></line>"
        )

    def path(self, line: Line, values: Sequence[float | None]) -> str:
        """A gap where there is no figure; a lone figure is a dot."""
        commands, pen = [], "M"
        for index, value in enumerate(values):
            if value is None:
                pen = "M"
                continue
            commands.append(f"{pen}{self._middle(index):.1f} {self.y(value):.1f}")
            pen = "L"
        path = f'<path class="line {line.style}" d="{" ".join(commands)}"/>'
        if line.area and commands and None not in values:
            foot = self.y(0)
            ends = f"L{self._middle(len(values) - 1):.1f} {foot:.1f} L{self._middle(0):.1f} {foot:.1f} Z"
            return f'<path class="area {line.style}" d="{" ".join(commands)} {ends}"/>{path}'
        return path

    def _middle(self, index: int) -> float:
        return self.x((index + 0.5) * self.step)

    def tips(self, folded: Sequence[tuple[Line, Sequence[float | None]]], unit: str) -> str:
        """What stands under the pointer."""
        pieces = []
        width = self.x(self.step) - self.x(0)
        for index in range(max((len(values) for _, values in folded), default=0)):
            told = [f"{index * self.step} s"]
            for line, values in folded:
                value = values[index] if index < len(values) else None
                if value is not None:
                    told.append(f"{line.name}: {value:,.1f} {unit}".rstrip())
            pieces.append(
                f'<rect class="tip" x="{self.x(index * self.step):.1f}" y="{TOP}" width="{width:.2f}" '
                f'height="{self.height - TOP - BOTTOM}"><title>{escape(chr(10).join(told))}</title></rect>'
            )
        return "".join(pieces)


# --- a histogram -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scale:
    """A logarithmic scale of microseconds over the width of a histogram."""

    lowest: int
    highest: int
    width: int = 480
    height: int = 150
    foot: int = 128

    def share(self, value_us: float) -> float:
        first, last = math.log10(self.lowest), math.log10(self.highest * 1.02)
        return (math.log10(max(value_us, self.lowest)) - first) / (last - first)

    def x(self, value_us: float) -> float:
        return self.share(value_us) * self.width

    def edge_ms(self, bin_number: int) -> float:
        """Where a bar begins."""
        first, last = math.log10(self.lowest), math.log10(self.highest * 1.02)
        return float(10 ** (first + (last - first) * bin_number / BINS) / 1000)


def histogram(title: str, buckets: Sequence[Sequence[int]], ranks_ms: Sequence[tuple[str, float]]) -> str:
    """Latencies as bars on a logarithmic scale, percentiles as lines. `buckets`: [microseconds, how many]."""
    lowest = max(min((low for low, _ in buckets), default=1), 10)
    scale = _Scale(lowest, max(max((low for low, _ in buckets), default=1), lowest * 2))
    counts = [0] * BINS
    for low, count in buckets:
        counts[min(int(scale.share(low) * BINS), BINS - 1)] += count
    axis = [
        f'<text class="axis" x="{scale.x(10.0**power * 1000):.1f}" y="{scale.height - 6}">{10.0**power:g} ms</text>'
        for power in range(-1, 6)
        if scale.lowest <= 10**power * 1000 <= scale.highest
    ]
    ranks = [_rank(scale, index, name, value_ms) for index, (name, value_ms) in enumerate(ranks_ms)]
    base = f'<line class="grid" x1="0" x2="{scale.width}" y1="{scale.foot}" y2="{scale.foot}"/>'
    return (
        f'<svg class="histogram" viewBox="-4 0 {scale.width + 8} {scale.height}" role="img" '
        f'aria-label="{escape(title)}">{base}{_columns(scale, counts)}{"".join(ranks)}{"".join(axis)}</svg>'
    )


def _columns(scale: _Scale, counts: Sequence[int]) -> str:
    top, each = max(counts) or 1, scale.width / BINS
    bars = []
    for index, count in enumerate(counts):
        tall = (scale.foot - 22) * count / top
        told = f"{scale.edge_ms(index):,.2f} to {scale.edge_ms(index + 1):,.2f} ms: {count:,}"
        bars.append(
            f'<rect class="bar" x="{index * each + 0.5:.1f}" y="{scale.foot - tall:.1f}" width="{each - 1:.1f}" '
            f'height="{tall:.1f}"><title>{told}</title></rect>'
        )
    return "".join(bars)


def _rank(scale: _Scale, index: int, name: str, value_ms: float) -> str:
    """A percentile's line; names of neighbours stand on two levels."""
    at, level = scale.x(value_ms * 1000), 10 + index % 2 * 10
    side, shift = ("end", -3) if at > scale.width * 0.85 else ("start", 3)
    return (
        f'<line class="rank" x1="{at:.1f}" x2="{at:.1f}" y1="{level - 8}" y2="{scale.foot}"/>'
        f'<text class="axis {side}" x="{at + shift:.1f}" y="{level}">{name}</text>'
    )


# --- one flow --------------------------------------------------------------------------------------------


def course(flow: dict[str, Any]) -> str:
    """From the intended instant to the end: the wait in the generator, the answer, each text's submit and arrival."""
    width = 480
    whole = max(float(flow["took_ms"]), 0.001)

    def x(at_ms: float) -> float:
        return 4 + (width - 8) * min(max(at_ms / whole, 0), 1)

    answered = flow["answered_ms"] if flow["answered_ms"] is not None else whole
    pieces = [
        f'<rect class="track" x="4" y="12" width="{width - 8}" height="8" rx="4"/>',
        _span("waited", 0, flow["sent_ms"], x, "before it was sent"),
        _span("answering", flow["sent_ms"], answered, x, "until it was answered"),
    ]
    for style, name, instants in (("submit", "submit_sm", flow["submits_ms"]), ("shown", "handset", flow["shown_ms"])):
        pieces += [
            f'<circle class="{style}" cx="{x(at):.1f}" cy="16" r="5"><title>{name} after {at:,.1f} ms</title></circle>'
            for at in instants
        ]
    return f'<svg class="course" viewBox="0 0 {width} 32" role="img" aria-label="its course">{"".join(pieces)}</svg>'


def _span(style: str, from_ms: float, to_ms: float, x: Callable[[float], float], told: str) -> str:
    begin, end = x(from_ms), x(to_ms)
    return (
        f'<rect class="{style}" x="{begin:.1f}" y="12" width="{max(end - begin, 0):.1f}" height="8">'
        f"<title>{to_ms - from_ms:,.1f} ms {told}</title></rect>"
    )


def meter(share: float, style: str = "") -> str:
    """A bar of so much of the whole; `share` may be more than 1."""
    return f'<span class="meter {style}"><span style="width:{min(max(share, 0), 1) * 100:.1f}%"></span></span>'
