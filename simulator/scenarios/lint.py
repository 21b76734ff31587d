"""What can be found wrong in scenarios without starting anything: `simulator lint`, and before every run.

Each step is read strictly (interpret.py); here are the rules over a whole scenario and a whole file: a Then needs a
When, a clock does not go back, a subscriber does something, a fault can strike, names are used once.

Not here: printing (run.py).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from simulator.clock import AMSTERDAM, START
from simulator.faultnames import FAULTS
from simulator.scenarios.edges import EDGES
from simulator.scenarios.interpret import INTRODUCING, Interpreter, Understood, Wrong
from simulator.scenarios.reading import Fault, Scenario, Step, read
from simulator.scenarios.speech import say
from simulator.scenarios.values import stamp
from simulator.service import load as load_service

SECTION_TAGS: Final = ("@dienstbeschrijving:", "@service-description:")
FIRST: Final[Mapping[str, str]] = {"1": "clock_first", "70": "settings_first"}
"""Phrases that decide with what the pair is started, and what is said when they come too late."""
FAULT_TAGS: Final = ("@fout:", "@fault:")
FAULT_IDS: Final = tuple(dict.fromkeys(one.id.partition("@")[0] for one in FAULTS))
"""As tags have them: a tag ends where the next @ stands."""
RULE_TAG: Final = re.compile(r"@[A-HNQ]\d{1,2}[a-e]?")
"""What looks like the id of a rule must be one: a slip of the pen would prove nothing."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A scenario that may be played: its steps understood, the moment its world begins, how its gateway is configured
    where it says so.
    """

    scenario: Scenario
    steps: tuple[Understood, ...]
    start: datetime
    policy: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Checked:
    """What is known so far while the steps of one scenario are looked at in order."""

    interpreter: Interpreter
    faults: list[tuple[Step, Wrong]] = field(default_factory=list)
    understood: list[Understood] = field(default_factory=list)
    now: datetime | None = None
    acted: bool = False


def check_file(path: Path) -> tuple[list[Ready], list[Fault]]:
    """The scenarios of a file that may be played, and everything wrong with it. OSError when it can not be read."""
    scenarios, faults = read(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    ready = []
    seen: dict[str, int] = {}
    for scenario in scenarios:
        found = [*_names(scenario, seen), *_tags(scenario), *_prose(scenario, lines)]
        one, wrong = check_scenario(scenario)
        found += [_placed(path, lines, step, fault) for step, fault in wrong]
        if one is not None and not found:
            ready.append(one)
        faults += [fault for fault in found if fault not in faults]
    return ready, faults


def check_scenario(scenario: Scenario) -> tuple[Ready | None, list[tuple[Step, Wrong]]]:
    """One scenario: ready to be played, or what is wrong with which step."""
    checked = _Checked(Interpreter(scenario.language))
    for step in scenario.steps:
        read_ = checked.interpreter.read(step)
        # A When that nobody could read is one all the same: one mistake, one message.
        checked.acted |= step.kind == "when"
        if isinstance(read_, Wrong):
            checked.faults.append((step, read_))
            continue
        _look(checked, read_)
        checked.understood.append(read_)
    # A step that nobody could read may be the Then that seems to be missing.
    if not checked.faults:
        _whole(checked, scenario)
    if checked.faults:
        return None, checked.faults
    start = next((one.call.values[0] for one in checked.understood if one.phrase.id == "1"), START)
    policy: Mapping[str, str] = next((one.call.table for one in checked.understood if one.phrase.id == "70"), {})
    return Ready(scenario, tuple(checked.understood), start, policy), []


def _look(checked: _Checked, one: Understood) -> None:
    """The clock, and what must come before what."""
    language = checked.interpreter.language
    whole = (0, len(one.step.text))
    if one.phrase.kind == "then" and not checked.acted:
        checked.faults.append((one.step, Wrong(say("then_without_when", language), whole)))
    if one.phrase.id in FIRST:
        if any(earlier.phrase.id not in FIRST for earlier in checked.understood):
            checked.faults.append((one.step, Wrong(say(FIRST[one.phrase.id], language), whole)))
        if one.phrase.id == "1":
            checked.now = one.call.values[0]
        return
    now = checked.now or START
    match one.phrase.id:
        case "21":
            to: datetime = one.call.values[0]
            if to.timestamp() < now.timestamp():
                message = say("clock_back", language, now=f"{stamp(now, language)} ({now.astimezone(AMSTERDAM).year})")
                checked.faults.append((one.step, Wrong(message, whole)))
            checked.now = to
        case "29" if one.call.values[0].id in EDGES:
            checked.now = EDGES[one.call.values[0].id](now)
        case "22":
            by: timedelta = one.call.values[0]
            checked.now = datetime.fromtimestamp(now.timestamp() + by.total_seconds(), AMSTERDAM)
        case "23":
            local = now.astimezone(AMSTERDAM)
            year, month = (local.year + 1, 1) if local.month == 12 else (local.year, local.month + 1)
            checked.now = datetime(year, month, 1, tzinfo=AMSTERDAM)


def _whole(checked: _Checked, scenario: Scenario) -> None:
    """What only the end of a scenario shows."""
    language = scenario.language
    steps = checked.understood
    if not steps:
        return
    if not any(one.phrase.kind == "then" for one in steps):
        checked.faults.append((steps[-1].step, Wrong(say("no_then", language))))
    acting = [one for one in steps if one.phrase.id not in {*INTRODUCING, "5"}]
    for name in checked.interpreter.people:
        if not any(name in one.mentions for one in acting):
            step = next(one.step for one in steps if name in one.mentions)
            if step.shared:
                continue
            at = step.text.find(name)
            mark = (at, len(name)) if at >= 0 else None
            checked.faults.append((step, Wrong(say("unused_person", language, found=name), mark)))
    for number, one in enumerate(steps):
        if one.phrase.id != "29" or one.call.values[0].act:
            continue
        if not any(later.phrase.kind == "when" for later in steps[number + 1 :]):
            found = one.call.values[0].name(language)
            checked.faults.append((one.step, Wrong(say("fault_unchecked", language, found=found))))


def _names(scenario: Scenario, seen: dict[str, int]) -> Iterable[Fault]:
    line = seen.setdefault(scenario.name, scenario.line)
    if line != scenario.line:
        message = say("same_name", scenario.language, found=scenario.name, line=line)
        yield Fault(scenario.path, scenario.line, scenario.name, message)


def _prose(scenario: Scenario, lines: list[str]) -> Iterable[Fault]:
    """A first step without its keyword is taken for a description, and would be left out without a word."""
    reader = Interpreter(scenario.language)
    for told in scenario.prose:
        text = told[0].lower() + told[1:]
        if told.endswith(".") or not (reader.knows(_bare(told)) or reader.knows(_bare(text))):
            continue
        number = next((n for n, line in enumerate(lines, 1) if line.strip() == told), scenario.line)
        yield Fault(scenario.path, number, told, say("no_keyword", scenario.language))


def _bare(text: str) -> Step:
    return Step("when", "", text, 0, 0)


def _tags(scenario: Scenario) -> Iterable[Fault]:
    service = load_service()
    sections = [chapter.id for chapter in service.chapters if not chapter.is_reading]
    for tag in dict.fromkeys(scenario.tags):
        beginning = next((one for one in SECTION_TAGS if tag.startswith(one)), None)
        fault = next((tag.removeprefix(one) for one in FAULT_TAGS if tag.startswith(one)), "")
        if fault and fault not in FAULT_IDS:
            message = say("unknown_fault", scenario.language, found=fault)
            near = get_close_matches(fault, FAULT_IDS, n=1, cutoff=0.5)
            message += " " + say("meant", scenario.language, near=near[0]) if near else ""
            yield Fault(scenario.path, scenario.line, tag, message)
        if beginning is not None and tag.removeprefix(beginning) not in sections:
            words = {"found": tag.removeprefix(beginning), "allowed": ", ".join(sections)}
            yield Fault(scenario.path, scenario.line, tag, say("unknown_section", scenario.language, **words))
        elif RULE_TAG.fullmatch(tag) and tag[1:] not in service.rules:
            message = say("unknown_rule", scenario.language, found=tag[1:])
            near = get_close_matches(tag[1:], service.rules, n=1, cutoff=0.5)
            message += " " + say("meant", scenario.language, near=near[0]) if near else ""
            yield Fault(scenario.path, scenario.line, tag, message)


def _placed(path: Path, lines: list[str], step: Step, wrong: Wrong) -> Fault:
    """With the line as it stands in the file, and the caret under the right words of it."""
    line = step.line
    if wrong.row is not None and wrong.row < len(step.row_lines):
        line = step.row_lines[wrong.row]
        return Fault(path, line, lines[line - 1].strip(), wrong.message)
    source = lines[line - 1]
    shown = source.strip()
    mark = None
    if wrong.mark is not None:
        start, length = wrong.mark
        words = step.text[start : start + length]
        at = step.column - (len(source) - len(source.lstrip())) + start
        # In an outline the line holds <a name> where the step has its value.
        mark = (at, length) if shown[at : at + length] == words else None
    return Fault(path, line, shown, wrong.message, mark)


def shown(fault: Fault) -> str:
    """Place, line, and the message under what it is about."""
    place = f"{fault.path.name}:{fault.line}   "
    indent = " " * len(place)
    first = (place + fault.source).rstrip()
    lines = fault.message.splitlines()
    if fault.mark is None:
        return "\n".join([first, *(indent + line for line in lines)])
    start, length = fault.mark
    caret = indent + " " * start + "^" * max(length, 1)
    return "\n".join([first, f"{caret} {lines[0]}", *(indent + line for line in lines[1:])])
