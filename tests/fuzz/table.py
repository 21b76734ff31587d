"""The figures of a run, for people. Must not be put here: a figure that the run did not count."""

from functools import partial

from tests.fuzz.play import CODECS

OUTCOMES_OF_CODECS = ("read ", "refused ", "no frame")


def show(console, figures, memory, kept, left, *, seed, workers, real_s):
    print_ = partial(console.print, soft_wrap=True)
    print_(
        f"{figures.pdus:,} mutated PDUs in {figures.cases:,} streams, {figures.octets / 1e6:,.0f} MB, "
        f"{len(figures.mutations)} mutations, seed {seed}, {workers} processes, {real_s:.0f} s"
    )
    print_(f"\n{'':24}{'us per PDU':>12}{'most ms':>10}  of")
    for side, cost in figures.costs.items():
        what = "one PDU" if side in CODECS else "one stream"
        mean_us = cost.total_ns / 1e3 / max(1, figures.pdus)
        print_(f"{side:24}{mean_us:>12.1f}{cost.most_ns / 1e6:>10.2f}  {what}: {cost.dearest}")
    print_(f"\ncounted by the line: {figures.fuelled:,} streams; most lines for one octet")
    for side, cost in figures.costs.items():
        if side not in CODECS:
            print_(f"  {side:34}{cost.lines_per_octet:>8.1f}")
    print_("\nwhat became of a PDU at both codecs")
    for outcome, count in figures.outcomes.most_common():
        if outcome.startswith(OUTCOMES_OF_CODECS):
            print_(f"  {count:>9,}  {outcome}")
    print_("\nwhat became of a session")
    for outcome, count in sorted(figures.outcomes.items()):
        if not outcome.startswith(OUTCOMES_OF_CODECS):
            print_(f"  {count:>9,}  {outcome}")
    print_(f"\nmemory of a process, second half of the run: {slope_kb(memory):+.1f} kB for 100,000 PDUs")
    print_(
        f"bind and close: {left.cycles:,} cycles of {left.clients} clients; descriptors {_pair(left.fds)}, "
        f"tasks {_pair(left.tasks)}, sessions left {left.sessions}, texts lost {left.texts_lost}, "
        f"memory {(left.memory_bytes[1] - left.memory_bytes[0]) / 1024:+.1f} kB"
    )
    print_(f"\nkept from before: {kept.cases} inputs, {kept.fault_count} fail again")
    print_(f"found: {figures.fault_count}")


def show_faults(console, figures):
    print_ = partial(console.print, soft_wrap=True)
    for fault in figures.faults:
        print_(f"\n✗ {fault.side}: {fault.error}")
        print_(f"  again: python -m tests.fuzz --replay {fault.case}")
        print_(f"  chunks: {[chunk if len(chunk) < 400 else chunk[:400] + '…' for chunk in fault.chunks]}")


def slope_kb(memory):
    """By least squares, of the process where it is steepest; kB for 100,000 PDUs."""
    slopes = []
    for held in memory.values():
        half = held[len(held) // 2 :]
        if len(half) < 2:
            continue
        mean_x = sum(x for x, _ in half) / len(half)
        mean_y = sum(y for _, y in half) / len(half)
        spread = sum((x - mean_x) ** 2 for x, _ in half)
        slopes.append(sum((x - mean_x) * (y - mean_y) for x, y in half) / spread * 100_000)
    return max(slopes, default=0.0)


def _pair(values):
    return f"{values[0]} → {values[1]}"
