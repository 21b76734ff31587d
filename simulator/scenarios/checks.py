"""What Then steps expect: one function a phrase. Each raises Failure with what a tester must know, or returns.

Texts are consumed in order, each once. What a handset got is read from the handset; state is read from the portal,
whether data works from the network, health from where a load balancer asks.

Not here: the sentences (speech.py), the reasons (because.py).
"""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, timedelta
from typing import Any, Final

from simulator.clock import AMSTERDAM
from simulator.gateway_process import GatewayDied
from simulator.handset import Line
from simulator.scenarios import because
from simulator.scenarios.acts import Call
from simulator.scenarios.catalogue import bundle_names, load
from simulator.scenarios.scene import Failure, Person, Scene, Text
from simulator.scenarios.speech import reason_words, say
from simulator.scenarios.values import MICRO, euro, same, size, span

MARK: Final = {True: "✓", False: "✗"}
OUTCOMES: Final = {"expired": "failed", "cancelled": "failed", "pending": "submitted"}
"""The gateway's states as a tester tells them, where the words differ."""
LOG_S: Final = 1.0
CENTS: Final = 10_000


# --- messages --------------------------------------------------------------------------------------------


async def gets_message(scene: Scene, call: Call) -> None:
    """The next text is of this name, with these values."""
    name, wanted = call.values
    person = scene.person(name)
    text = _next_named(scene, person, wanted)
    if call.table:
        _compare(scene, person, text, wanted, call.table)
    _consume(scene, person, text)


async def gets_text_with(scene: Scene, call: Call) -> None:
    name, words = call.values
    person = scene.person(name)
    if not person.waiting:
        raise Failure("not_got_text", {"who": name, "text": words}, person)
    text = person.waiting[0]
    if words not in text.line.text and any(words in later.line.text for later in person.waiting):
        told = {"who": name, "text": words, "found": _found(scene, text)}
        raise Failure("text_first", told, person, marked=(text.line,))
    if words not in text.line.text:
        raise Failure("wrong_text", {"who": name, "text": words}, person, marked=(text.line,))
    _consume(scene, person, text)


async def gets_in_order(scene: Scene, call: Call) -> None:
    name = call.values[0]
    person = scene.person(name)
    for wanted in call.table:
        _consume(scene, person, _next_named(scene, person, wanted))


async def gets_count(scene: Scene, call: Call) -> None:
    name, count = call.values
    person = scene.person(name)
    found = len(person.waiting)
    if found != count:
        words = {"who": name, "found": found, "count": count}
        raise Failure("wrong_count", words, person, marked=_lines(person))
    _consume_all(scene, person)


async def messages_count_as(scene: Scene, call: Call) -> None:
    name = call.values[0]
    person = scene.person(name)
    catalogue = load(scene.language)
    found = Counter(_public(text, catalogue.names) for text in person.waiting)
    wanted = Counter(call.table)
    if found != wanted:
        details = [
            f"{MARK[found[one] == wanted[one]]} {one}: "
            + say("expected_got", scene.language, expected=str(wanted[one]), found=found[one])
            for one in dict.fromkeys([*wanted, *found])
        ]
        raise Failure("wrong_tally", {"who": name}, person, details=tuple(details), marked=_lines(person))
    _consume_all(scene, person)


async def gets_nothing(scene: Scene, call: Call) -> None:
    _expect_none(scene.person(call.values[0]))


async def nobody_gets(scene: Scene, call: Call) -> None:
    del call
    for person in scene.people.values():
        _expect_none(person)


async def gets_nothing_because(scene: Scene, call: Call) -> None:
    name, reason = call.values
    person = scene.person(name)
    _expect_none(person)
    found = await because.reasons(scene, person)
    if reason not in found:
        told = reason_words(reason, scene.language)
        raise Failure("other_reason", {"who": name, "reason": f"{told} [{reason}]"}, person)


def _expect_none(person: Person) -> None:
    if person.waiting:
        words = {"who": person.name, "count": len(person.waiting)}
        raise Failure("got_some", words, person, marked=_lines(person))


def _next_named(scene: Scene, person: Person, wanted: str) -> Text:
    catalogue = load(scene.language)
    kinds = catalogue.kinds(wanted)
    words: dict[str, object] = {"who": person.name, "name": wanted}
    if not person.waiting:
        raise Failure("not_got", words, person, kind=kinds[0] if kinds else "")
    text = person.waiting[0]
    if not any(one.kind in kinds for one in text.kinds):
        words["found"] = _found(scene, text)
        came = any(one.kind in kinds for later in person.waiting for one in later.kinds)
        key, kind = ("got_first" if came else "got_other"), kinds[0] if kinds else ""
        raise Failure(key, words, person, kind=kind, marked=(text.line,))
    return text


def _found(scene: Scene, text: Text) -> str:
    """How a text that no step asked about is called."""
    return _public(text, load(scene.language).names) or say("unknown_text", scene.language)


def _public(text: Text, names: Mapping[str, str]) -> str:
    """Its name in the scenario's language, whatever language the text is in."""
    return names.get(text.kind, text.name)


def _compare(scene: Scene, person: Person, text: Text, wanted: str, table: Mapping[str, str]) -> None:
    """Every value that was given, each with its verdict."""
    catalogue = load(scene.language)
    recognised = next(one for one in text.kinds if one.kind in catalogue.kinds(wanted))
    own = {
        say("sender", scene.language): text.line.peer,
        say("parts", scene.language): str(text.line.parts),
    }
    rows = [(say("name", scene.language), wanted, wanted, True)]
    for label, expected in table.items():
        found = own.get(label, recognised.fields.get(catalogue.field_of(label), "–"))
        right = (
            same(expected, found, person.handset.language)
            or bundle_names(person.handset.language).get(expected) == found
        )
        rows.append((label, expected, found, right))
    if all(right for *_, right in rows):
        return
    width = max(len(label) for label, *_ in rows)
    details = tuple(
        f"{label:<{width}} {MARK[right]} "
        + (found if right else say("expected_got", scene.language, expected=expected, found=found))
        for label, expected, found, right in rows
    )
    words = {"who": person.name, "name": wanted}
    raise Failure("wrong_values", words, person, details=details, marked=(text.line,))


def _consume(scene: Scene, person: Person, text: Text) -> None:
    person.waiting.remove(text)
    person.last = scene.last = text
    scene.last_person = person


def _consume_all(scene: Scene, person: Person) -> None:
    for text in list(person.waiting):
        _consume(scene, person, text)


def _lines(person: Person) -> tuple[Line, ...]:
    return tuple(text.line for text in person.waiting)


# --- that text -------------------------------------------------------------------------------------------


def _last(scene: Scene) -> tuple[Text, Person]:
    if scene.last is None or scene.last_person is None:
        raise Failure("no_last")
    return scene.last, scene.last_person


async def comes_from(scene: Scene, call: Call) -> None:
    text, person = _last(scene)
    if text.line.peer != call.values[0]:
        words = {"sender": call.values[0], "found": text.line.peer}
        raise Failure("wrong_sender", words, person, marked=(text.line,))


async def is_short(scene: Scene, call: Call) -> None:
    text, person = _last(scene)
    if text.line.parts > call.values[0]:
        words = {"count": call.values[0], "found": text.line.parts}
        raise Failure("too_long", words, person, marked=(text.line,))


async def fits_gsm7(scene: Scene, call: Call) -> None:
    del call
    text, person = _last(scene)
    if not text.line.encoding.casefold().startswith("gsm"):
        raise Failure("not_gsm", {}, person, details=(text.line.encoding,), marked=(text.line,))


async def is_state(scene: Scene, call: Call, *, state: str) -> None:
    """What became of it, as the gateway knows. A text that failed never came: then it is the last that was sent."""
    del call
    person, rows = await _sent(scene, failed=state == "failed")
    found = OUTCOMES.get(rows[-1]["state"], rows[-1]["state"]) if rows else "none"
    if found != state:
        told = {"state": say(state, scene.language), "found": say(found, scene.language)}
        raise Failure("wrong_state", told, person)


async def _sent(scene: Scene, *, failed: bool) -> tuple[Person, list[Any]]:
    acting = [person for person in scene.people.values() if person.acts]
    if failed and acting:
        rows = await scene.pair.client.notifications(acting[-1].number)
        return acting[-1], [row for row in rows if row["state"] != "suppressed"]
    text, person = _last(scene)
    rows = await scene.pair.client.notifications(person.number)
    return person, [row for row in rows if row.get("text") == text.line.text]


async def arrives_within(scene: Scene, call: Call) -> None:
    """Counted from the last thing that somebody did before it came."""
    text, person = _last(scene)
    before = [at for at in (scene.block_start, *scene.acted_at) if at is not None and at <= text.line.at]
    took = text.line.at.astimezone(UTC) - max(before).astimezone(UTC)
    if took > call.values[0]:
        words = {"found": span(took, scene.language), "duration": span(call.values[0], scene.language)}
        raise Failure("too_late", words, person, marked=(text.line,))


# --- what the subscriber may use -------------------------------------------------------------------------


async def data_works(scene: Scene, call: Call, *, works: bool) -> None:
    person = scene.person(call.values[0])
    if scene.world.network.is_blocked(person.number, scene.now) == works:
        raise Failure("data_off" if works else "data_on", {"who": person.name}, person)


async def data_outside_eu(scene: Scene, call: Call) -> None:
    name, reason = call.values
    person = scene.person(name)
    data = (await scene.pair.client.subscription(person.number))["data"]
    if not any(one.partition(":")[0] == reason for one in data["reasons"]):
        raise Failure("not_blocked", {"who": name, "reason": reason_words(reason, scene.language)}, person)


async def data_outside_eu_free(scene: Scene, call: Call) -> None:
    person = scene.person(call.values[0])
    data = (await scene.pair.client.subscription(person.number))["data"]
    if data["outside_eu"] != "open" or data["blocked_categories"]:
        reasons = ", ".join(reason_words(one, scene.language) for one in data["reasons"])
        raise Failure("not_free", {"who": person.name, "reasons": reasons}, person)


async def usage_is(scene: Scene, call: Call) -> None:
    name, used, limit = call.values
    person = scene.person(name)
    cost = (await scene.pair.client.subscription(person.number))["cost"]
    found = (round(float(cost["charged_eur"]) * 100) * CENTS, cost["limit_eur"] * MICRO)
    if found != (used, limit):
        told = [f"{euro(one, scene.language)} / {euro(two, scene.language)}" for one, two in (found, (used, limit))]
        raise Failure("wrong_usage", {"who": name, "found": told[0], "expected": told[1]}, person)


async def home_and_eu_volume_is(scene: Scene, call: Call) -> None:
    await _volume(scene, call, "domestic_eu_bytes", "wrong_volume")


async def outside_eu_volume_is(scene: Scene, call: Call) -> None:
    await _volume(scene, call, "outside_eu_bytes", "wrong_volume")


async def leakage_is(scene: Scene, call: Call) -> None:
    await _volume(scene, call, "leakage_bytes", "wrong_leakage")


async def _volume(scene: Scene, call: Call, counter: str, key: str) -> None:
    name, volume = call.values
    person = scene.person(name)
    found = (await scene.pair.client.subscription(person.number))["usage"][counter]
    if found != volume:
        told = {"found": size(found, scene.language), "expected": size(volume, scene.language)}
        raise Failure(key, {"who": name, **told}, person)


async def share_is(scene: Scene, call: Call) -> None:
    """Who bears how much of an overrun, of the month before this one."""
    name, volume, customer = call.values
    person = scene.person(name)
    first = scene.now.astimezone(AMSTERDAM).replace(day=1)
    month = f"{first - timedelta(days=1):%Y-%m}"
    rows = [row for pool in await scene.pair.client.pools(customer, month) for row in pool["subscriptions"]]
    found = next((row["overrun_share_bytes"] for row in rows if row["msisdn"] == person.number), 0)
    if found is None:
        raise Failure("not_closed", {"customer": customer}, person)
    if found != volume:
        told = {"found": size(found, scene.language), "expected": size(volume, scene.language)}
        raise Failure("wrong_share", {"who": name, "customer": customer, **told}, person)


async def switch_is(scene: Scene, call: Call) -> None:
    code, name, on = call.values
    person = scene.person(name)
    found = (await scene.pair.client.subscription(person.number))["preferences"][code]
    if found != on:
        word = say("on" if found else "off", scene.language)
        raise Failure("wrong_switch", {"code": code, "who": name, "found": word}, person)


async def bundles_left(scene: Scene, call: Call) -> None:
    """How many may still start this month, in the options that are enabled together."""
    count, name = call.values
    person = scene.person(name)
    view = await scene.pair.client.subscription(person.number)
    started = Counter(instance["category"] for instance in view["bundle_instances"])
    options = {bundle: option for bundle, option in view["bundles"].items() if option["enabled"]}
    found = sum(option["max_per_month"] - started[bundle] for bundle, option in options.items())
    if found != count:
        raise Failure("wrong_bundles", {"who": name, "found": found, "count": count}, person)


async def refused(scene: Scene, call: Call) -> None:
    del call
    if not scene.refused:
        raise Failure("not_refused")
    scene.refused = ""


# --- the gateway -----------------------------------------------------------------------------------------


async def log_has(scene: Scene, call: Call) -> None:
    event = call.values[0]
    scene.expected_errors.add(event)
    wanted: Mapping[str, str] = call.table or {}
    child = scene.pair.child
    while True:
        lines = [line for line in scene.log()[scene.log_seen :] if line.get("event") == event]
        if any(_has(line, wanted) for line in lines):
            return
        # What was logged may still be on its way through the pipe.
        try:
            await child.wait_for(event, count=len(child.events(event)) + 1, timeout_s=LOG_S)
        except GatewayDied:
            details = tuple(f"{line.get('event')} {line}" for line in lines[-3:])
            raise Failure("not_logged", {"event": event}, details=details) from None


def _has(line: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    return all(str(line.get(field)) == value for field, value in wanted.items())


async def fault_occurred(scene: Scene, call: Call) -> None:
    wanted, count = call.values
    named = wanted.name(scene.language)
    if wanted.told_by:
        with suppress(GatewayDied):
            await scene.pair.child.wait_for(wanted.told_by, count=count, timeout_s=LOG_S)
        scene.count_told()
    found = sum(armed.fault.hits for armed in scene.armed if armed.name == named)
    if found != count:
        raise Failure("wrong_hits", {"fault": named, "found": found, "count": count})


async def health_is(scene: Scene, call: Call, *, state: str) -> None:
    del call
    # Where no gateway could start, whoever asks gets no answer.
    ready, body = (False, {}) if scene.pair.down else await scene.pair.client.readiness()
    found = "not_ready" if not ready else "healthy" if body.get("delivery") == "ok" else "degraded"
    if found != state:
        told = {"found": say(found, scene.language), "state": say(state, scene.language)}
        raise Failure("wrong_health", told, details=(str(body),))


async def same_as_file(scene: Scene, call: Call) -> None:
    """The whole conversation, as a text file beside the feature, reviewed like any other."""
    name = call.values[0]
    path = scene.folder / name
    found = because.conversation_text(scene)
    if scene.update_snapshots:
        path.write_text(found, encoding="utf-8")
    elif not path.is_file():
        raise Failure("snapshot_missing", {"file": name})
    elif (expected := path.read_text(encoding="utf-8")) != found:
        lines = because.difference(expected, found)
        raise Failure("snapshot_differs", {"file": name}, details=tuple(lines))
    for person in scene.people.values():
        _consume_all(scene, person)
