"""What the rules say in tables and in the calendar: places, prices, volumes, switches; months of Amsterdam (Q21).

Not the product's tables: read from the rules a second time. Must not be put here: anything of one subscription.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MB, GB = 10**6, 10**9  # Q53
US = timedelta(microseconds=1)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")  # Q21
# Rules 4, by network: a name that two networks share when they share a border (Q43), zone, regime.
PLACES = {
    "204-08": ("NL", "HOME", "home"),
    "204-04": ("NL", "HOME", "home"),
    "206-01": ("BE", "EU", "member"),
    "242-01": ("NO", "EU", "eea"),
    "255-03": ("UA", "EU", "rlah_assoc"),
    "228-01": ("CH", "EU", "voluntary"),
    "234-02": ("GB", "EU", "voluntary"),
    "234-50": ("Channel Islands", "EU", "voluntary"),
    "310-410": ("US", "A", "third"),
    "310-260": ("US", "A", "third"),
    "286-01": ("TR", "A", "third"),
    "901-71": ("North Sea", "A", "third"),
    "440-10": ("JP", "B", "third"),
    "722-010": ("AR", "ROW", "third"),
    "438-02": ("TM", "ROW", "third"),
    "999-99": ("unknown 999", "ROW", "third"),
    "901-12": ("ships", "NT", "non_terrestrial"),
}
JOINED = {"UA": datetime(2025, 12, 31, 23, tzinfo=UTC)}  # Q39: in zone A before that
NOT_REALTIME = {"TM"}
RATES = {"A": 2_500_000, "B": 4_000_000, "ROW": 5_000_000, "NT": 10_000_000}
VOLUMES = {"A": 30 * GB, "B": 7_500 * MB, "ROW": 5 * GB, "WORLD": 7_500 * MB}
COVERS = {"A": {"A"}, "B": {"B"}, "ROW": {"ROW"}, "WORLD": {"A", "B", "ROW"}}  # Q36
REASONS = (
    "COST_LIMIT",
    "BUNDLE_CAP",
    "ZERO_BUNDLE",
    "NO_BUNDLE_OPTION",
    "ADMIN_DATA_NON_EU",
    "ADMIN_DATA_EU",
    "ADMIN_ROAMING",
)
# Rules 2.1
CONTROLLED = {
    "INFO": "border_eu border_eu_data_off border_world_bundle border_world_no_bundle border_world_data_off "
    "border_world_blocked border_non_terrestrial border_combi",
    "BERICHT": "usage_80 usage_100 bundle_80 bundle_80_last",
    "LIMIET": "cost_80 roaming_limit_80 roaming_limit_100",
}
SWITCH = {kind: switch for switch, kinds in CONTROLLED.items() for kind in kinds.split()}
MACHINES_ARE_NOT_TOLD = ("border_", "usage_", "bundle_80", "cost_80", "roaming_limit_")  # Q46
QUIET = timedelta(hours=4)  # Q42
EMERGENCY = {"member", "eea", "rlah_assoc"}  # Art. 15


def place(plmn, at):
    """Name, zone and regime of a network at that time."""
    name, zone, regime = PLACES[plmn]
    return (name, "A", "third") if at < JOINED.get(name, at) else (name, zone, regime)


def month(at):
    return at.astimezone(AMSTERDAM).strftime("%Y-%m")


def begin(key):
    return datetime(int(key[:4]), int(key[5:]), 1, tzinfo=AMSTERDAM).astimezone(UTC)


def following(key):
    year, number = int(key[:4]), int(key[5:])
    return f"{year + number // 12}-{number % 12 + 1:02d}"


def closed(key):
    """Q23: the first instant at which a record of that month is too late."""
    return datetime(int(following(key)[:4]), int(following(key)[5:]), 16, tzinfo=AMSTERDAM).astimezone(UTC)
