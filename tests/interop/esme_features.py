"""The features of an ESME of another hand at our SMSC, each a story with its own name in the matrix.

Not here: the two sides (esme.py), which peer has what (matrix.py).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from simulator import alphabet
from simulator.faults import Fault
from simulator.messages import State
from simulator.pdu import Pdu, body_octets, encode
from simulator.smsc import SmscSettings, mo_fields
from tests.interop.esme import (
    ACCOUNT,
    BRACKETS,
    CERTIFICATES,
    GREEK,
    LONG,
    NUMBER,
    OTHER,
    PASSWORD,
    PAYLOAD_TAG,
    RINVPASWD,
    ROK,
    RTHROTTLED,
    SERVICE,
    VENDOR_OCTETS,
    VENDOR_TAG,
    Table,
    at_table,
)
from tests.interop.tap import TO_ESME, TO_SMSC


@dataclass(frozen=True)
class Feature:
    play: Callable[[Table], Awaitable[None]]
    settings: SmscSettings
    tls: bool


FEATURES: dict[str, Feature] = {}


def feature(
    name: str, *, tls: bool = False, **settings: float
) -> Callable[[Callable[[Table], Awaitable[None]]], Callable]:
    def _feature(play):
        FEATURES[name] = Feature(play, SmscSettings(**{"receipt_delay_s": 0.0, **settings}), tls)
        return play

    return _feature


async def play(name: str, esme_at: Callable[[int], Any]) -> None:
    """One feature, from the first connection to the last; AssertionError or TimeoutError when it does not hold."""
    wanted = FEATURES[name]
    async with at_table(esme_at, wanted.settings, tls=wanted.tls) as joined:
        await wanted.play(joined)
        assert not joined.smsc.complaints, joined.smsc.complaints
        assert not joined.tap.faults, joined.tap.faults


async def bound(t: Table, mode: str = "transceiver") -> None:
    assert await t.esme.bind(mode) == ROK
    await t.until(lambda: t.smsc.bound_sessions)
    assert [session.mode.value for session in t.smsc.bound_sessions] == [mode]


async def deliver(t: Table, part: alphabet.Part, *tlvs: tuple[int, bytes]) -> None:
    """A deliver_sm that no handset of ours would write, and its answer."""
    bodies = [body_octets("deliver_sm", mo_fields(NUMBER, SERVICE, part), tlvs)]
    delivery = t.smsc.post_bodies(NUMBER, bodies)
    await t.until(lambda: delivery.finished)
    assert delivery.statuses == [ROK]


async def nacked(t: Table, command: str) -> None:
    """For a proof: the peer answers that request of ours with generic_nack."""
    (nack,) = await t.until(lambda: t.tap.of(TO_SMSC, "generic_nack"))
    assert nack.sequence == t.tap.of(TO_ESME, command)[0].sequence


@feature("bind as transmitter")
async def transmitter(t: Table) -> None:
    await bound(t, "transmitter")
    assert (await t.esme.submit("hallo")).status == ROK
    await t.shown("hallo")


@feature("bind as receiver")
async def receiver(t: Table) -> None:
    await bound(t, "receiver")
    assert await t.brought("HELP") == [ROK]
    assert await t.whole() == "HELP"


@feature("bind as transceiver")
async def transceiver(t: Table) -> None:
    await bound(t)
    assert (await t.esme.submit("hallo")).status == ROK
    await t.shown("hallo")
    assert await t.brought("HELP") == [ROK]
    assert await t.whole() == "HELP"


@feature("wrong password refused")
async def wrong_password(t: Table) -> None:
    assert await t.esme.bind(password="nope") in (RINVPASWD, None)
    assert t.smsc.bound_sessions == []
    assert {pdu.status for pdu in t.tap.of(TO_ESME, "bind_transceiver_resp")} == {RINVPASWD}


@feature("over TLS", tls=True)
async def secured(t: Table) -> None:
    await t.esme.secure(CERTIFICATES / "ca.pem")
    await transceiver(t)


@feature("enquire_link from the peer")
async def enquired(t: Table) -> None:
    await bound(t)
    await t.esme.enquire()
    assert await t.tap.answered(TO_SMSC, "enquire_link", 1) == [ROK]


@feature("enquire_link to the peer", enquire_link_s=0.0, sweep_s=0.01)
async def enquiring(t: Table) -> None:
    await bound(t)
    assert await t.tap.answered(TO_ESME, "enquire_link", 3) == [ROK] * 3


@feature("submit_sm and its answer")
async def submitted(t: Table) -> None:
    await bound(t)
    answers = [await t.esme.submit(text) for text in ("een", "twee", "drie")]
    assert [answer.status for answer in answers] == [ROK] * 3
    assert [answer.message_id for answer in answers] == [
        pdu.text("message_id") for pdu in t.tap.of(TO_ESME, "submit_sm_resp")
    ]
    assert len({answer.message_id for answer in answers}) == 3
    await t.shown("een", "twee", "drie")
    assert {line.peer for line in t.handset.inbox} == {SERVICE}


@feature("deliver_sm and its answer")
async def delivered(t: Table) -> None:
    await bound(t)
    for text in ("HELP", "INFO UIT"):
        assert await t.brought(text) == [ROK]
        assert await t.whole() == text
    assert await t.tap.answered(TO_ESME, "deliver_sm", 2) == [ROK] * 2


@feature("receipt")
async def receipted(t: Table) -> None:
    await bound(t)
    answer = await t.esme.submit("hallo", receipt=True)
    assert answer.status == ROK
    heard = await t.esme.next_heard()
    assert heard.esm_class & 0x3C == 0x04
    assert f"id:{answer.message_id} " in heard.text
    assert "stat:DELIVRD" in heard.text
    assert heard.receipted_message_id in (answer.message_id, "")
    assert await t.tap.answered(TO_ESME, "deliver_sm", 1) == [ROK]


@feature("long MT in parts (UDH)")
async def long_out(t: Table) -> None:
    await bound(t)
    await t.esme.submit_long(LONG)
    await t.shown(LONG)
    assert [bool(pdu.integer("esm_class") & alphabet.UDHI) for pdu in t.tap.of(TO_SMSC, "submit_sm")] == [True] * 3
    assert await t.tap.answered(TO_SMSC, "submit_sm", 3) == [ROK] * 3


@feature("long MO in parts, joined")
async def long_in(t: Table) -> None:
    await bound(t)
    assert await t.brought(LONG) == [ROK] * 3
    assert await t.whole() == LONG


@feature("message_payload MT")
async def payload_out(t: Table) -> None:
    await bound(t)
    assert (await t.esme.submit_payload(LONG)).status == ROK
    await t.shown(LONG)
    assert [pdu.tlv("message_payload") for pdu in t.tap.of(TO_SMSC, "submit_sm")] == [alphabet.gsm_octets(LONG)]


@feature("message_payload MO")
async def payload_in(t: Table) -> None:
    await bound(t)
    octets = alphabet.gsm_octets(LONG) or b""
    await deliver(t, alphabet.Part(b"", alphabet.GSM, 0), (PAYLOAD_TAG, octets))
    assert await t.whole() == LONG


@feature("UCS-2 MT")
async def greek_out(t: Table) -> None:
    await bound(t)
    assert (await t.esme.submit(GREEK)).status == ROK
    await t.shown(GREEK)
    assert [line.encoding for line in t.handset.inbox] == ["UCS-2"]


@feature("UCS-2 MO")
async def greek_in(t: Table) -> None:
    await bound(t)
    assert await t.brought(GREEK) == [ROK]
    assert await t.whole() == GREEK


@feature("€ and brackets MT")
async def brackets_out(t: Table) -> None:
    """Two septets each (3GPP TS 23.038 §6.2.1.1)."""
    await bound(t)
    assert (await t.esme.submit(BRACKETS)).status == ROK
    await t.shown(BRACKETS)
    assert [line.encoding for line in t.handset.inbox] == ["GSM-7"]


@feature("alphabet left to the peer")
async def alphabet_of_its_own(t: Table) -> None:
    """Whichever it takes, the handset shows what was meant."""
    await bound(t)
    assert (await t.esme.submit_plain(BRACKETS)).status == ROK
    await t.shown(BRACKETS)


@feature("€ and brackets MO")
async def brackets_in(t: Table) -> None:
    await bound(t)
    assert await t.brought(BRACKETS) == [ROK]
    assert await t.whole() == BRACKETS


@feature("unknown TLV MT")
async def vendor_out(t: Table) -> None:
    await bound(t)
    assert (await t.esme.submit("hallo", tlvs={VENDOR_TAG: VENDOR_OCTETS})).status == ROK
    await t.shown("hallo")
    assert [pdu.tlvs for pdu in t.tap.of(TO_SMSC, "submit_sm")] == [((VENDOR_TAG, VENDOR_OCTETS),)]


@feature("unknown TLV MO")
async def vendor_in(t: Table) -> None:
    """Shown as it is, or passed over; whichever, the text is there and the answer is ROK."""
    await bound(t)
    await deliver(t, alphabet.Part(b"HELP", alphabet.GSM, 0), (VENDOR_TAG, VENDOR_OCTETS))
    heard = await t.esme.next_heard()
    assert heard.text == "HELP"
    assert heard.tlvs.get(VENDOR_TAG, VENDOR_OCTETS) == VENDOR_OCTETS


@feature("query_sm")
async def queried(t: Table) -> None:
    await bound(t)
    waiting = await t.kept("later")
    assert await t.esme.query(waiting) == (State.ENROUTE, "")
    await t.world.switch(t.handset, on=True)
    await t.shown("later")
    state, final_date = await t.esme.query(waiting)
    assert state == State.DELIVERED
    assert final_date


@feature("cancel_sm")
async def cancelled(t: Table) -> None:
    await bound(t)
    waiting = await t.kept("niet meer")
    assert await t.esme.cancel(waiting) == ROK
    assert (await t.esme.submit("wel")).status == ROK
    await t.world.switch(t.handset, on=True)
    await t.shown("wel")
    assert await t.esme.cancel(waiting) != ROK


@feature("replace_sm")
async def replaced(t: Table) -> None:
    await bound(t)
    waiting = await t.kept("oud")
    assert await t.esme.replace(waiting, "nieuw") == ROK
    await t.world.switch(t.handset, on=True)
    await t.shown("nieuw")
    assert await t.esme.replace(waiting, "te laat") != ROK


@feature("submit_multi")
async def several(t: Table) -> None:
    await bound(t)
    answer = await t.esme.submit_multi([NUMBER, OTHER], "aan allen")
    assert answer.status == ROK
    assert answer.message_id != ""
    await t.shown("aan allen")
    assert [line.text for line in t.world.handset(OTHER).inbox] == ["aan allen"]


@feature("data_sm MT")
async def data_out(t: Table) -> None:
    await bound(t)
    answer = await t.esme.submit_data("als data")
    assert (answer.status, answer.message_id != "") == (ROK, True)
    await t.shown("als data")
    assert t.tap.of(TO_SMSC, "data_sm")


def bring_data(t: Table) -> None:
    """A text as data_sm."""
    (session,) = t.smsc.bound_sessions
    fields = mo_fields(NUMBER, SERVICE, alphabet.Part(b"", alphabet.GSM, 0))
    del fields["short_message"]
    octets = alphabet.gsm_octets("als data") or b""
    session.write(encode(Pdu("data_sm", session.next_sequence(), 0, fields, ((PAYLOAD_TAG, octets),))))


@feature("data_sm MO")
async def data_in(t: Table) -> None:
    await bound(t)
    bring_data(t)
    assert await t.tap.answered(TO_ESME, "data_sm", 1) == [ROK]
    assert await t.whole() == "als data"


@feature("alert_notification")
async def alerted(t: Table) -> None:
    """It has no answer (SMPP 3.4 §4.12); what counts is that the session goes on."""
    await bound(t)
    (session,) = t.smsc.bound_sessions
    session.alert(NUMBER)
    assert await t.brought("HELP") == [ROK]
    assert await t.whole() == "HELP"
    # Neither an answer nor a nack.
    to_smsc = [pdu.command for way, pdu in t.tap.pdus if way == TO_SMSC]
    assert set(to_smsc) - {"enquire_link"} == {"bind_transceiver", "deliver_sm_resp"}


@feature("throttling honoured")
async def throttled(t: Table) -> None:
    await bound(t)
    t.world.faults.arm(Fault("status", NUMBER, status=RTHROTTLED))
    answer = await t.esme.submit("rustig")
    if not t.esme.tries_again:
        assert answer.status == RTHROTTLED
        assert t.texts == []
        answer = await t.esme.submit("rustig")
    assert answer.status == ROK
    await t.shown("rustig")
    assert await t.tap.answered(TO_SMSC, "submit_sm", 2) == [RTHROTTLED, ROK]


@feature("unbind from the peer")
async def unbound(t: Table) -> None:
    await bound(t)
    await t.esme.unbind()
    await t.until(lambda: not t.smsc.sessions)
    assert await t.tap.answered(TO_SMSC, "unbind", 1) == [ROK]


@feature("unbind to the peer")
async def unbinding(t: Table) -> None:
    await bound(t)
    (session,) = t.smsc.bound_sessions
    session.unbind()
    await t.esme.ended()
    await t.until(lambda: session not in t.smsc.sessions)
    assert await t.tap.answered(TO_ESME, "unbind", 1) == [ROK]


@feature("binds anew after a lost line")
async def back_again(t: Table) -> None:
    await bound(t)
    (lost,) = t.smsc.bound_sessions
    t.tap.cut()
    (session,) = await t.until(lambda: [one for one in t.smsc.bound_sessions if one is not lost])
    assert session.mode.value == "transceiver"
    assert await t.brought("HELP") == [ROK]
    assert await t.whole() == "HELP"


@feature("outbind")
async def called(t: Table) -> None:
    """The SMSC calls, and the ESME binds as receiver on that connection (SMPP 3.4 §2.2.1)."""
    port = await t.esme.listen()
    await t.smsc.outbind("127.0.0.1", port, ACCOUNT, PASSWORD)
    await t.until(lambda: t.smsc.bound_sessions)
    assert [session.mode.value for session in t.smsc.bound_sessions] == ["receiver"]
    assert await t.brought("HELP") == [ROK]
    assert await t.whole() == "HELP"
