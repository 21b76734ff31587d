"""Our own simulator in the foreign SMSC's place: what our gateway does with it, beside what it does with the others.

Run by `make interop` for its column of the matrix; tests/world holds the two against each other in far more ways.
"""

import asyncio
from contextlib import asynccontextmanager

import pytest

from simulator import alphabet
from simulator.clock import VirtualClock
from simulator.commands import Status
from simulator.faults import Fault
from simulator.pdu import Pdu, body_octets, decode, encode, tlv
from simulator.smsc import Smsc, SmscSettings, mo_fields
from simulator.tls import server_context
from tests.interop import matrix
from tests.interop.esme import CERTIFICATES
from tests.interop.pdu_esme import heard
from tests.interop.smsc import FEATURES, ROK, TLS_ROW, UCS2, Submit, many_at_once
from tests.world.stage import WAIT_S


class OurSmsc:
    """Texts are answered when the test says so; all else is the simulator's own."""

    def __init__(self, smsc):
        self._smsc, self.port = smsc, smsc.port
        self._moved = asyncio.Event()
        self._binds = asyncio.Queue()
        self._submits = asyncio.Queue()
        self._open = {}
        self._answers = {}
        self._refusal = None
        smsc.on_frame = self._seen
        smsc.centre.submit = lambda session, submit: self._submits.put_nowait((session, submit))

    @classmethod
    @asynccontextmanager
    async def started(cls, *, tls=False):
        settings = SmscSettings(receipt_delay_s=0)
        context = server_context(CERTIFICATES / "smsc.pem") if tls else None
        async with Smsc({"gateway": "secret"}, clock=VirtualClock(), settings=settings, tls=context) as smsc:
            yield cls(smsc)

    def _seen(self, session, way, frame):
        pdu = decode(frame)
        if way == "in" and pdu.command.endswith("_resp"):
            self._answers[pdu.sequence] = pdu.status
        elif way == "out" and pdu.command.startswith("bind_") and pdu.status == ROK:
            self._binds.put_nowait(session)
        asyncio.get_running_loop().call_soon(self._moved.set)

    async def _until(self, condition):
        async with asyncio.timeout(WAIT_S):
            while not condition():
                self._moved.clear()
                await self._moved.wait()

    async def _answered(self, sequence):
        await self._until(lambda: sequence in self._answers)
        return self._answers.pop(sequence)

    async def bound(self):
        async with asyncio.timeout(WAIT_S):
            self._session = await self._binds.get()
        return self._session.account

    async def admit(self, *, everybody):
        faults = self._smsc.faults
        if everybody:
            faults.clear(self._refusal)
        else:
            self._refusal = faults.arm(Fault("bind_status", times=None, status=Status.RINVPASWD))

    async def deliver(
        self,
        sender,
        text,
        *,
        esm_class=0,
        data_coding=0,
        header=b"",
        payload=False,
        tlvs=None,
        receipted_message_id="",
    ):
        octets = header + (text.encode("utf-16-be") if data_coding == UCS2 else alphabet.gsm_octets(text))
        pairs = list((tlvs or {}).items())
        if receipted_message_id:
            pairs.append(tlv("receipted_message_id", receipted_message_id))
        if payload:
            pairs.append(tlv("message_payload", octets))
            octets = b""
        fields = mo_fields(sender, "1330", alphabet.Part(octets, data_coding, esm_class))
        delivery = self._smsc.post_bodies(sender, [body_octets("deliver_sm", fields, pairs)])
        await self._until(lambda: delivery.finished)
        return delivery.statuses[0]

    async def _request(self, command, fields=None, tlvs=()):
        sequence = self._session.next_sequence()
        self._session.write(encode(Pdu(command, sequence, 0, fields or {}, tuple(tlvs))))
        return await self._answered(sequence)

    async def deliver_data(self, sender, text):
        fields = mo_fields(sender, "1330", alphabet.Part(b"", alphabet.GSM, 0))
        del fields["short_message"]
        return await self._request("data_sm", fields, [tlv("message_payload", alphabet.gsm_octets(text))])

    async def next_submit(self):
        async with asyncio.timeout(WAIT_S):
            session, submit = await self._submits.get()
        number = len(self._open) + 1
        self._open[number] = (session, submit)
        pdu = submit.pdu
        shown = heard(submit.payload, submit.data_coding, submit.esm_class, source="", destination="")
        reference = pdu.tlv("user_message_reference")
        return Submit(
            number,
            (pdu.integer("source_addr_ton"), pdu.integer("source_addr_npi"), pdu.text("source_addr")),
            (pdu.integer("dest_addr_ton"), pdu.integer("dest_addr_npi"), pdu.text("destination_addr")),
            shown.text,
            submit.esm_class,
            submit.data_coding,
            submit.registered_delivery,
            None if reference is None else int.from_bytes(reference, "big"),
            shown.concat,
        )

    async def answer(self, submit, *, status=ROK, message_id=""):
        session, request = self._open[submit.number]
        session.answer_submit(request, status, message_id)

    async def enquire(self):
        assert await self._request("enquire_link") == ROK

    async def alert(self, number):
        self._session.alert(number)

    async def unbind(self):
        assert await self._request("unbind") == ROK


async def with_our_smsc(story, tmp_path, **how):
    async with OurSmsc.started(**how) as smsc:
        await story(tmp_path, smsc)


@pytest.mark.parametrize("row", matrix.ESMES["our gateway"].played)
def test_our_gateway_and_our_smsc(row, cell, tmp_path):
    cell("bound to our SMSC", "our gateway", row, with_our_smsc(FEATURES[row], tmp_path, tls=row == TLS_ROW))


def test_our_gateway_and_many_at_once(tmp_path):
    asyncio.run(asyncio.wait_for(with_our_smsc(many_at_once, tmp_path), 60))
