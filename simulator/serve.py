"""`simulator serve`: SMSC, network and handsets in real time, for a gateway started elsewhere.

Prints where it listens and one line for everything that passes, until SIGINT or SIGTERM.

Not here: moving handsets (control.py), what a PDU line says (traffic.py).
"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from simulator.capture import Capture
from simulator.clock import SystemClock
from simulator.commands import COMMANDS
from simulator.display import Screen
from simulator.ending import COULD_NOT_RUN, OK, interrupted
from simulator.gateway_client import GatewayClient, Tokens
from simulator.session import Session
from simulator.smsc import SmscSettings
from simulator.traffic import summary
from simulator.world import World, WorldSettings

ARROWS: Final = {"in": "<-", "out": "->"}
STYLES: Final = {"in": "green", "out": "cyan"}


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """What the command line said."""

    host: str
    smpp_port: int
    control_port: int
    accounts: Mapping[str, str] = field(repr=False)
    gateway_url: str = ""
    events_token: str = field(default="", repr=False)
    receipt_delay_s: float = 1.0
    pcap: Path | None = None


async def run_serve(options: ServeOptions) -> int:
    """Its exit code."""
    screen = Screen.open(plain=False)
    clock = SystemClock()
    settings = WorldSettings(
        accounts=options.accounts,
        host=options.host,
        smpp_port=options.smpp_port,
        control_port=options.control_port,
        # Events of an earlier run must not look like repeats of this one's.
        source=f"urn:sms1330:simulator:{clock.now():%Y%m%dT%H%M%S}",
        smsc=SmscSettings(receipt_delay_s=options.receipt_delay_s),
    )
    async with AsyncExitStack() as stack:
        try:
            world = await stack.enter_async_context(World(settings, clock))
            capture = stack.enter_context(Capture(clock, options.pcap, host=options.host, port=world.smsc.port))
        except OSError as error:
            screen.say(f"The simulator could not start: {error}", "bold red")
            return COULD_NOT_RUN
        if options.gateway_url:
            client = GatewayClient(options.gateway_url, Tokens(events=options.events_token))
            world.connect(await stack.enter_async_context(client), fresh=False)
        _announce(world, options, screen)

        def seen(session: Session, way: str, frame: bytes) -> None:
            capture.seen(session, way, frame)
            _pdu(world, screen, session, way, frame)

        world.smsc.on_frame = seen
        world.on_line = screen.line
        world.on_policy = lambda event: screen.happened(clock.now(), f"data policy {event.get('data')}")
        await interrupted()
    screen.say("stopped")
    return OK


def _announce(world: World, options: ServeOptions, screen: Screen) -> None:
    screen.say(f"SMSC listens on {options.host}:{world.smsc.port}, accounts: {', '.join(sorted(options.accounts))}")
    screen.say(f"network takes data policies at {world.control.policies_url} (set [network] url to it)")
    screen.say(f"handsets: simulator text +31610000001 HELP --at {world.control.url}")
    screen.say(f"gateway: {options.gateway_url or 'none given (--gateway URL), so no roaming and no data use'}")


def _pdu(world: World, screen: Screen, session: Session, way: str, frame: bytes) -> None:
    told = summary(frame)
    if told is None:
        return
    who = session.account or session.peer
    screen.say(f"{world.clock.now():%H:%M:%S.%f} {ARROWS[way]} {who} {told}", STYLES[way])
    if frame[4:8] == COMMANDS["unbind"].to_bytes(4, "big"):
        screen.say(f"         {who} ends its session")
