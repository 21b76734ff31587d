"""Texts to 1330 as handsets really send them: long, in parts, in UCS-2, twice, and across a crash."""

import pytest

from simulator import alphabet
from simulator import pdu as smpp
from simulator.smsc import mo_fields
from tests.world.stage import conversation, new_number, staged

LONG = 320


def parts_of(number, text, reference):
    """deliver_sm bodies, one a part."""
    return [smpp.body_octets("deliver_sm", mo_fields(number, "1330", part)) for part in alphabet.cut(text, reference)]


@pytest.mark.parametrize(
    ("text", "parts", "said"),
    [
        ("HELP", 1, "Codes voor 1330"),
        ("HELP" + " " * LONG, 3, "Codes voor 1330"),
        ("\n" * LONG + "info\r\nuit!", 3, "INFO staat nu UIT"),
        ("İNFO UIT", 1, "INFO staat nu UIT"),
        ("ınfo uıt" + " " * LONG, 5, "INFO staat nu UIT"),
        ("“limiet”" + "\u00a0" * LONG + "UIT", 6, "LIMIET staat nu UIT"),
        ("Ik wil graag weten wat data in Canada kost. " * 10 + "{€}", 3, "kennen we niet"),
        ("Ik wil graag weten 🙂 wat data in Canada kost. " * 5, 4, "kennen we niet"),
    ],
)
def test_a_text_is_read_whole_whatever_its_parts(stage, run, text, parts, said):
    async def played():
        handset = stage.world.handset(await stage.subscribed())
        lines = await stage.world.text(handset, text)
        assert handset.outbox[-1].parts == parts
        assert [said in line.text for line in lines] == [True], conversation(handset)

    run(played())


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 0, 2, 1, 1), (2, 0, 1, 2, 0)])
def test_parts_may_come_in_any_order_and_twice(stage, run, order):
    async def played():
        handset = stage.world.handset(await stage.subscribed())
        parts = parts_of(handset.number, "HELP" + " " * LONG, 7)
        for index in order:
            stage.world.smsc.post_bodies(handset.number, [parts[index]])
        await stage.world.settle()
        assert len(handset.inbox) == 1, conversation(handset)

    run(played())


def test_parts_of_two_people_with_one_reference_stay_apart(stage, run):
    async def played():
        people = [stage.world.handset(await stage.subscribed()) for _ in range(2)]
        texts = ("HELP" + " " * LONG, "INFO" + " " * LONG)
        parts = [parts_of(person.number, text, 9) for person, text in zip(people, texts, strict=True)]
        for index in range(3):
            for person, bodies in zip(people, parts, strict=True):
                stage.world.smsc.post_bodies(person.number, [bodies[index]])
        await stage.world.settle()
        assert ["Codes voor" in line.text for line in people[0].inbox] == [True]
        assert ["INFO staat AAN" in line.text for line in people[1].inbox] == [True]

    run(played())


def test_parts_before_a_crash_are_joined_with_those_after(run, tmp_path):
    async def played():
        async with staged(tmp_path) as stage:
            world = stage.world
            handset = world.handset(await stage.subscribed())
            first, second, third = parts_of(handset.number, "HELP" + " " * LONG, 3)
            for part in (first, third):
                world.smsc.post_bodies(handset.number, [part])
            await world.settle()
            assert handset.inbox == []
            await stage.kill()
            await stage.launch()
            world.smsc.post_bodies(handset.number, [second])
            await world.settle()
            assert ["Codes voor 1330" in line.text for line in handset.inbox] == [True]

    run(played())


def test_texts_wait_at_the_smsc_while_the_gateway_is_down(run, tmp_path):
    async def played():
        async with staged(tmp_path) as stage:
            world = stage.world
            people = [world.handset(await stage.subscribed()) for _ in range(5)]
            await stage.kill()
            for person in people:
                for text in ("BERICHT", "INFO", "LIMIET"):
                    world.smsc.post_mo(person.number, "1330", text)
            await stage.launch()
            await world.settle()
            for person in people:
                answered = [line.text.partition(" ")[0] for line in person.inbox]
                assert answered == ["BERICHT", "INFO", "LIMIET"], conversation(person)

    run(played())


def test_a_text_comes_over_any_numbering_of_the_service(stage, run):
    async def played():
        for ton, npi in ((0, 0), (0, 1), (1, 1), (2, 1), (3, 0), (3, 1), (6, 9)):
            number = await stage.subscribed()
            (part,) = alphabet.cut("HELP", 1)
            fields = mo_fields(number, "1330", part) | {"dest_addr_ton": ton, "dest_addr_npi": npi}
            stage.world.smsc.post_bodies(number, [smpp.body_octets("deliver_sm", fields)])
            await stage.world.settle()
            assert len(stage.world.handset(number).inbox) == 1, (ton, npi)

    run(played())


def test_a_text_through_the_whole_alphabet_reaches_the_handset_unharmed(stage, run):
    """What the gateway writes, the simulator's own codec reads back: every kind and language is one part of GSM-7."""

    async def played():
        for language in ("nl", "en"):
            handset = stage.world.handset(new_number(), language=language)
            await stage.world.subscribe(handset, bundles={"A": {"enabled": True}})
            for text in ("HELP", "INFO", "DOORGAAN"):
                await stage.world.text(handset, text)
            await stage.world.roam(handset, "AE")
            notices = await stage.notices(handset.number)
            assert [line.text for line in handset.inbox] == [item["text"] for item in notices]
            assert {line.encoding for line in handset.inbox} == {"GSM-7"}
            assert not stage.world.smsc.complaints

    run(played())
