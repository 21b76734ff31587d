"""What must hold of a month's sums whatever was decided (P11): they only grow, and the store has room for them.

A breach puts the event aside that caused it. Must not be put here: what counts for which sum (handlers).
"""

from typing import Final

from handlers.subscription import Period

# What a column of SQLite holds.
_COLUMN_END: Final = 2**63


def fit(period: Period) -> bool:
    """An absurd volume is put aside with its event (P11): in the store it would end the service."""
    return (
        period.charges_ueur < _COLUMN_END
        and period.domestic_eu_bytes + period.outside_eu_bytes < _COLUMN_END
        and period.leakage_bytes < _COLUMN_END
    )


def grew(old: Period, new: Period) -> bool:
    return (
        new.domestic_eu_bytes >= old.domestic_eu_bytes
        and new.outside_eu_bytes >= old.outside_eu_bytes
        and new.leakage_bytes >= old.leakage_bytes
        and (new.rated is old.rated or new.charges_ueur >= old.charges_ueur)
        and (new.notices is old.notices or new.notices >= old.notices)
        and (
            new.bundles is old.bundles
            or sum(b.used_bytes for b in new.bundles) >= sum(b.used_bytes for b in old.bundles)
        )
    )
