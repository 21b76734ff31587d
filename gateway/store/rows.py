"""Subscription state as JSON and back: the bodies of the store's rows.

Each body carries a format number beside it; an older format is brought up here, step by step, when it is read.
Decoding is memoised on the text itself, which cannot go stale: the same text is the same value.
Must not be put here: SQL, rules.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson

from gateway.items import EventItem, UsageReport
from handlers.effects import Finding
from handlers.subscription import (
    AdminBlocks,
    Block,
    BundleOption,
    CostLimit,
    Instances,
    Location,
    Memory,
    Period,
    Preferences,
    Profile,
    Said,
    Sim,
    Threshold,
)

# 2: a month is a list. Its decoder tells the two apart by their first character.
FORMAT = 2

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# The subscriptions whose decoded state is kept: some 2 kB each.
_REMEMBERED = 2048


def to_us(at: datetime) -> int:
    """Microseconds since 1970 UTC."""
    return (at - _EPOCH) // _MICROSECOND


def from_us(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _MICROSECOND


def dumps(value: object) -> str:
    """JSON, compact. A tenth of what the standard library takes: a text decided on is three or four bodies."""
    return orjson.dumps(value).decode()


def encode_profile(profile: Profile) -> str:
    return dumps(
        {
            "msisdn": profile.msisdn,
            "customer": profile.customer,
            "sims": [[sim.imsi, sim.role, sim.msisdn] for sim in profile.sims],
            # From here on most profiles are the same: see `decode_profile`.
            "language": profile.language,
            "type": profile.type,
            "bundle_gb": profile.bundle_gb,
            "sms_capable": profile.sms_capable,
            "notify_msisdn": profile.notify_msisdn,
            "m2m": profile.m2m,
            "limits": [[limit.eur, limit.version, limit.since] for limit in profile.limits],
            "hard_cap": profile.hard_cap,
            "usage_alert": [profile.usage_alert.volume_bytes, profile.usage_alert.version],
            "roaming_limit": [profile.roaming_limit.volume_bytes, profile.roaming_limit.version],
            "bundles": {name: [option.enabled, option.max_per_month] for name, option in profile.bundles.items()},
            "blocks": _fields(profile.blocks),
            "preferences": _fields(profile.preferences),
        }
    )


def decode_profile(body: str) -> Profile:
    # Most subscriptions have the same settings: one value for all that do, which takes a fifth of the time to read.
    own, _, settings = body.partition(_SETTINGS)  # no string of JSON can hold that: its quotes are escaped
    row: dict[str, Any] = orjson.loads(own + "}")
    if "sims" not in row:  # of before they came first
        row = orjson.loads(body)
        own_settings = {name: value for name, value in row.items() if name not in _OWN}
        settings = dumps(own_settings).removeprefix("{")
    else:
        settings = _SETTINGS.removeprefix(",") + settings
    sims = tuple([Sim(*sim) for sim in row["sims"]])
    return _settings(settings)._replace(msisdn=row["msisdn"], customer=row["customer"], sims=sims)


_OWN = frozenset({"msisdn", "customer", "sims"})
_SETTINGS = ',"language":'


@lru_cache(maxsize=_REMEMBERED)
def _settings(body: str) -> Profile:
    """All of a profile but whose it is."""
    row: dict[str, Any] = orjson.loads("{" + body)
    return Profile(
        msisdn="",
        language=row["language"],
        type=row["type"],
        bundle_gb=row["bundle_gb"],
        sms_capable=row["sms_capable"],
        notify_msisdn=row["notify_msisdn"],
        m2m=row["m2m"],
        limits=tuple(CostLimit(*limit) for limit in row["limits"]),
        hard_cap=row["hard_cap"],
        usage_alert=Threshold(*row["usage_alert"]),
        roaming_limit=Threshold(*row["roaming_limit"]),
        bundles={name: BundleOption(*option) for name, option in row["bundles"].items()},
        blocks=AdminBlocks(**row["blocks"]),
        preferences=Preferences(**row["preferences"]),
    )


def encode_memory(memory: Memory) -> str:
    return dumps(
        {
            "locations": {
                imsi: [spot.plmn, spot.place, to_us(spot.since), to_us(spot.at)]
                for imsi, spot in memory.locations.items()
            },
            "handset_place": dict(memory.handset_place),
            "announced": {
                number: {place: to_us(at) for place, at in places.items()}
                for number, places in memory.announced.items()
            },
            "texts": {
                sender: [[said.digest, to_us(said.at), said.level] for said in texts]
                for sender, texts in memory.texts.items()
            },
            "unknown_replies": {sender: [to_us(at) for at in told] for sender, told in memory.unknown_replies.items()},
        }
    )


@lru_cache(maxsize=_REMEMBERED)
def decode_memory(body: str) -> Memory:
    row: dict[str, Any] = orjson.loads(body)
    # Before these were kept by sender: whose they were is not known, and they matter for a day at most.
    told = row["unknown_replies"] if "texts" in row else {}
    return Memory(
        locations={
            imsi: Location(plmn, place, from_us(since), from_us(at))
            for imsi, (plmn, place, since, at) in row["locations"].items()
        },
        handset_place=row["handset_place"],
        announced={
            number: {place: from_us(at) for place, at in places.items()} for number, places in row["announced"].items()
        },
        texts={
            sender: tuple(Said(digest, from_us(at), level) for digest, at, level in texts)
            for sender, texts in row.get("texts", {}).items()
        },
        unknown_replies={sender: tuple(from_us(at) for at in times) for sender, times in told.items()},
    )


def encode_period(period: Period) -> str:
    # Written for every event that counts: by hand, a list in which most months need one number.
    _, domestic, outside, leakage, rated, consent, notices, last_rate, bundles = period
    if not (outside or leakage or rated or consent or notices or last_rate or bundles):
        return f"[{domestic}]"
    rates = ",".join([f"{rate},{volume}" for rate, volume in rated.items()])
    counted = ",".join([f'"{category}",{size},{started},{used}' for category, size, started, used in bundles])
    told = dumps(sorted(notices)) if notices else "[]"
    return f"[{domestic},{outside},{leakage},{consent},{last_rate},[{rates}],[{counted}],{told}]"


def decode_period(key: str, body: str) -> Period:
    row: Any = orjson.loads(body)
    if body[0] == "{":
        return _decode_period_1(key, row)
    if len(row) == 1:
        return Period(key, row[0])
    domestic, outside, leakage, consent, last_rate, rates, counted, told = row
    rated = dict(zip(rates[::2], rates[1::2], strict=True))
    bundles = tuple(Instances(*counted[at : at + 4]) for at in range(0, len(counted), 4))
    return Period(key, domestic, outside, leakage, rated, consent, frozenset(told), last_rate, bundles)


def _decode_period_1(key: str, row: Mapping[str, Any]) -> Period:
    """Format 1, an object, from before there were instances."""
    return Period(
        key,
        domestic_eu_bytes=row["domestic_eu"],
        outside_eu_bytes=row["outside_eu"],
        leakage_bytes=row["leakage"],
        rated={int(rate): volume for rate, volume in row["rated"].items()},
        consent=row["consent"],
        notices=frozenset(row["notices"]),
        last_rate_ueur_per_mb=row["last_rate"],
    )


def encode_trace(item: EventItem, now_us: int, findings: Sequence[Finding]) -> str:
    """Why an event only counted, as `GET …/decisions` shows it: written for nearly every event, so without names."""
    report = item.report
    volume = report.volume_bytes or report.total_bytes if isinstance(report, UsageReport) else 0
    return dumps([item.source, item.id, item.flow_id, now_us, report.plmn, volume, findings])


def decode_trace(trace: str) -> dict[str, Any]:
    """The same with its names; traces of before have rules and words alone."""
    if not trace.startswith("["):
        looked = [word.partition(":") for word in trace.split()]
        return {"findings": [{"rule": rule, "result": word, "figures": {}} for rule, _, word in looked]}
    source, one, flow_id, now_us, plmn, volume, findings = orjson.loads(trace)
    return {
        "decided_at": from_us(now_us),
        "event": {"type": "usage.reported", "source": source, "id": one, "visited_plmn": plmn, "bytes": volume},
        "findings": [{"rule": rule, "result": word, "figures": dict(figures)} for rule, word, figures in findings],
        "flow_id": flow_id,
    }


def to_block(row: Sequence[Any]) -> Block:
    """A row of `block` without its subscription."""
    one, reason, start, until, period, category, level = row
    return Block(
        one,
        reason,
        None if start is None else from_us(start),
        None if until is None else from_us(until),
        period,
        category,
        level,
    )


def from_block(subscription: str, block: Block) -> tuple[Any, ...]:
    return (
        block.id,
        subscription,
        block.reason,
        None if block.start is None else to_us(block.start),
        None if block.end is None else to_us(block.end),
        block.period,
        block.category,
        block.level,
    )


def block_number(block: Block) -> int:
    """The order in which the blocks of a subscription began."""
    return int(block.id.rpartition("-b")[2])


@lru_cache(maxsize=256)  # most have the same; nobody changes what he gets
def _fields(value: AdminBlocks | Preferences) -> dict[str, bool]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
