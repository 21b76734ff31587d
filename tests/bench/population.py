"""Who and what the bench plays with: subscriptions, prepared requests, prepared frames.

All of it is made before a clock runs. Numbers and IMSIs follow from a subscription's index, so that the processes of
the bench agree without talking. Must not be put here: sockets, clocks that measure.
"""

import json
import os
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

SERVICE_NUMBER = "1330"
SYSTEM_ID, PASSWORD = "gateway", "secret"

# One event in fifty enters a country and is told of it (2 % notified).
NOTIFIED_EVERY = 50
# One usage event in five is outside the EU, where it has a price; the sums stay far below every threshold.
ABROAD_EVERY = 5
HOME, ABROAD = "204-08", "310-410"
# Every lap over the subscriptions enters another country of the EU zone.
COUNTRIES = ("262-01", "208-01", "222-01", "214-01", "206-01", "228-01")
# Each an answer of one part; every other one changes a setting. No text twice running: that would be a handset's
# repeat, answered once.
TEXTS = ("BERICHT UIT", "INFO", "BERICHT AAN", "LIMIET")

_USAGE = (
    '{"specversion":"1.0","id":"%s","source":"/bench","type":"nl.sms1330.usage.reported.v1","time":"%s",'
    '"data":{"msisdn":"%s","visited_plmn":"%s","bytes":%d,"used_at":"%s"}}'
)
_LOCATION = (
    '{"specversion":"1.0","id":"%s","source":"/bench","type":"nl.sms1330.location.updated.v1","time":"%s",'
    '"data":{"imsi":"%s","visited_plmn":"%s"}}'
)


def msisdn(index: int) -> str:
    return f"+31610{index:06d}"


def imsi(index: int) -> str:
    return f"20408{index:010d}"


def settings(index: int) -> bytes:
    """The body of a PUT: data outside the EU is allowed and charged."""
    body = {
        "customer": f"c{index % 100}",
        "sims": [{"imsi": imsi(index), "role": "primary"}],
        "bundles": {"B": {"enabled": True}},
    }
    return json.dumps(body).encode()


def event_bodies(events: int, batch: int, subscriptions: int) -> list[bytes]:
    """CloudEvents in batches, with random ids as producers have them, times of the last seconds."""
    ids = _uuids()
    bodies = []
    texts: list[str] = []
    now = datetime.now(UTC).timestamp()
    # An instant of its own for each event, in any order, as clocks of many network elements give.
    steps = random.Random(1330)
    entries = 0
    for number in range(events):
        at = datetime.fromtimestamp(now - steps.randrange(60_000) / 1000, UTC).isoformat(timespec="milliseconds")
        if number % NOTIFIED_EVERY == NOTIFIED_EVERY - 1:
            country = COUNTRIES[entries // subscriptions % len(COUNTRIES)]
            texts.append(_LOCATION % (next(ids), at, imsi(entries % subscriptions), country))
            entries += 1
        else:
            plmn = HOME if number % ABROAD_EVERY else ABROAD
            number_of = msisdn(steps.randrange(subscriptions))
            texts.append(_USAGE % (next(ids), at, number_of, plmn, 200 + number % 700, at))
        if len(texts) == batch or number == events - 1:
            bodies.append(f"[{','.join(texts)}]".encode())
            texts.clear()
    return bodies


def notified(events: int) -> int:
    """How many of those events lead to a text."""
    return events // NOTIFIED_EVERY


def deliveries(count: int, subscriptions: int) -> list[tuple[str, str]]:
    """(sender, text) of each text to the service number."""
    return [(msisdn(n % subscriptions), TEXTS[n // subscriptions % len(TEXTS)]) for n in range(count)]


def _uuids() -> Iterator[str]:
    while True:
        octets = os.urandom(16 * 256)  # one call of the kernel for many
        for start in range(0, len(octets), 16):
            yield str(uuid.UUID(bytes=octets[start : start + 16], version=4))
