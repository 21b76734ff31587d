"""What an ESME of another hand and our SMSC must be able to do together, one feature at a time.

`ForeignEsme` is what a test needs of one. A feature that a library has no call for is a method that its driver
leaves out (and a word in its column of matrix.py says so). The SMSC is the whole of ours, with its handsets, so what
counts is what a handset shows; a tap on the line writes down every PDU. A feature holds only when our strict reader
had nothing to complain of.

Not here: any SMPP of our own, drivers, what is printed.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from simulator.clock import VirtualClock
from simulator.smsc import SmscSettings
from simulator.tls import server_context
from simulator.world import World, WorldSettings
from tests.interop.tap import Tap

WAIT_S = 20.0
CERTIFICATES = Path(__file__).parents[1] / "gateway" / "smpp" / "certificates"
"""Of smsc.test."""
ACCOUNT, PASSWORD = "foreign", "word"
NUMBER, OTHER, SERVICE = "+31620000001", "+31620000002", "1330"
ROK, RINVPASWD, RTHROTTLED = 0x00, 0x0E, 0x58
GREEK = "Ελλάδα, κόσμε"
BRACKETS = "5 € [of] {6} ^ ~ | \\"
LONG = "".join(f"Regel {number} kost € {number},50. " for number in range(1, 16))
"""372 characters, 388 septets, whose ESC pairs lie all over the cuts."""
PAYLOAD_TAG = 0x0424
VENDOR_TAG, VENDOR_OCTETS = 0x1501, b"\x05"
"""In the range that SMPP 3.4 §5.3.1 keeps for vendors."""

Concat = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; `fields` holds what else it said."""

    status: int
    message_id: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heard:
    """One deliver_sm or data_sm as the library shows it. `concat` is (reference, total, number) of a part."""

    source: str
    destination: str
    text: str
    esm_class: int = 0
    concat: Concat | None = None
    receipted_message_id: str = ""
    tlvs: Mapping[int, bytes] = field(default_factory=dict)


class ForeignEsme(Protocol):
    """The ESME of another hand, at `port`; enter it, and it ends with its block."""

    tries_again: bool
    """Whether it sends a throttled text again by itself, or tells its caller."""

    async def secure(self, ca_file: Path) -> None:
        """It shall connect by TLS, and trust this authority and no other."""
        ...

    async def bind(self, mode: str = "transceiver", password: str = PASSWORD) -> int | None:
        """The status of the answer; None where the library tells only that it was refused."""
        ...

    async def submit(self, text: str, *, receipt: bool = False, tlvs: Mapping[int, bytes] | None = None) -> Answer:
        """One text from SERVICE to NUMBER."""
        ...

    async def submit_plain(self, text: str) -> Answer:
        """As `submit`, with an alphabet that the library chooses."""
        ...

    async def submit_long(self, text: str) -> None:
        """In parts with a user data header."""
        ...

    async def submit_payload(self, text: str) -> Answer:
        """In one message_payload."""
        ...

    async def submit_data(self, text: str) -> Answer: ...

    async def submit_multi(self, numbers: Sequence[str], text: str) -> Answer: ...

    async def query(self, message_id: str) -> tuple[int, str]:
        """message_state and final_date."""
        ...

    async def cancel(self, message_id: str) -> int: ...

    async def replace(self, message_id: str, text: str) -> int: ...

    async def next_heard(self) -> Heard: ...

    async def enquire(self) -> None:
        """Until its enquire_link has its answer."""
        ...

    async def listen(self) -> int:
        """From now on it waits to be called, to answer an outbind with a bind as receiver; its port."""
        ...

    async def unbind(self) -> None:
        """Until it knows that the session has ended."""
        ...

    async def ended(self) -> None:
        """Until it has found out that the SMSC has ended the session."""
        ...


class Table:
    """Both sides, and the tap between them."""

    def __init__(self, world: World, esme: ForeignEsme, tap: Tap) -> None:
        self.world, self.smsc, self.esme, self.tap = world, world.smsc, esme, tap
        self.until = tap.until
        world.smsc.on_change = tap.changed

    @property
    def handset(self):
        return self.world.handset(NUMBER)

    @property
    def texts(self) -> list[str]:
        """What the handset of NUMBER shows."""
        return [line.text for line in self.handset.inbox]

    async def shown(self, *texts: str) -> None:
        """Until the handset shows these, and no other."""
        await self.until(lambda: len(self.texts) >= len(texts))
        assert self.texts == list(texts)

    async def brought(self, text: str) -> list[int]:
        """The status of each part's answer."""
        async with asyncio.timeout(WAIT_S):
            return await self.smsc.send_mo(NUMBER, SERVICE, text)

    async def whole(self) -> str:
        """The next text, its parts put together if the library leaves that to its caller."""
        pieces: dict[int, str] = {}
        while True:
            heard = await self.esme.next_heard()
            assert (heard.source.removeprefix("+"), heard.destination) == (NUMBER.removeprefix("+"), SERVICE)
            if heard.concat is None:
                return heard.text
            _, total, number = heard.concat
            pieces[number] = heard.text
            if len(pieces) == total:
                return "".join(pieces[index] for index in range(1, total + 1))

    async def kept(self, text: str) -> str:
        """A text that waits for its handset, which is off; its id."""
        self.handset.on = False
        answer = await self.esme.submit(text)
        assert answer.status == ROK
        return answer.message_id


@asynccontextmanager
async def at_table(esme_at: Callable[[int], Any], smsc: SmscSettings | None = None, *, tls: bool = False):
    """An SMSC of ours and an ESME that may bind to it."""
    settings = WorldSettings(
        accounts={ACCOUNT: PASSWORD},
        smsc=smsc or SmscSettings(receipt_delay_s=0),
        tls=server_context(CERTIFICATES / "smsc.pem") if tls else None,
    )
    async with (
        World(settings, VirtualClock()) as world,
        Tap.before(world.smsc.port, opaque=tls) as tap,
        esme_at(tap.port) as esme,
    ):
        yield Table(world, esme, tap)
