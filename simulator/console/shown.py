"""How the answers of the control door look on a terminal: conversations, phones, reasons, instants, faults, status.

Colours where the output is a terminal and NO_COLOR is not set; the words are the same everywhere.

Not here: asking (door.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from simulator.clock import AMSTERDAM
from simulator.console import logtext
from simulator.gateway_client import NO_GATEWAY
from simulator.invoked import invoked
from simulator.scenarios.speech import reason_words

Json = Mapping[str, Any]
NAME_COLUMNS: Final = 14
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def say(text: str, style: str = "") -> None:
    """A line that is never broken at a width."""
    Console(highlight=False, soft_wrap=True).print(Text(text, style=style))


def when(at: str) -> str:
    """`3 mar 10:15`, in Amsterdam."""
    local = datetime.fromisoformat(at).astimezone(AMSTERDAM)
    seconds = f":{local:%S}" if local.second else ""
    return f"{local.day} {MONTHS[local.month - 1]} {local:%H:%M}{seconds}"


def arrow(sender: str, receiver: str, text: str, style: str) -> None:
    say(f"  {sender} → {receiver}   {text}", style)


def conversation(name: str, lines: Iterable[Json]) -> None:
    """Each text with its instant."""
    for line in lines:
        out = line["direction"] == "out"
        pair = (name, line["peer"]) if out else (line["peer"], name)
        parts = "" if line["parts"] == 1 else f"  [{line['parts']} segments]"
        say(f"  {when(line['at'])}  {pair[0]} → {pair[1]}   {line['text']}{parts}", "green" if out else "cyan")


def settled(name: str, answer: Json) -> None:
    """What came of an action: the texts, or why there is none, and the flow to ask about."""
    replies, told = answer["replies"], answer["told"]
    for line in replies:
        arrow(line["peer"], name, line["text"], "cyan")
    if answer.get("blocked"):
        why = ", ".join(reason_words(code, "en") for code in answer.get("reasons", ()))
        say(f"  the network refused the data: it is blocked here{f' by {why}' if why else ''}")
    elif not replies:
        for line in _silence(answer):
            say(line, "dim")
    for one in answer.get("struck", ()):
        say(f"  (fault {fault_name(one)} struck {one['hits']} time{'s' if one['hits'] != 1 else ''})", "red")
    segments = sum(line["parts"] for line in replies)
    words = [f"settled in {answer['settled_ms']:.0f} ms"]
    if replies:
        words.append(f"{segments} segment{'s' if segments != 1 else ''}")
    if told and told[0]["flow_id"]:
        words.append(f"flow {told[0]['flow_id']}")
    say(f"  ({' · '.join(words)})", "dim")


def _silence(answer: Json) -> list[str]:
    """Why nothing came."""
    if not answer["told"]:
        return [f"  (no answer{': ' + answer['untold'] if answer['untold'] else ''})"]
    one = answer["told"][0]
    lines = [f"    {why}" for why in one["why"]]
    if one["outcome"] == "sent":
        return [f"  ({one['kind']} is on its way: {one['state']})", *lines]
    if one["reason"] == "duplicate_mo":
        lines.append("    the same text so soon is taken for the handset's repeat, and answered once;")
        lines.append(f"    where the clock stands still: {invoked()} clock +1m")
    return [f"  (no text: {one['reason']})", *lines]


def fault_name(one: Json) -> str:
    """`smsc.throttle (SMSC says: too busy)`"""
    return f"{one['fault']} ({one['en']})" if one["en"] else str(one["fault"])


def phones(items: Sequence[Json]) -> None:
    """One line each."""
    if not items:
        say(f"  no phones yet; one is made by: {invoked()} phone add Eva")
    for one in items:
        blocked = "data blocked" if one["data_blocked"] else "data works"
        reach = "" if one.get("reach", "on") == "on" else f"  {one['reach']}"
        name = one["name"] if one["name"] != one["number"] else ""
        where = f"{one['number']:<16} {one['place']:<22} {blocked:<13}"
        say(f"  {name:<{NAME_COLUMNS}} {where} {one['texts']} texts{reach}")


def reasons(items: Sequence[Json]) -> None:
    """In the manner of: not sent · below_threshold · G4 … · event usage-3 · f1-a"""
    for one in items:
        event = (one.get("event") or {}).get("id")
        source = f"event {event}" if event else str((one.get("event") or {}).get("type", ""))
        kind = f"{one['kind']} · {one['name']}" if one["kind"] and one["name"] != one["kind"] else one["kind"]
        words = [one["outcome"], one["reason"] or "", *one["why"], one["state"] or "", source, one["flow_id"]]
        line = " · ".join(word for word in words if word and word != "suppressed")
        say(f"  {when(one['at'])}  {kind or '(no text)'}", "bold" if one["outcome"] == "sent" else "")
        say(f"      {line}", "dim")


def instant(line: Json) -> None:
    """What fell due at one moment."""
    told = [f"{one['name']} gets: {one['text']}" for one in line["texts"]]
    told += [_policy(one) for one in line["policies"]]
    told += [logtext.told(entry) for entry in line["log"]]
    if line["receipts"]:
        told.append(f"{line['receipts']} receipt{'s' if line['receipts'] != 1 else ''}")
    for number, word in enumerate(told or ["something of the gateway's own fell due"]):
        say(f"    {when(line['at']) if not number else '':<16} {word}")


def _policy(one: Json) -> str:
    reasons_told = f" ({', '.join(one['reasons'])})" if one["reasons"] else ""
    return f"data of {one['msisdn']}: EU {one['eu']}, outside {one['outside_eu']}{reasons_told}"


def unheard(found: Json) -> str:
    """That blocks of the gateway never came here, and what to look at."""
    return (
        f"none came, and the gateway blocks data of {', '.join(found['unheard_blocks'])}: "
        f'its [network] url should be "{found["policies_url"]}" (what came before serve was started, it does not know)'
    )


def status(found: Json) -> None:
    """How both sides stand."""
    gateway = found["gateway"]
    if gateway is None:
        say(f"  Gateway     {NO_GATEWAY}")
    elif not gateway["answers"]:
        say(f"  Gateway     {gateway['url']}   does not answer: {gateway['error']}", "red")
    else:
        parts = "   ".join(f"{name} {value}" for name, value in gateway["parts"].items() if isinstance(value, str))
        say(f"  Gateway     {gateway['url']}   {'ready' if gateway['ready'] else 'NOT ready'}   {parts}")
    if found["unheard_blocks"]:
        say(f"  Policies    {unheard(found)}", "yellow")
    sessions = ", ".join(f"{one['system_id']} ({one['bound_as']})" for one in found["smsc"]["sessions"])
    say(f"  SMSC        port {found['smsc']['port']}   bound: {sessions or 'nobody'}")
    due = f"   next due {when(found['next_due'])}" if found["next_due"] else ""
    say(f"  Clock       {found['clock']}   {when(found['now'])}{due}")
    say(f"  Phones      {found['phones']}")
    armed = found["faults_armed"]
    say(f"  Faults      {armed} armed", "red" if armed else "")
    counters = "   ".join(f"{name} {value}" for name, value in found["counters"].items())
    say(f"  Counters    {counters}", "dim")
    for complaint in found["smsc"]["complaints"]:
        say(f"  Complaint   {complaint}", "red")
