"""Moments, spans, amounts and volumes as a test writes them.

Pure. A local time is Amsterdam's; one that a summer night skips or an autumn night has twice needs its offset.

Not here: how scenarios write them (scenarios/values.py).
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from simulator.clock import AMSTERDAM
from simulator.scenarios import values
from simulator.scenarios.values import BadValue

MICRO: Final = 1_000_000


def instant(moment: datetime | str) -> datetime:
    """An instant of "2026-03-31T23:59:50" (Amsterdam) or "…+02:00". ValueError."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    if at.tzinfo is not None:
        return at.astimezone(AMSTERDAM)
    local = at.replace(tzinfo=AMSTERDAM)
    if local.astimezone(UTC).astimezone(AMSTERDAM).replace(tzinfo=None) != at:
        raise ValueError(f"{moment}: in Amsterdam the clock skips this time")
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        raise ValueError(f"{moment}: in Amsterdam the clock shows this time twice; add an offset, +02:00 or +01:00")
    return local


def span(by: timedelta | None, **units: float) -> timedelta:
    """A timedelta, or `days=1, hours=2`. ValueError when it leads backwards."""
    found = (by or timedelta()) + timedelta(**units)
    if found < timedelta():
        raise ValueError(f"the clock can not go back by {-found}")
    return found


def micro_euro(amount: str | float | Decimal) -> int:
    """Micro-euro of "40.00", 40 or Decimal. ValueError."""
    try:
        found = Decimal(str(amount)) * MICRO
    except InvalidOperation:
        raise ValueError(f'{amount!r} is no amount: euro with a decimal point are allowed, as "40.00"') from None
    if found < 0 or found != int(found):
        raise ValueError(f"{amount!r} is no amount of whole micro-euro")
    return int(found)


def volume_bytes(volume: str | int) -> int:
    """Bytes, or "1.5 GB" (1 GB is 10^9 bytes). ValueError."""
    if isinstance(volume, int):
        return volume
    try:
        return values.volume_bytes(volume, "en")
    except BadValue:
        raise ValueError(f'{volume!r} is no volume: bytes, or as "1.5 GB", "500 MB", "20 kB"') from None
