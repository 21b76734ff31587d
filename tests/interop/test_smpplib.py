"""smpplib's client as an ESME of our SMSC, read on a thread of its own since it blocks."""

import asyncio
import socket
import ssl
import threading
from contextlib import asynccontextmanager, suppress

import pytest
import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm
from smpplib.smpp import make_pdu

from tests.interop import matrix
from tests.interop.esme import ACCOUNT, NUMBER, PASSWORD, WAIT_S, Answer, at_table
from tests.interop.esme_features import bound, bring_data, play
from tests.interop.pdu_esme import SOURCE, PduEsme, destination, heard
from tests.interop.tap import TO_ESME, TO_SMSC


class Watched(smpplib.client.Client):
    """Every PDU it reads is also told to `came`, in the thread that reads."""

    came = staticmethod(lambda pdu: None)  # noqa: ARG005

    def read_pdu(self):
        pdu = super().read_pdu()
        self.came(pdu)
        return pdu


class SmpplibEsme(PduEsme):
    """What comes is dealt with by the library's own `read_once`; the driver looks on."""

    def __init__(self, port):
        self._loop = asyncio.get_running_loop()
        self._port, self._tls, self._client = port, None, None
        self._reader = None
        self._answers = {}
        self._heard = asyncio.Queue()
        self._unbound = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def at(cls, port):
        esme = cls(port)
        try:
            yield esme
        finally:
            if esme._client is not None:
                await asyncio.to_thread(esme._end)

    def _end(self):
        with suppress(OSError):
            self._client._socket.shutdown(socket.SHUT_RDWR)
        if self._reader is not None:
            self._reader.join()
        self._client.disconnect()

    def _read(self):
        with suppress(smpplib.exceptions.ConnectionError):
            while True:
                self._client.read_once()

    def _came(self, pdu):
        if pdu.command == "deliver_sm":
            self._heard.put_nowait(pdu)
        elif pdu.command == "unbind":
            self._unbound.set()
        elif (waiting := self._answers.pop(pdu.sequence, None)) is not None:
            waiting.set_result(pdu)

    async def secure(self, ca_file):
        self._tls = ssl.create_default_context(cafile=ca_file)
        self._tls.check_hostname = False  # the library names no host

    def _connect(self):
        how = {"timeout": WAIT_S, "ssl_context": self._tls, "allow_unknown_opt_params": True}
        self._client = Watched("127.0.0.1", self._port, **how)
        for handler in ("message_received", "message_sent", "query_resp", "error_pdu"):
            getattr(self._client, f"set_{handler}_handler")(lambda *_, **__: None)
        self._client.came = lambda pdu: self._loop.call_soon_threadsafe(self._came, pdu)
        self._client.connect()

    async def bind(self, mode="transceiver", password=PASSWORD):
        await asyncio.to_thread(self._connect)
        try:
            await asyncio.to_thread(getattr(self._client, f"bind_{mode}"), system_id=ACCOUNT, password=password)
        except smpplib.exceptions.PDUError as error:
            return error.args[1]
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return 0

    async def request(self, command, tlvs=None, **fields):
        assert not tlvs
        pdu = make_pdu(command, client=self._client, **fields)
        waiting = self._answers[pdu.sequence] = self._loop.create_future()
        self._client.send_pdu(pdu)
        async with asyncio.timeout(WAIT_S):
            answer = await waiting
        told = {
            "message_state": getattr(answer, "message_state", None),
            "final_date": (getattr(answer, "final_date", None) or b"").decode(),
        }
        return Answer(answer.status, (getattr(answer, "message_id", None) or b"").decode(), told)

    async def submit_plain(self, text):
        return await self.submit(text)

    async def submit_long(self, text):
        """In the parts that the library makes of it."""
        parts, data_coding, esm_class = smpplib.gsm.make_parts(text)
        fields = {**SOURCE, **destination(NUMBER), "data_coding": data_coding, "esm_class": esm_class}
        for part in parts:
            assert (await self.request("submit_sm", short_message=part, **fields)).status == 0

    def message(self, text, name="short_message"):
        (part,), data_coding, _ = smpplib.gsm.make_parts(text) if name == "short_message" else self._payload(text)
        return {"data_coding": data_coding, name: part}

    @staticmethod
    def _payload(text):
        return [smpplib.gsm.gsm_encode(text)], smpplib.consts.SMPP_ENCODING_DEFAULT, 0

    async def next_heard(self):
        async with asyncio.timeout(WAIT_S):
            pdu = await self._heard.get()
        return heard(
            pdu.short_message or pdu.message_payload or b"",
            pdu.data_coding,
            pdu.esm_class,
            source=pdu.source_addr.decode(),
            destination=pdu.destination_addr.decode(),
            receipted_message_id=(pdu.receipted_message_id or b"").decode(),
        )

    async def ended(self):
        async with asyncio.timeout(WAIT_S):
            await self._unbound.wait()


async def an_unbind_without_answer():
    """It asks on afterwards, and is answered, so an unbind_resp would have come by then."""
    async with at_table(SmpplibEsme.at) as t:
        await bound(t)
        t.smsc.bound_sessions[0].unbind()
        await t.esme.ended()
        await t.esme.enquire()
        assert t.tap.of(TO_ESME, "unbind")
        assert t.tap.of(TO_SMSC, "unbind_resp") == []


async def a_data_sm_without_answer():
    async with at_table(SmpplibEsme.at) as t:
        await bound(t)
        bring_data(t)
        await t.esme.enquire()
        assert t.tap.of(TO_ESME, "data_sm")
        assert t.tap.of(TO_SMSC, "data_sm_resp") == []


PROOFS = {"unbind to the peer": an_unbind_without_answer, "data_sm MO": a_data_sm_without_answer}


@pytest.mark.parametrize("row", matrix.ESMES["smpplib"].played)
def test_its_client_and_our_smsc(row, cell):
    cell("bound to our SMSC", "smpplib", row, PROOFS[row]() if row in PROOFS else play(row, SmpplibEsme.at))
