"""A failed scenario as text, in its own language: headline first, then why, conversation, state, steps, replay.

JUnit and terminals show the first line, so the first line says what is wrong.

Not here: finding out why (because.py).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import ClientError

from simulator.gateway_client import GatewayError, Json
from simulator.invoked import invoked
from simulator.scenarios import because
from simulator.scenarios.catalogue import load
from simulator.scenarios.interpret import Understood
from simulator.scenarios.reading import Scenario
from simulator.scenarios.scene import Armed, Entry, Failure, Person, Scene
from simulator.scenarios.speech import reason_words, say
from simulator.scenarios.values import MICRO, euro

ENTRIES_MAX: Final = 12
TEXT_COLUMNS: Final = 72
STEPS_BEFORE: Final = 3
SILENT: Final = frozenset({"got_other", "not_got", "not_got_text", "wrong_count", "wrong_tally", "other_reason"})
UNASKED: Final = frozenset({"unexpected", "got_first", "text_first"})
"""Texts came that no step speaks of: the steps that would are told."""
OPEN: Final = frozenset({"data_on", "not_blocked"})
USAGE: Final = frozenset({"wrong_usage", "wrong_volume", "wrong_bundles"})
LOUD: Final = frozenset({"got_some", "wrong_count"})


@dataclass(frozen=True, slots=True)
class Told:
    """`headline` is the first line without its mark, `text` the whole."""

    headline: str
    text: str


AFTERWARDS: Final = frozenset({"never_fired", "unexpected", "error_logged", "bad_smpp"})
"""Found between or after steps: no step itself failed."""
QUIET_LINES: Final = (
    # What settle.py says of why it is not quiet → how it is told.
    (re.compile(r"(?P<ours>\w+) (?P<here>-?\d+) here, \w+ (?P<there>-?\d+) at the gateway"), "quiet_differs"),
    (re.compile(r"simulator: (?P<count>\d+) unanswered"), "quiet_unanswered"),
    (re.compile(r"simulator: (?P<count>\d+) still to be brought to the gateway"), "quiet_waiting"),
    (re.compile(r"gateway: busy with (?P<count>\d+); it says (?P<answer>.*)"), "quiet_busy"),
    (re.compile(r"gateway: next retry in (?P<seconds>[\d.]+) s"), "quiet_retry"),
)


def why_not_quiet(message: str, language: str) -> list[str]:
    """What settle.py found open, in the scenario's language; a line it does not know stays as it is."""
    told = []
    for line in message.splitlines()[1:]:
        found = next(((key, match) for one, key in QUIET_LINES if (match := one.fullmatch(line.strip()))), None)
        told.append(say(found[0], language, **found[1].groupdict()) if found else line.strip())
    return told


async def tell(scene: Scene, scenario: Scenario, failure: Failure, done: Sequence[Understood], seed: int) -> Told:
    """Everything a tester needs to see about one failure. `done` ends with the step that was played last."""
    language = scene.language
    headline = say(failure.key, language, **failure.words)
    lines = [f"✗ {headline}"]
    lines += [f"    {line}" for line in failure.details]
    lines += [f"    {line}" for line in await _still_open(scene, failure)]
    why = await _why(scene, failure)
    if why:
        lines.append(f"  {say('why', language)}{why}")
    lines += await _tip(scene, failure)
    if failure.key in UNASKED and failure.who is not None:
        lines += _suggestions(scene, failure, failure.who)
    people = [failure.who] if failure.who is not None else list(scene.people.values())
    for person in people:
        lines += ["", *await conversation(scene, person, failure)]
    lines += _faults(scene, failure)
    failed = done[-1] if done and failure.key not in AFTERWARDS else None
    lines += ["", *_steps(scenario, done, failed)]
    lines.append(f"  {say('replay', language)}{replay(scenario, seed)}")
    return Told(headline, "\n".join(lines))


def replay(scenario: Scenario, seed: int) -> str:
    """The command that plays it again and shows it in a browser."""
    return f"{invoked()} run {asked(scenario)}:{scenario.line} --seed {seed} --open"


def asked(scenario: Scenario) -> Path:
    """The file as it can be asked for from here."""
    path = scenario.path.absolute()
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


async def _still_open(scene: Scene, failure: Failure) -> list[str]:
    """What keeps the gateway busy, where that is what is wrong."""
    if failure.key != "not_quiet":
        return []
    try:
        return await because.open_texts(scene)
    except (GatewayError, ClientError, TimeoutError):
        return []


async def _why(scene: Scene, failure: Failure) -> str:
    if failure.key == "unexpected":
        return say("strict", scene.language)
    if failure.key in UNASKED:
        return say("in_order", scene.language)
    if failure.who is None:
        return ""
    try:
        return await _because(scene, failure, failure.who)
    except (GatewayError, ClientError, TimeoutError) as error:
        return f"({say('gateway_says', scene.language)}: {error})"


async def _because(scene: Scene, failure: Failure, person: Person) -> str:
    if failure.key in LOUD and failure.marked:
        return await because.why_came(scene, person)
    if failure.key in SILENT:
        return await because.why_not(scene, person, failure.kind)
    if failure.key in USAGE and person.refused_use:
        return await because.refused_use(scene, person)
    if failure.key in OPEN:
        return await because.why_open(scene, person)
    return await _blocked(scene, person) if failure.key == "data_off" else ""


async def _tip(scene: Scene, failure: Failure) -> list[str]:
    """What would have let the data through, where only that was missing."""
    person = failure.who
    refused = person is not None and person.refused_use and failure.key in SILENT | USAGE
    if person is None or not (refused or failure.key == "data_off"):
        return []
    try:
        lacks = await because.lacks_bundle(scene, person)
    except (GatewayError, ClientError, TimeoutError):
        return []
    tips = ("tip_bundle", "tip_bundle_ways") if lacks else ()
    return ["  " + say(one, scene.language, who=person.name) for one in tips]


async def _blocked(scene: Scene, person: Person) -> str:
    data = (await scene.pair.client.subscription(person.number))["data"]
    return ", ".join(f"{reason_words(one, scene.language)}      [{one}]" for one in data["reasons"])


def _suggestions(scene: Scene, failure: Failure, person: Person) -> list[str]:
    """The steps that would speak of what came: of everything, or of what stands before the text that was asked for."""
    names = load(scene.language).names
    pattern = because.SUGGESTION[scene.language]
    return [
        f"  {say('add', scene.language)}  " + pattern.format(who=person.name, name=names.get(text.kind, text.name))
        for text in person.waiting
        if failure.key == "unexpected" or any(text.line is line for line in failure.marked)
    ]


async def conversation(scene: Scene, person: Person, failure: Failure, entries_max: int = ENTRIES_MAX) -> list[str]:
    """What was said lately, the texts that are wrong pointed at, and where the subscriber stands now."""
    language = scene.language
    lines = [f"  {say('conversation', language, who=person.name, number=person.number)}"]
    entries = person.entries[-entries_max:]
    if len(entries) < len(person.entries):
        lines.append("    …")
    lines += [f"    {_entry(scene, entry, person, failure)}" for entry in entries]
    if failure.key in SILENT and (not entries or entries[-1].line is None):
        lines.append(f"    {say('no_text', language)}")
    return lines + await _state(scene, person)


def _entry(scene: Scene, entry: Entry, person: Person, failure: Failure) -> str:
    marked = entry.line is not None and any(entry.line is line for line in failure.marked)
    shown = because.shown_entry(entry, person, scene.language, marked=marked, width=TEXT_COLUMNS)
    if entry.line is not None and entry.line.direction == "in":
        names = load(scene.language).names
        kinds = because.kinds_of(scene, person, entry.line)
        name = names.get(kinds[0], kinds[0]) if kinds else say("unknown_text", scene.language)
        shown += f"  [{name}]"
    return shown + (f"  ({say('before', scene.language)})" if entry.before else "")


async def _state(scene: Scene, person: Person) -> list[str]:
    """Where the subscriber stands now; nothing when the gateway is gone."""
    try:
        view = await scene.pair.client.subscription(person.number)
    except (GatewayError, ClientError, TimeoutError):
        return []
    return [f"  {say('state', scene.language)}   {_state_line(scene, person, view)}"]


def _state_line(scene: Scene, person: Person, view: Json) -> str:
    language = scene.language
    place = scene.world.network.location(person.number, scene.now).place
    used = round(float(view["cost"]["charged_eur"]) * 100) * 10_000
    reasons = view["data"]["reasons"]
    words = [f"{say('country', language)} {place.iso or place.key}"]
    words += [f"{code} {say('on' if on else 'off', language)}" for code, on in view["preferences"].items()]
    limit = euro(view["cost"]["limit_eur"] * MICRO, language)
    words.append(say("usage_of", language, used=euro(used, language), limit=limit))
    told = ", ".join(dict.fromkeys(reason_words(one, language) for one in reasons))
    words.append(say("data_blocked", language, reasons=told) if reasons else say("data_free", language))
    return " · ".join(words)


def _faults(scene: Scene, failure: Failure) -> list[str]:
    language, restless = scene.language, failure.key == "not_quiet"
    lines, tips = [], []
    for armed in scene.armed:
        still = restless and _is_on(scene, armed)
        words = {"fault": armed.name, "hits": armed.fault.hits}
        lines.append("  " + say("fault_still" if still else "fault_state", language, **words))
        tips += ["  " + say("tip_fault", language, fault=armed.name)] if still else []
    return lines + tips


def _is_on(scene: Scene, armed: Armed) -> bool:
    return any(one is armed.fault for faults in scene.world.faults.armed.values() for one in faults)


def _steps(scenario: Scenario, done: Sequence[Understood], failed: Understood | None) -> list[str]:
    """The steps played, the last few of them."""
    lines = []
    for one in done[-STEPS_BEFORE - 1 :]:
        mark = "✗" if one is failed else "✓"
        lines.append(f"  {mark} {scenario.path.name}:{one.step.line}  {one.step.keyword} {one.step.text}")
    return lines
