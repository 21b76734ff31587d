"""The driver of an SMSC that is a script of its own, told by JSON lines what to do (smsc.js, smsc.pl).

Not here: what differs between the two (node_smpp.py, net_smpp.py).
"""

from contextlib import asynccontextmanager

from simulator.alphabet import gsm_octets
from tests.interop.child import Child
from tests.interop.json_esme import jsonable
from tests.interop.smsc import ROK, UCS2, Submit

SERVICE = {"dest_addr_ton": 3, "destination_addr": "1330"}


class JsonSmsc:
    command = ()
    """The program and its script."""

    def __init__(self, child, port):
        self.child, self.port = child, port

    @classmethod
    @asynccontextmanager
    async def started(cls, *arguments):
        async with Child.started(*cls.command, *arguments) as child:
            yield cls(child, (await child.next("listening"))["port"])

    # --- what differs --------------------------------------------------------------------------------------------

    async def named(self, tlvs):
        """TLVs that have no name, as fields."""
        raise NotImplementedError

    def message(self, header, text, data_coding):
        """A text as the library takes it: here as octets."""
        return header + (text.encode("utf-16-be") if data_coding == UCS2 else gsm_octets(text))

    def read(self, said):
        """The text of a submit and its (reference, total, number)."""
        raise NotImplementedError

    # --- ForeignSmsc ---------------------------------------------------------------------------------------------

    async def bound(self):
        said = await self.child.next("bound")
        assert said["password"] == "secret"
        return said["system_id"]

    async def admit(self, *, everybody):
        await self.child.ask("admit", everybody=everybody)

    async def request(self, command, **fields):
        return (await self.child.ask("request", command=command, fields=jsonable(fields)))["status"]

    def _from(self, sender):
        return {"source_addr_ton": 1, "source_addr_npi": 1, "source_addr": sender.removeprefix("+"), **SERVICE}

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
        name = "message_payload" if payload else "short_message"
        fields = self._from(sender) | {"esm_class": esm_class, "data_coding": data_coding}
        fields[name] = self.message(header, text, data_coding)
        if receipted_message_id:
            fields["receipted_message_id"] = receipted_message_id.encode() + b"\0"
        return await self.request("deliver_sm", **fields, **await self.named(tlvs or {}))

    async def deliver_data(self, sender, text):
        return await self.request("data_sm", **self._from(sender), message_payload=self.message(b"", text, 0))

    async def next_submit(self):
        said = await self.child.next("submit")
        text, concat = self.read(said)
        return Submit(
            said["count"],
            tuple(said["source"]),
            tuple(said["destination"]),
            text,
            *(said[name] for name in ("esm_class", "data_coding", "registered_delivery", "reference")),
            concat,
        )

    async def answer(self, submit, *, status=ROK, message_id=""):
        self.child.tell("answer", count=submit.number, status=status, message_id=message_id)

    async def enquire(self):
        assert await self.request("enquire_link") == ROK

    async def alert(self, number):
        fields = {"source_addr_ton": 1, "source_addr_npi": 1, "source_addr": number.removeprefix("+")}
        self.child.tell("request", command="alert_notification", fields={**fields, "esme_addr": "gateway"})

    async def unbind(self):
        assert await self.request("unbind") == ROK
