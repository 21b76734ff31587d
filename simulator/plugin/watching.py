"""What a test watches: the gateway's process and log, and what crosses the SMPP link. One class a fixture.

Not here: what is done to subscribers (subscriber.py, hands.py).
"""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from simulator.commands import status_name
from simulator.gateway_client import Json
from simulator.pdu import Malformed, Pdu, decode
from simulator.plugin.outcome import Outcome
from simulator.plugin.stage import Stage
from simulator.scenarios import trouble
from simulator.scenarios.acts import Call
from simulator.session import Session
from simulator.traffic import summary

_SERIES: Final = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)(?: \d+)?")
_LABEL: Final = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class LogLine(Mapping[str, Any]):
    """One line of the gateway's log: its fields, and the two that every line has."""

    fields: Mapping[str, Any]

    @property
    def event(self) -> str:
        return str(self.fields.get("event", ""))

    @property
    def level(self) -> str:
        return str(self.fields.get("level", ""))

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - any JSON
        return self.fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name} {value}" for name, value in self.fields.items() if name not in _ROUTINE)
        return f"<{self.level} {self.event}: {shown}>"


_ROUTINE: Final = frozenset({"ts", "level", "event", "boot", "vt", "sub"})


@dataclass(frozen=True, slots=True)
class Flow:
    """The lines of one flow, in order."""

    lines: tuple[LogLine, ...]

    @property
    def names(self) -> list[str]:
        return [line.event for line in self.lines]


class GatewayLog:
    """What the gateway logged since the test began."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def lines(self) -> list[LogLine]:
        self._stage.sim.run(written())
        return [LogLine(line) for line in self._stage.scene.log()]

    def of(self, event: str) -> list[LogLine]:
        """The lines of one event."""
        return [line for line in self.lines if line.event == event]

    def flow(self, flow_id: str) -> Flow:
        """What was logged about one flow."""
        return Flow(tuple(line for line in self.lines if flow_id and line.get("flow_id") == flow_id))

    @property
    def errors(self) -> list[LogLine]:
        """The lines of level error. A test that looks at them judges them itself; else each fails it at its end."""
        found = [line for line in self.lines if line.level == "error"]
        self._stage.expected_errors |= {line.event for line in found}
        return found

    def expect_error(self, event: str) -> None:
        """Says that errors of this name belong to the test."""
        self._stage.expected_errors.add(event)


async def written() -> None:
    """Until what the gateway wrote before it answered us last has been read.

    It wrote its log first, so the pipe is readable by now: the loop needs to look once more.
    """
    for _ in range(2):
        await asyncio.sleep(0)


class Metrics(Mapping[str, float]):
    """Prometheus text as read: series by their full name, and `value` over all that fit."""

    def __init__(self, text: str) -> None:
        self._series: dict[str, float] = {}
        self._named: list[tuple[str, dict[str, str], float]] = []
        for line in text.splitlines():
            match = _SERIES.fullmatch(line.strip()) if not line.startswith("#") else None
            if match is not None:
                value = float(match["value"])
                self._series[line.strip().rpartition(" ")[0]] = value
                self._named.append((match["name"], dict(_LABEL.findall(match["labels"] or "")), value))

    def value(self, name: str, **labels: str) -> float:
        """The sum of the series of that name with those labels. KeyError when there is no such name."""
        if all(one != name for one, *_ in self._named):
            raise KeyError(f"there is no metric {name!r}")
        return sum(value for one, found, value in self._named if one == name and labels.items() <= found.items())

    def __getitem__(self, series: str) -> float:
        return self._series[series]

    def __iter__(self) -> Iterator[str]:
        return iter(self._series)

    def __len__(self) -> int:
        return len(self._series)


@dataclass(frozen=True, slots=True)
class Health:
    """What `GET /readyz` says: whether events can be taken, and the body."""

    ready: bool
    body: Json

    @property
    def delivery(self) -> str:
        """As a load balancer reads it: ok or degraded."""
        return str(self.body.get("delivery", ""))


class GatewayHand:
    """The gateway as a process. A test that takes it in hand has a gateway to itself."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def restart(self) -> Outcome:
        """Stops it as asked (it drains) and starts it on the same database."""
        return self._stage.act(lambda: trouble.restart(self._stage.scene, Call(())))

    def kill(self) -> Outcome:
        """Kills it (-9) and starts it on the same database."""
        return self._stage.act(lambda: trouble.crash(self._stage.scene, Call(())))

    def metrics(self) -> Metrics:
        _, text = self._stage.sim.run(self._stage.lent.pair.client.request("GET", "/metrics"))
        return Metrics(str(text))

    def health(self) -> Health:
        pair = self._stage.lent.pair
        return Health(ready=False, body={}) if pair.down else Health(*self._stage.sim.run(pair.client.readiness()))

    @property
    def url(self) -> str:
        """Where it serves HTTP."""
        return self._stage.lent.pair.client.url

    @property
    def exit_codes(self) -> list[int | None]:
        """Of all its lives; None for the one that runs."""
        return [life.exit_code for life in self._stage.lent.pair.lives]


@dataclass(frozen=True, slots=True)
class Frame:
    """One PDU as it crossed the link. `to` is "smsc" or "gateway"; `pdu` is None for what could not be read."""

    to: str
    octets: bytes
    pdu: Pdu | None

    @property
    def command(self) -> str:
        return self.pdu.command if self.pdu is not None else ""

    @property
    def status(self) -> str:
        """By name, as ESME_ROK."""
        return status_name(self.pdu.status) if self.pdu is not None else ""

    def __repr__(self) -> str:
        arrow = "→" if self.to == "smsc" else "←"
        return f"<gateway {arrow} SMSC {summary(self.octets) or self.command}>"


class SmscWatch:
    """The SMSC's side of the link since the test began."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._frames: list[tuple[str, bytes]] = []
        stage.world.smsc.on_frame = self._note

    def _note(self, session: Session, direction: str, octets: bytes) -> None:
        del session
        self._frames.append(("smsc" if direction == "in" else "gateway", octets))

    @property
    def pdus(self) -> list[Frame]:
        """Every PDU of both directions, in order."""
        return [Frame(to, octets, _read(octets)) for to, octets in self._frames]

    def of(self, command: str) -> list[Frame]:
        """Those of one command, as submit_sm."""
        return [frame for frame in self.pdus if frame.command == command]

    @property
    def sessions(self) -> list[str]:
        """How each bound session is bound: transceiver, transmitter or receiver."""
        return [session.mode.value for session in self._stage.world.smsc.bound_sessions]

    def stop(self) -> None:
        self._stage.world.smsc.on_frame = None


def _read(octets: bytes) -> Pdu | None:
    try:
        return decode(octets)
    except Malformed:
        return None
