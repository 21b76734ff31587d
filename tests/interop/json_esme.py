"""The driver of an ESME that is a script of its own, told by JSON lines what to send (esme.js, esme.pl).

Not here: what differs between the two (node_smpp.py, net_smpp.py).
"""

from contextlib import asynccontextmanager

from tests.interop.child import Child
from tests.interop.esme import ACCOUNT, PASSWORD, Answer
from tests.interop.pdu_esme import PduEsme


def jsonable(value):
    """Octets as {"hex": ...}, wherever they are."""
    match value:
        case bytes():
            return {"hex": value.hex()}
        case dict():
            return {name: jsonable(one) for name, one in value.items()}
        case list():
            return [jsonable(one) for one in value]
    return value


class JsonEsme(PduEsme):
    command = ()
    """The program and its script."""

    def __init__(self, child, port):
        self.child, self._port = child, port
        self._connected = False
        self._tls = {}

    @classmethod
    @asynccontextmanager
    async def at(cls, port):
        async with Child.started(*cls.command) as child:
            yield cls(child, port)

    async def named(self, tlvs):
        """TLVs that have no name, as fields."""
        raise NotImplementedError

    async def request(self, command, tlvs=None, **fields):
        if not self._connected:
            await self.child.ask("connect", port=self._port, tls=self._tls)
            self._connected = True
        fields |= await self.named(tlvs or {})
        said = await self.child.ask("request", command=command, fields=jsonable(fields))
        return Answer(said["status"], said["message_id"], said["fields"])

    async def secure(self, ca_file):
        self._tls = {"tls": True, "ca": ca_file.read_text(), "servername": "smsc.test"}

    async def listen(self):
        said = await self.child.ask("listen", system_id=ACCOUNT, password=PASSWORD)
        return said["port"]

    async def ended(self):
        await self.child.next("ended")
