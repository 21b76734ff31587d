"""Net::SMPP, another hand's SMPP in Perl: its client as an ESME of ours, its server as our gateway's SMSC.

Run by `make interop`, which installs it; not one of the plain tests.
"""

import asyncio
from pathlib import Path

import pytest

from tests.interop import matrix
from tests.interop.esme import SERVICE
from tests.interop.esme_features import play
from tests.interop.json_esme import JsonEsme
from tests.interop.json_smsc import JsonSmsc
from tests.interop.pdu_esme import heard
from tests.interop.smsc import FEATURES, many_at_once

HERE = Path(__file__).parent


def numbered(tlvs):
    """A tag without a name takes an integer."""
    return {str(tag): int.from_bytes(octets, "big") for tag, octets in tlvs.items()}


class PerlEsme(JsonEsme):
    """Net::SMPP has no alphabet: texts go and come as octets."""

    command = ("perl", str(HERE / "esme.pl"))

    async def named(self, tlvs):
        return numbered(tlvs)

    async def submit_multi(self, numbers, text):
        plain = [number.removeprefix("+") for number in numbers]
        return await self.request("submit_multi", source_addr=SERVICE, destination_addr=plain, **self.message(text))

    async def next_heard(self):
        said = await self.child.next("heard")
        return heard(
            bytes.fromhex(said["octets"]),
            said["data_coding"],
            said["esm_class"],
            source=said["source"],
            destination=said["destination"],
            receipted_message_id=said["receipted"],
            tlvs={int(tag): bytes.fromhex(octets) for tag, octets in said["tlvs"].items()},
        )


class PerlSmsc(JsonSmsc):
    command = ("perl", str(HERE / "smsc.pl"))

    async def named(self, tlvs):
        return numbered(tlvs)

    def read(self, said):
        shown = heard(bytes.fromhex(said["octets"]), said["data_coding"], said["esm_class"], source="", destination="")
        return shown.text, shown.concat


@pytest.mark.parametrize("row", matrix.ESMES["Net::SMPP"].played)
def test_its_client_and_our_smsc(row, cell):
    cell("bound to our SMSC", "Net::SMPP", row, play(row, PerlEsme.at))


async def with_its_server(story, tmp_path):
    async with PerlSmsc.started() as smsc:
        await story(tmp_path, smsc)


@pytest.mark.parametrize("row", matrix.SMSCS["Net::SMPP"].played)
def test_our_gateway_and_its_server(row, cell, tmp_path):
    cell("our gateway bound to it", "Net::SMPP", row, with_its_server(FEATURES[row], tmp_path))


def test_our_gateway_and_many_at_once(tmp_path):
    asyncio.run(asyncio.wait_for(with_its_server(many_at_once, tmp_path), 60))
