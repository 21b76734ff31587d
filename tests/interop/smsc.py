"""What an SMSC of another hand and our gateway must be able to do together, one feature at a time.

`ForeignSmsc` is what a test needs of one: bring a text, see a submit, answer it. A submit shows its text as the
foreign library reads it where the library reads texts, so that two alphabets meet too. A tap on the line writes down
every PDU; a feature holds only when our strict reader had nothing to complain of.

Not here: any SMPP of our own, drivers, what is printed.
"""

import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.interop.esme import BRACKETS, CERTIFICATES, VENDOR_OCTETS, VENDOR_TAG
from tests.interop.tap import TO_ESME, TO_SMSC, Tap
from tests.world.stage import MB, WAIT_S, Stage, path_of, staged

ROOT = Path(__file__).parents[2]
ROK, RINVDSTADR, RINVPASWD, RMSGQFUL, RTHROTTLED = 0x00, 0x0B, 0x0E, 0x14, 0x58
RECEIPT, HEADER = 0x04, 0x40
GSM, UCS2 = 0, 8
TLS_ROW = "over TLS"
"""Its SMSC is started with the certificate of smsc.test."""
BORDER = "border_world_no_bundle"
# A brace opens a field in a template.
MARKS = "€ [of] ^ ~ | \\"


@dataclass(frozen=True, slots=True)
class Submit:
    """One submit_sm. `concat` is (reference, total, number) of a part, `reference` the user_message_reference."""

    number: int
    source: tuple[int, int, str]
    destination: tuple[int, int, str]
    text: str
    esm_class: int
    data_coding: int
    registered_delivery: int
    reference: int | None
    concat: tuple[int, int, int] | None


class ForeignSmsc(Protocol):
    """The SMSC of another hand; `port` is where it listens."""

    port: int

    async def bound(self) -> str:
        """Waits for a bind; the system_id it names."""
        ...

    async def admit(self, *, everybody: bool) -> None:
        """Whether the next binds are let in, or refused with ESME_RINVPASWD."""
        ...

    async def deliver(
        self,
        sender: str,
        text: str,
        *,
        esm_class: int = 0,
        data_coding: int = GSM,
        header: bytes = b"",
        payload: bool = False,
        tlvs: Mapping[int, bytes] | None = None,
        receipted_message_id: str = "",
    ) -> int:
        """Brings a text or receipt to the ESME; the status of its answer."""
        ...

    async def deliver_data(self, sender: str, text: str) -> int:
        """The same as data_sm."""
        ...

    async def next_submit(self) -> Submit: ...

    async def answer(self, submit: Submit, *, status: int = ROK, message_id: str = "") -> None: ...

    async def enquire(self) -> None: ...

    async def alert(self, number: str) -> None: ...

    async def unbind(self) -> None: ...


def receipt(message_id: str, stat: str = "DELIVRD") -> str:
    """SMPP 3.4, appendix B."""
    return (
        f"id:{message_id} sub:001 dlvrd:001 submit date:2611020900 done date:2611020901 stat:{stat} err:000 text:Codes"
    )


class Joined:
    """A gateway bound to the foreign SMSC, and the tap between them."""

    def __init__(self, stage: Stage, smsc: Any, tap: Tap) -> None:
        self.stage, self.smsc, self.tap = stage, smsc, tap

    async def quiet(self) -> None:
        """Until every submit has its answer and nothing is under way."""
        assert (await self.stage.http("GET", "/v1/quiet")).status == 200

    async def states(self, number: str) -> list[tuple[str, str]]:
        """Kinds and states, once all is quiet."""
        await self.quiet()
        return [(item["kind"], item["state"]) for item in await self.stage.notices(number)]

    async def asked_for_help(self, **how: Any) -> str:
        """A new subscriber texts HELP; the number."""
        number = await self.stage.subscribed()
        assert await self.smsc.deliver(number, "HELP", **how) == ROK
        return number

    async def helped(self, **how: Any) -> Submit:
        """... and gets the answer that our gateway has in mind."""
        number = await self.asked_for_help(**how)
        submit = await self.smsc.next_submit()
        await self.smsc.answer(submit, message_id=f"h{submit.number}")
        assert await self.states(number) == [("help", "submitted")]
        assert submit.text == (await self.stage.notices(number))[0]["text"]
        return submit

    async def crossed(self) -> str:
        """A new subscriber is at a border, where a text is due; the number."""
        number = await self.stage.roamer()
        await self.stage.post(self.stage.location(number, "310-410"))
        return number


@asynccontextmanager
async def joined(tmp_path: Path, smsc: Any, *, bound: bool = True, tls: bool = False, **env: str):
    """A gateway and the foreign SMSC; `env` are keys of the configuration, without GATEWAY__."""
    keys = {f"GATEWAY__{key}": value for key, value in env.items()}
    async with Tap.before(smsc.port, opaque=tls) as tap:
        async with staged(tmp_path, bound=False, GATEWAY__SMPP__PORT=str(tap.port), **keys) as stage:
            if bound:
                assert await smsc.bound() == "gateway"
                await stage.child.wait_for("smpp.bound", timeout_s=WAIT_S)
            yield Joined(stage, smsc, tap)
        assert not tap.faults, tap.faults


# --- features ------------------------------------------------------------------------------------------------

Story = Callable[[Path, Any], Awaitable[None]]
FEATURES: dict[str, Story] = {}


def feature(name: str) -> Callable[[Story], Story]:
    def _feature(play: Story) -> Story:
        FEATURES[name] = play
        return play

    return _feature


@feature("bind as transmitter")
async def transmitter(tmp_path: Path, smsc: Any) -> None:
    async with joined(tmp_path, smsc, SMPP__BIND="transmitter") as j:
        number = await j.crossed()
        await smsc.answer(await smsc.next_submit(), message_id="1")
        assert await j.states(number) == [(BORDER, "submitted")]
        assert await j.tap.answered(TO_SMSC, "bind_transmitter", 1) == [ROK]


@feature("bind as receiver")
async def receiver(tmp_path: Path, smsc: Any) -> None:
    async with joined(tmp_path, smsc, SMPP__BIND="receiver") as j:
        number = await j.asked_for_help()
        assert await j.states(number) == [("help", "pending")]
        assert await j.tap.answered(TO_SMSC, "bind_receiver", 1) == [ROK]


@feature("bind as transceiver")
async def transceiver(tmp_path: Path, smsc: Any) -> None:
    async with joined(tmp_path, smsc) as j:
        await j.helped()
        assert await j.tap.answered(TO_SMSC, "bind_transceiver", 1) == [ROK]


@feature("wrong password refused")
async def wrong_password(tmp_path: Path, smsc: Any) -> None:
    """It tries again, and is in as soon as it is let in."""
    await smsc.admit(everybody=False)
    async with joined(tmp_path, smsc, bound=False) as j:
        line = await j.stage.child.wait_for("smpp.bind_failed", count=2, timeout_s=WAIT_S)
        assert line["status"] == "ESME_RINVPASWD", line
        assert j.stage.child.events("smpp.bound") == []
        await smsc.admit(everybody=True)
        await j.stage.child.wait_for("smpp.bound", timeout_s=WAIT_S)
        await j.helped()


@feature(TLS_ROW)
async def secured(tmp_path: Path, smsc: Any) -> None:
    """Whoever shows the certificate of another name is left alone."""
    keys = {"SMPP__TLS": "true", "SMPP__TLS_CA_FILE": str(CERTIFICATES / "ca.pem")}
    async with joined(tmp_path, smsc, bound=False, tls=True, **keys) as j:
        line = await j.stage.child.wait_for("smpp.bind_failed", timeout_s=WAIT_S)
        assert line["status"].startswith("certificate refused"), line
        await j.stage.kill()
        await j.stage.launch(bound=False, GATEWAY__SMPP__TLS_SERVER_NAME="smsc.test")
        assert await smsc.bound() == "gateway"
        await j.stage.child.wait_for("smpp.bound", timeout_s=WAIT_S)
        await j.helped()


@feature("enquire_link from the peer")
async def enquired(tmp_path: Path, smsc: Any) -> None:
    async with joined(tmp_path, smsc) as j:
        await smsc.enquire()
        assert await j.tap.answered(TO_ESME, "enquire_link", 1) == [ROK]


@feature("enquire_link to the peer")
async def enquiring(tmp_path: Path, smsc: Any) -> None:
    async with joined(tmp_path, smsc, SMPP__ENQUIRE_LINK_S="0.05") as j:
        assert await j.tap.answered(TO_SMSC, "enquire_link", 3) == [ROK] * 3
        assert j.stage.child.events("smpp.unbound") == []


@feature("submit_sm and its answer")
async def submitted(tmp_path: Path, smsc: Any) -> None:
    """By the way also every field the contract fixes."""
    async with joined(tmp_path, smsc) as j:
        number = await j.asked_for_help()
        submit = await smsc.next_submit()
        assert submit.source == (3, 0, "1330")
        assert submit.destination == (1, 1, number.removeprefix("+"))
        assert (submit.esm_class, submit.data_coding, submit.registered_delivery) == (0, GSM, 1)
        assert submit.concat is None
        await smsc.answer(submit, message_id="a1b2c3")
        assert await j.states(number) == [("help", "submitted")]
        (item,) = (await j.stage.http("GET", path_of(number) + "/notifications")).body["items"]
        assert (item["text"], item["message_ids"]) == (submit.text, ["a1b2c3"])


@feature("deliver_sm and its answer")
async def delivered(tmp_path: Path, smsc: Any) -> None:
    async with joined(tmp_path, smsc) as j:
        number = await j.asked_for_help()
        assert await smsc.deliver(number, "INFO UIT") == ROK
        for message_id in ("1", "2"):
            await smsc.answer(await smsc.next_submit(), message_id=message_id)
        assert [kind for kind, _ in await j.states(number)] == ["help", "pref_info_off"]
        assert await j.tap.answered(TO_ESME, "deliver_sm", 2) == [ROK, ROK]


@feature("receipt")
async def receipts_in_every_spelling(tmp_path: Path, smsc: Any) -> None:
    """Matched by id, decimal or hex, with leading zeros or not, by TLV, and before the answer."""
    spellings = (
        ("a1b2c3", "a1b2c3", ""),
        ("00000000AF", "af", ""),
        ("1F", "31", ""),
        ("4660", "1234", ""),
        ("0000000077", "77", ""),
        ("uuid-5-x", "uuid-5-x", ""),
        ("ABCDEF0123", "nonsense", "ABCDEF0123"),
    )
    outcomes = (
        *(("DELIVRD", "delivered"), ("DELIVRD", "delivered"), ("UNDELIV", "failed"), ("REJECTD", "failed")),
        *(("EXPIRED", "expired"), ("ACCEPTD", "submitted"), ("ENROUTE", "submitted")),
    )
    async with joined(tmp_path, smsc) as j:
        for (message_id, named, tlv), (stat, state) in zip(spellings, outcomes, strict=True):
            number = await j.asked_for_help()
            await smsc.answer(await smsc.next_submit(), message_id=message_id)
            text = receipt(named, stat)
            assert await smsc.deliver(number, text, esm_class=RECEIPT, receipted_message_id=tlv) == ROK
            assert await j.states(number) == [("help", state)], (message_id, named)
        number = await j.asked_for_help()
        submit = await smsc.next_submit()
        assert await smsc.deliver(number, receipt("early-1"), esm_class=RECEIPT) == ROK
        await smsc.answer(submit, message_id="early-1")
        assert await j.states(number) == [("help", "delivered")]


def help_says(tmp_path: Path, text: str, parts_max: int = 1) -> str:
    """Templates in which the answer to HELP is this; their folder."""
    templates = tmp_path / "templates"
    shutil.copytree(ROOT / "templates", templates)
    for file in templates.glob("*.toml"):
        head, found, rest = file.read_text(encoding="utf-8").partition("[kind.help]\n")
        assert found
        kind = f"name = \"hulp\"\ntext = '{text}'\nparts_max = {parts_max}"
        file.write_text(f"{head}{found}{kind}{rest.partition('parts_max = 1')[2]}", encoding="utf-8")
    return str(templates)


@feature("long MT in parts (UDH)")
async def long_out(tmp_path: Path, smsc: Any) -> None:
    """One text with one reference; it is delivered when every part is."""
    # The euro sign's two septets would lie across the cut after 153.
    folder = help_says(tmp_path, "Codes: " + "x" * (152 - 7) + "€ en nog wat. " * 10, parts_max=2)
    async with joined(tmp_path, smsc, TEMPLATES__FOLDER=folder) as j:
        number = await j.asked_for_help()
        parts = [await smsc.next_submit(), await smsc.next_submit()]
        for part in parts:
            await smsc.answer(part, message_id=f"part-{part.number}")
        assert await j.states(number) == [("help", "submitted")]
        (item,) = await j.stage.notices(number)
        assert item["parts"] == 2
        assert {part.esm_class for part in parts} == {HEADER}
        # A library may show two that came together in either order.
        parts.sort(key=lambda part: part.concat or (0, 0, 0))
        (reference, *first), (same, *second) = (part.concat or () for part in parts)
        assert (reference, first, second) == (same, [2, 1], [2, 2]), parts
        assert "".join(part.text for part in parts) == item["text"]
        for part in parts:
            assert await j.states(number) == [("help", "submitted")]
            await smsc.deliver(number, receipt(f"part-{part.number}"), esm_class=RECEIPT)
        assert await j.states(number) == [("help", "delivered")]


@feature("long MO in parts, joined")
async def long_in(tmp_path: Path, smsc: Any) -> None:
    """In UCS-2, with a reference of 8 and of 16 bits; no part alone is an order."""
    async with joined(tmp_path, smsc) as j:
        for opening in (b"\x05\x00\x03\x4d", b"\x06\x08\x04\x13\x30"):
            number = await j.stage.subscribed()
            for index, piece in enumerate(("he", "lp" + " " * 60, "\u00a0" * 60 + "!"), 1):
                header = opening + bytes((3, index))
                status = await smsc.deliver(number, piece, esm_class=HEADER, data_coding=UCS2, header=header)
                assert status == ROK
            await smsc.answer(await smsc.next_submit(), message_id=opening.hex())
            assert await j.states(number) == [("help", "submitted")]


@feature("message_payload MO")
async def payload_in(tmp_path: Path, smsc: Any) -> None:
    async with joined(tmp_path, smsc) as j:
        await j.helped(payload=True)


@feature("UCS-2 MO")
async def greek_in(tmp_path: Path, smsc: Any) -> None:
    """Fullwidth letters, which no other alphabet has: read right, they are the word."""
    async with joined(tmp_path, smsc) as j:
        number = await j.stage.subscribed()
        assert await smsc.deliver(number, "ＨＥＬＰ", data_coding=UCS2) == ROK
        await smsc.answer(await smsc.next_submit(), message_id="1")
        assert await j.states(number) == [("help", "submitted")]


@feature("€ and brackets MT")
async def brackets_out(tmp_path: Path, smsc: Any) -> None:
    async with joined(tmp_path, smsc, TEMPLATES__FOLDER=help_says(tmp_path, MARKS)) as j:
        assert (await j.helped()).text == MARKS


@feature("€ and brackets MO")
async def brackets_in(tmp_path: Path, smsc: Any) -> None:
    """No order has such characters, so it is the log that tells as how many they were read."""
    async with joined(tmp_path, smsc) as j:
        number = await j.stage.subscribed()
        assert await smsc.deliver(number, BRACKETS) == ROK
        await smsc.answer(await smsc.next_submit(), message_id="1")
        line = await j.stage.child.wait_for("mo.received", timeout_s=WAIT_S)
        assert line["chars"] == len(BRACKETS)


@feature("unknown TLV MO")
async def vendor_in(tmp_path: Path, smsc: Any) -> None:
    async with joined(tmp_path, smsc) as j:
        await j.helped(tlvs={VENDOR_TAG: VENDOR_OCTETS})
        assert ((VENDOR_TAG, VENDOR_OCTETS),) in [pdu.tlvs for pdu in j.tap.of(TO_ESME, "deliver_sm")]


@feature("data_sm MO")
async def data_in(tmp_path: Path, smsc: Any) -> None:
    async with joined(tmp_path, smsc) as j:
        number = await j.stage.subscribed()
        assert await smsc.deliver_data(number, "HELP") == ROK
        await smsc.answer(await smsc.next_submit(), message_id="1")
        assert await j.states(number) == [("help", "submitted")]


@feature("alert_notification")
async def alerted(tmp_path: Path, smsc: Any) -> None:
    """It has no answer (SMPP 3.4 §4.12); what counts is that the session goes on."""
    async with joined(tmp_path, smsc) as j:
        await smsc.alert("+31620000001")
        await j.helped()
        assert j.tap.of(TO_ESME, "alert_notification")
        assert j.tap.of(TO_SMSC, "generic_nack") == []


@feature("throttling honoured")
async def throttled_and_refused(tmp_path: Path, smsc: Any) -> None:
    """Throttled twice and then taken, with the same reference; a wrong number is final; the order is kept."""
    async with joined(tmp_path, smsc) as j:
        stage = j.stage
        number = await stage.roamer()
        events = [stage.location(number, "310-410"), stage.usage(number, 16 * MB), stage.usage(number, 4 * MB)]
        assert [one["outcome"] for one in (await stage.post_batch(events)).results] == ["notified"] * 3
        seen = []
        for status in (RTHROTTLED, RMSGQFUL, ROK, ROK, ROK):
            submit = await smsc.next_submit()
            seen.append(submit)
            await smsc.answer(submit, status=status, message_id=f"m{len(seen)}" if status == ROK else "")
        assert len({(one.text, one.reference) for one in seen[:3]}) == 1
        assert seen[0].reference is not None
        await j.quiet()
        notices = await stage.notices(number)
        assert [item["kind"] for item in notices] == [BORDER, "cost_80", "cost_100_block"]
        assert [one.text for one in seen[2:]] == [item["text"] for item in notices]
        assert [item["attempts"] for item in notices] == [3, 1, 1]
        other = await j.crossed()
        await smsc.answer(await smsc.next_submit(), status=RINVDSTADR)
        assert await j.states(other) == [(BORDER, "failed")]


@feature("unbind from the peer")
async def unbound(tmp_path: Path, smsc: Any) -> None:
    """It answers, and binds anew."""
    async with joined(tmp_path, smsc) as j:
        await smsc.unbind()
        assert await j.tap.answered(TO_ESME, "unbind", 1) == [ROK]
        assert await smsc.bound() == "gateway"
        await j.stage.child.wait_for("smpp.bound", count=2, timeout_s=WAIT_S)
        await j.helped()


@feature("unbind to the peer")
async def unbinding(tmp_path: Path, smsc: Any) -> None:
    async with joined(tmp_path, smsc) as j:
        assert await j.stage.child.stop() == 0
        assert await j.tap.answered(TO_SMSC, "unbind", 1) == [ROK]
        assert [line["reason"] for line in j.stage.child.events("smpp.unbound")] == ["unbound"]


@feature("binds anew after a lost line")
async def back_again(tmp_path: Path, smsc: Any) -> None:
    async with joined(tmp_path, smsc) as j:
        j.tap.cut()
        assert await smsc.bound() == "gateway"
        await j.stage.child.wait_for("smpp.bound", count=2, timeout_s=WAIT_S)
        await j.helped()


async def many_at_once(tmp_path: Path, smsc: Any) -> None:
    """A window's worth of texts, answered out of order, each receipt to its own text: no cell, but every peer's."""
    async with joined(tmp_path, smsc) as j:
        numbers = [await j.stage.roamer() for _ in range(50)]
        await j.stage.post_batch([j.stage.location(number, "310-410") for number in numbers])
        submits: Sequence[Submit] = [await smsc.next_submit() for _ in numbers]
        assert {submit.destination[2] for submit in submits} == {number.removeprefix("+") for number in numbers}
        for submit in reversed(submits):
            await smsc.answer(submit, message_id=f"{submit.number:08X}")
        for submit in submits[::2]:
            await smsc.deliver("+" + submit.destination[2], receipt(f"{submit.number:08X}"), esm_class=RECEIPT)
        await j.quiet()
        delivered = {"+" + submit.destination[2] for submit in submits[::2]}
        for number in numbers:
            assert await j.states(number) == [(BORDER, "delivered" if number in delivered else "submitted")]
