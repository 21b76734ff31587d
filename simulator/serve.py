"""`simulator serve`: SMSC, network and handsets in real time, for a gateway started elsewhere.

Prints where it listens and one line for everything that passes, until SIGINT or SIGTERM.

Not here: moving handsets (control.py), what a PDU line says (traffic.py).
"""

import asyncio
import ssl
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click

from simulator.accounts import Account, Admitted, BadAccounts, account_of, accounts_of, load_accounts
from simulator.capture import Capture
from simulator.clock import SystemClock
from simulator.commands import COMMANDS
from simulator.display import Screen
from simulator.ending import COULD_NOT_RUN, OK, interrupted
from simulator.gateway_client import GatewayClient, Tokens
from simulator.invoked import invoked
from simulator.session import Session
from simulator.smsc import SmscSettings
from simulator.tls import BadCertificate, server_context
from simulator.traffic import summary
from simulator.world import World, WorldSettings

ARROWS: Final = {"in": "<-", "out": "->"}
STYLES: Final = {"in": "green", "out": "cyan"}
DEFAULT_ACCOUNT: Final = "gateway:secret"
FILE: Final = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """What the command line said. `quiet` shows no PDUs, without `conversations` handsets keep no texts."""

    host: str
    smpp_port: int
    control_port: int
    accounts: Mapping[str, str | Account] = field(repr=False)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    gateway_url: str = ""
    events_token: str = field(default="", repr=False)
    receipt_delay_s: float = 1.0
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    quiet: bool = False
    conversations: bool = True
    pcap: Path | None = None


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--smpp-port", default=2775, show_default=True, help="Port of the SMSC; 0 is any free one.")
@click.option("--control-port", default=8331, show_default=True, help="Port for data policies and handsets.")
@click.option(
    "--account",
    "passwords",
    multiple=True,
    metavar="SYSTEM_ID:PASSWORD",
    help=f"May bind; may be given more than once.  [default: {DEFAULT_ACCOUNT}, if there is no file]",
)
@click.option("--accounts", "accounts_file", type=FILE, help="TOML file of accounts with limits and habits.")
@click.option("--gateway", "gateway_url", default="", help="URL of the gateway's API, for roaming and data use.")
@click.option("--events-token", default="", help="Bearer token for its events.")
@click.option("--receipt-delay-s", default=1.0, show_default=True, help="From delivery to receipt; 0: at once.")
@click.option("--tls-cert", type=FILE, help="Certificate in PEM: the SMSC listens for TLS.")
@click.option("--tls-key", type=FILE, help="Its key, if it is not in the same file.")
@click.option("--tls-client-ca", type=FILE, help="Who must have signed the certificate of an ESME that connects.")
@click.option("--pcap", type=FILE, help="Keep every PDU in FILE, which Wireshark reads, also of a TLS line.")
@click.option("--quiet", is_flag=True, help="No line for each PDU.")
@click.option(
    "--no-conversations",
    "conversations",
    is_flag=True,
    default=True,
    flag_value=False,
    help="Handsets keep no texts, which is many times faster: for load.",
)
def serve(
    *,
    passwords: tuple[str, ...],
    accounts_file: Path | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    tls_client_ca: Path | None,
    **options: Any,  # noqa: ANN401 - click names them
) -> None:
    """Serves SMPP and the network for a gateway started elsewhere, in real time."""
    accounts, lists = _admitted(passwords, accounts_file)
    if tls_cert is None and (tls_key or tls_client_ca):
        raise click.UsageError("--tls-key and --tls-client-ca need --tls-cert")
    try:
        tls = server_context(tls_cert, tls_key, tls_client_ca) if tls_cert is not None else None
    except BadCertificate as error:
        raise click.UsageError(str(error)) from None
    sys.exit(asyncio.run(run_serve(ServeOptions(accounts=accounts, lists=lists, tls=tls, **options))))


def _admitted(passwords: tuple[str, ...], accounts_file: Path | None) -> Admitted:
    try:
        accounts, lists = load_accounts(accounts_file) if accounts_file is not None else Admitted({}, {})
    except BadAccounts as error:
        raise click.UsageError(str(error)) from None
    for text in passwords if passwords or accounts else (DEFAULT_ACCOUNT,):
        try:
            one = account_of(text)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--account") from None
        if one.system_id in accounts:
            raise click.BadParameter(f"{one.system_id} is named twice", param_hint="--account")
        accounts[one.system_id] = one
    return Admitted(accounts, lists)


async def run_serve(options: ServeOptions) -> int:
    """Its exit code."""
    screen = Screen.open(plain=False)
    clock = SystemClock()
    settings = WorldSettings(
        accounts=options.accounts,
        lists=options.lists,
        host=options.host,
        smpp_port=options.smpp_port,
        control_port=options.control_port,
        # Events of an earlier run must not look like repeats of this one's.
        source=f"urn:sms1330:simulator:{clock.now():%Y%m%dT%H%M%S}",
        smsc=SmscSettings(receipt_delay_s=options.receipt_delay_s),
        tls=options.tls,
        conversations=options.conversations,
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
        if not options.quiet or options.pcap is not None:

            def seen(session: Session, way: str, frame: bytes) -> None:
                capture.seen(session, way, frame)
                if not options.quiet:
                    _pdu(world, screen, session, way, frame)

            world.smsc.on_frame = seen
        world.on_line = screen.line
        world.on_policy = lambda event: screen.happened(clock.now(), f"data policy {event.get('data')}")
        await interrupted()
    screen.say("stopped")
    return OK


def _announce(world: World, options: ServeOptions, screen: Screen) -> None:
    how = ", TLS" if options.tls is not None else ""
    names = ", ".join(sorted(accounts_of(options.accounts)))
    screen.say(f"SMSC listens on {options.host}:{world.smsc.port}{how}, accounts: {names}")
    screen.say(f"network takes data policies at {world.control.policies_url} (set [network] url to it)")
    screen.say(f"handsets: {invoked()} text +31610000001 HELP --at {world.control.url}")
    screen.say(f"gateway: {options.gateway_url or 'none given (--gateway URL), so no roaming and no data use'}")


def _pdu(world: World, screen: Screen, session: Session, way: str, frame: bytes) -> None:
    told = summary(frame)
    if told is None:
        return
    who = session.account or session.peer
    screen.say(f"{world.clock.now():%H:%M:%S.%f} {ARROWS[way]} {who} {told}", STYLES[way])
    if frame[4:8] == COMMANDS["unbind"].to_bytes(4, "big"):
        screen.say(f"         {who} ends its session")
