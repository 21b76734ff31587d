"""Texts to 1330 in a national alphabet, as handsets abroad write them: alone, in parts, and over a crash."""

import pytest

from simulator import pdu as smpp
from simulator.alphabet import Part
from simulator.smsc import mo_fields
from tests.world.stage import conversation, staged

UDH = 0x40
# 3GPP TS 23.040 §9.2.3.24.15 and .16: single and locking shift, Turkish (1) and Spanish (2).
SINGLE_TURKISH, LOCKING_TURKISH, SINGLE_SPANISH = b"\x24\1\1", b"\x25\1\1", b"\x24\1\2"


def body(number, elements, septets):
    octets = bytes([len(elements)]) + elements + septets
    return smpp.body_octets("deliver_sm", mo_fields(number, "1330", Part(octets, 0, UDH)))


@pytest.mark.parametrize(
    ("elements", "septets", "said"),
    [
        (LOCKING_TURKISH, b"\x40NFO", "INFO staat AAN"),
        (LOCKING_TURKISH, b"\x07nfo uit", "INFO staat nu UIT"),  # a small i without its dot
        (SINGLE_TURKISH, b"B\x1bIL\x1bIM\x1bIT", "kennen we niet"),
        (SINGLE_SPANISH, b"l\x1bimiet \x1bUIT", "LIMIET staat nu UIT"),
        (b"\x24\1\x0d", b"HELP", "Codes voor 1330"),  # Urdu, which is not read: the default alphabet
    ],
)
def test_a_code_with_letters_of_another_language(stage, run, elements, septets, said):
    async def played():
        handset = stage.world.handset(await stage.subscribed())
        stage.world.smsc.post_bodies(handset.number, [body(handset.number, elements, septets)])
        await stage.world.settle()
        assert [said in line.text for line in handset.inbox] == [True], conversation(handset)

    run(played())


def test_parts_keep_their_alphabet_over_a_crash(run, tmp_path):
    async def played():
        async with staged(tmp_path) as stage:
            world = stage.world
            handset = world.handset(await stage.subscribed())
            parts = [
                body(handset.number, b"\0\3\x2a\2\1" + LOCKING_TURKISH, b"\x40NF"),
                body(handset.number, b"\0\3\x2a\2\2" + LOCKING_TURKISH, b"O U\x40T"),
            ]
            world.smsc.post_bodies(handset.number, [parts[1]])
            await world.settle()
            await stage.kill()
            await stage.launch()
            world.smsc.post_bodies(handset.number, [parts[0]])
            await world.settle()
            assert ["INFO staat nu UIT" in line.text for line in handset.inbox] == [True], conversation(handset)

    run(played())
