"""node-smpp: its client as an ESME of ours, its server as our gateway's SMSC.

Run by `make interop`, which fetches the package; not one of the plain tests.

    NODE_PATH=build/interop/node_modules python -m pytest tests/interop/node_smpp.py
"""

import asyncio
from pathlib import Path

import pytest

from simulator.alphabet import IA5, gsm_octets, gsm_text
from tests.interop import matrix
from tests.interop.esme import BRACKETS, CERTIFICATES, NUMBER, Heard, at_table
from tests.interop.esme_features import bound, play
from tests.interop.json_esme import JsonEsme
from tests.interop.json_smsc import JsonSmsc
from tests.interop.pdu_esme import SOURCE, concat_of, destination
from tests.interop.smsc import FEATURES, TLS_ROW, many_at_once
from tests.interop.tap import TO_SMSC

HERE = Path(__file__).parent


async def named(child, tlvs):
    """The library wants a name for a TLV of its own kind."""
    for tag in tlvs:
        await child.ask("named", name=f"vendor_{tag}", tag=tag)
    return {f"vendor_{tag}": octets for tag, octets in tlvs.items()}


def concat(said):
    elements = b"".join(bytes.fromhex(element) for element in said["udh"])
    return concat_of(bytes((len(elements),)) + elements) if elements else None


class NodeEsme(JsonEsme):
    """Texts go and come as texts: the library has the alphabets."""

    command = ("node", str(HERE / "esme.js"))

    async def named(self, tlvs):
        return await named(self.child, tlvs)

    def written(self, text, data_coding):
        return text

    def part(self, header, octets):
        return {"udh": header, "message": gsm_text(octets)}

    async def submit_plain(self, text):
        return await self.request("submit_sm", **SOURCE, **destination(NUMBER), short_message=text)

    async def submit_multi(self, numbers, text):
        many = [destination(number) for number in numbers]
        return await self.request("submit_multi", **SOURCE, dest_address=many, **self.message(text))

    async def next_heard(self):
        said = await self.child.next("heard")
        return Heard(
            said["source"],
            said["destination"],
            said["text"],
            said["esm_class"],
            concat(said),
            said["receipted"],
            {int(tag): bytes.fromhex(octets) for tag, octets in said["tlvs"].items()},
        )


class NodeSmsc(JsonSmsc):
    command = ("node", str(HERE / "smsc.js"))

    async def named(self, tlvs):
        return await named(self.child, tlvs)

    def message(self, header, text, data_coding):
        return {"udh": header, "message": text} if header else text

    def read(self, said):
        return said["text"], concat(said)


async def it_labels_gsm_octets_as_ia5():
    async with at_table(NodeEsme.at) as t:
        await bound(t)
        assert (await t.esme.submit_plain(BRACKETS)).status == 0
        (submit,) = t.tap.of(TO_SMSC, "submit_sm")
        assert submit.octets() == gsm_octets(BRACKETS)
        assert submit.integer("data_coding") == IA5


PROOFS = {"alphabet left to the peer": it_labels_gsm_octets_as_ia5}


@pytest.mark.parametrize("row", matrix.ESMES["node-smpp"].played)
def test_its_client_and_our_smsc(row, cell):
    cell("bound to our SMSC", "node-smpp", row, PROOFS[row]() if row in PROOFS else play(row, NodeEsme.at))


async def with_its_server(story, tmp_path, *arguments):
    async with NodeSmsc.started(*arguments) as smsc:
        await story(tmp_path, smsc)


@pytest.mark.parametrize("row", matrix.SMSCS["node-smpp"].played)
def test_our_gateway_and_its_server(row, cell, tmp_path):
    arguments = (str(CERTIFICATES / "smsc.pem"),) if row == TLS_ROW else ()
    cell("our gateway bound to it", "node-smpp", row, with_its_server(FEATURES[row], tmp_path, *arguments))


def test_our_gateway_and_many_at_once(tmp_path):
    asyncio.run(asyncio.wait_for(with_its_server(many_at_once, tmp_path), 60))
