"""The quick look at a plain event and the tables never differ: whatever the first takes, the tables read the same."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.http.cloudevents import _by_the_tables, _plain
from gateway.items import EventItem

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LATEST = NOW + timedelta(minutes=5)
USAGE, LOCATION = "nl.sms1330.usage.reported.v1", "nl.sms1330.location.updated.v1"

times = st.one_of(
    st.integers(-5_000_000_000, 500_000).map(lambda ms: (NOW + timedelta(milliseconds=ms)).isoformat()),
    st.sampled_from(["2026-11-02T10:00:00+01:00", "2026-11-02T09:00:00Z", "2026-11-02T09:04:59.999Z"]),
    st.sampled_from(["2026-11-02T09:05:00.001Z", "2026-11-02", "2026-11-02T09:00:00", "", None, 5, []]),
)
names = st.one_of(
    st.sampled_from(["u-1", "/mediation/1", "a b", "", "x" * 512, "x" * 513, "é", "\x7f", "\ud83d", None, 7, ["u"]]),
    st.text(max_size=6),
)
numbers = st.sampled_from(["+31612345678", "+316", "31612345678", "+31612345678\n", "", None, 31612345678])
imsis = st.sampled_from(["204080000000001", "20408", "", None, 204080000000001])
plmns = st.sampled_from(["310-410", "204-08", "310410", "310-4", None, 310])
volumes = st.sampled_from([0, 1, 2**63 - 1, 2**63, -1, True, 1.0, "1", None])
data = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "msisdn": numbers,
            "imsi": imsis,
            "visited_plmn": plmns,
            "bytes": volumes,
            "session": names,
            "total_bytes": volumes,
            "used_at": times,
            "started_at": times,
            "x": volumes,
        },
    ),
    st.sampled_from([None, [], "data", 5]),
)
events = st.one_of(
    st.fixed_dictionaries(
        {
            "specversion": st.sampled_from(["1.0", "1.0", "0.3", None]),
            "id": names,
            "source": names,
            "type": st.sampled_from([USAGE, LOCATION, "other", None]),
            "time": times,
            "data": data,
        },
        optional={"subject": names, "datacontenttype": st.just("application/json"), "ext": names},
    ),
    st.dictionaries(st.sampled_from(["id", "source", "type", "time", "data", "specversion"]), names),
    st.sampled_from([None, 5, "event", [], [1]]),
)
good = st.builds(
    lambda at, used, volume, number: event(
        USAGE, at, {"msisdn": number, "visited_plmn": "310-410", "bytes": volume, "used_at": used}
    ),
    times,
    times,
    volumes,
    numbers,
)


def event(kind, at, members):
    return {"specversion": "1.0", "id": "u-1", "source": "/mediation/1", "type": kind, "time": at, "data": members}


@given(events | good)
def test_what_is_taken_at_sight_reads_the_same_by_the_tables(sent):
    plain = _plain(sent, LATEST, "f-1")
    if plain is not None:
        assert plain == _by_the_tables(sent, LATEST, "f-1", "204")


MOMENT = "2026-11-02T09:00:00.123Z"
SIM = {"msisdn": "+31612345678", "visited_plmn": "310-410"}


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        (USAGE, {**SIM, "bytes": 5, "used_at": MOMENT}),
        (USAGE, {**SIM, "bytes": 5, "used_at": "2026-11-02T08:00:00Z"}),
        (USAGE, {**SIM, "session": "s", "total_bytes": 5, "used_at": MOMENT}),
        (LOCATION, {"imsi": "204080000000001", "visited_plmn": "310-410"}),
    ],
)
def test_the_usual_forms_are_taken_at_sight(kind, members):
    plain = _plain(event(kind, MOMENT, members), LATEST, "f-1")
    assert isinstance(plain, EventItem)
    assert plain == _by_the_tables(event(kind, MOMENT, members), LATEST, "f-1", "204")


@pytest.mark.parametrize("ahead_s", [300.001, 86_400])
@pytest.mark.parametrize("member", ["time", "used_at"])
def test_a_moment_too_far_ahead_is_left_to_the_tables(ahead_s, member):
    moments = {"time": MOMENT, "used_at": MOMENT, member: (NOW + timedelta(seconds=ahead_s)).isoformat()}
    sent = event(USAGE, moments["time"], {**SIM, "bytes": 5, "used_at": moments["used_at"]})
    assert _plain(sent, LATEST, "f-1") is None
    assert _by_the_tables(sent, LATEST, "f-1", "204").code == "time_in_future"
