"""What a gateway and an SMSC that is not ours must be able to do together, whoever wrote that SMSC.

`ForeignSmsc` is what a test needs of one: bring a text, see a submit, answer it. A submit shows its text as the
foreign library reads it where the library reads texts, so that two alphabets meet too.

Not here: any SMPP of our own.
"""

import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.world.stage import MB, Stage, path_of, staged

ROOT = Path(__file__).parents[2]
ROK, RINVDSTADR, RMSGQFUL, RTHROTTLED = 0x00, 0x0B, 0x14, 0x58
RECEIPT, HEADER = 0x04, 0x40
GSM, UCS2 = 0, 8


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

    async def deliver(
        self,
        sender: str,
        text: str,
        *,
        esm_class: int = 0,
        data_coding: int = GSM,
        header: bytes = b"",
        receipted_message_id: str = "",
    ) -> int:
        """Brings a text or receipt to the ESME; the status of its answer."""
        ...

    async def next_submit(self) -> Submit: ...

    async def answer(self, submit: Submit, *, status: int = ROK, message_id: str = "") -> None: ...


def receipt(message_id: str, stat: str = "DELIVRD") -> str:
    """SMPP 3.4, appendix B."""
    return (
        f"id:{message_id} sub:001 dlvrd:001 submit date:2611020900 done date:2611020901 stat:{stat} err:000 text:Codes"
    )


@asynccontextmanager
async def joined(tmp_path: Path, smsc: ForeignSmsc, **env: str):
    """A gateway bound to the foreign SMSC."""
    async with staged(tmp_path, bound=False, GATEWAY__SMPP__PORT=str(smsc.port), **env) as stage:
        assert await smsc.bound() == "gateway"
        await stage.child.wait_for("smpp.bound")
        yield stage


async def states(stage: Stage, number: str) -> list[tuple[str, str]]:
    """Kinds and states, once every submit has its answer."""
    assert (await stage.http("GET", "/v1/quiet")).status == 200
    return [(item["kind"], item["state"]) for item in await stage.notices(number)]


async def a_text_its_answer_and_its_receipt(tmp_path: Path, smsc: ForeignSmsc) -> None:
    """MO → reply MT → receipt, by the way also every field the contract fixes."""
    async with joined(tmp_path, smsc) as stage:
        number = await stage.subscribed()
        assert await smsc.deliver(number, "HELP") == ROK
        submit = await smsc.next_submit()
        assert submit.source == (3, 0, "1330")
        assert submit.destination == (1, 1, number.removeprefix("+"))
        assert (submit.esm_class, submit.data_coding, submit.registered_delivery) == (0, GSM, 1)
        assert submit.concat is None
        await smsc.answer(submit, message_id="a1b2c3")
        assert await states(stage, number) == [("help", "submitted")]
        (item,) = (await stage.http("GET", path_of(number) + "/notifications")).body["items"]
        assert submit.text == item["text"]
        assert await smsc.deliver(number, receipt("a1b2c3"), esm_class=RECEIPT) == ROK
        assert await states(stage, number) == [("help", "delivered")]
        assert (await stage.notices(number))[0]["message_ids"] == ["a1b2c3"]


async def receipts_in_every_spelling(tmp_path: Path, smsc: ForeignSmsc) -> None:
    """Matched by id, decimal or hex, with leading zeros or not, by TLV, and before the answer."""
    spellings = (
        ("00000000AF", "af", ""),
        ("1F", "31", ""),
        ("4660", "1234", ""),
        ("0000000077", "77", ""),
        ("uuid-5-x", "uuid-5-x", ""),
        ("ABCDEF0123", "nonsense", "ABCDEF0123"),
    )
    outcomes = (
        *(("DELIVRD", "delivered"), ("UNDELIV", "failed"), ("REJECTD", "failed")),
        *(("EXPIRED", "expired"), ("ACCEPTD", "submitted"), ("ENROUTE", "submitted")),
    )
    async with joined(tmp_path, smsc) as stage:
        for (message_id, named, tlv), (stat, state) in zip(spellings, outcomes, strict=True):
            number = await stage.subscribed()
            assert await smsc.deliver(number, "HELP") == ROK
            await smsc.answer(await smsc.next_submit(), message_id=message_id)
            text = receipt(named, stat)
            assert await smsc.deliver(number, text, esm_class=RECEIPT, receipted_message_id=tlv) == ROK
            assert await states(stage, number) == [("help", state)], (message_id, named)
        number = await stage.subscribed()
        assert await smsc.deliver(number, "HELP") == ROK
        submit = await smsc.next_submit()
        assert await smsc.deliver(number, receipt("early-1"), esm_class=RECEIPT) == ROK
        await smsc.answer(submit, message_id="early-1")
        assert await states(stage, number) == [("help", "delivered")]


async def long_texts_both_ways(tmp_path: Path, smsc: ForeignSmsc) -> None:
    """An MO in UCS-2 parts is read whole; an MT of two parts is one text with one reference."""
    templates = tmp_path / "templates"
    shutil.copytree(ROOT / "templates", templates)
    for file in templates.glob("*.toml"):
        head, found, rest = file.read_text(encoding="utf-8").partition("[kind.help]\n")
        assert found
        # The euro sign's two septets would lie across the cut after 153.
        text = "Codes: " + "x" * (152 - 7) + "€ en nog wat. " * 10
        kind = f'name = "hulp"\ntext = "{text}"\nparts_max = 2'
        file.write_text(f"{head}{found}{kind}{rest.partition('parts_max = 1')[2]}", encoding="utf-8")
    async with joined(tmp_path, smsc, GATEWAY__TEMPLATES__FOLDER=str(templates)) as stage:
        number = await stage.subscribed()
        for index, piece in enumerate(("help", " " * 60, "\u00a0" * 60 + "!"), 1):
            header = bytes((5, 0, 3, 77, 3, index))
            status = await smsc.deliver(number, piece, esm_class=HEADER, data_coding=UCS2, header=header)
            assert status == ROK
        parts = [await smsc.next_submit(), await smsc.next_submit()]
        for part in parts:
            await smsc.answer(part, message_id=f"part-{part.number}")
        assert await states(stage, number) == [("help", "submitted")]
        (item,) = await stage.notices(number)
        assert item["parts"] == 2
        assert {part.esm_class for part in parts} == {HEADER}
        # A library may show two that came together in either order.
        parts.sort(key=lambda part: part.concat or (0, 0, 0))
        (reference, *first), (same, *second) = (part.concat or () for part in parts)
        assert (reference, first, second) == (same, [2, 1], [2, 2]), parts
        assert "".join(part.text for part in parts) == item["text"]
        for part in parts:
            assert await states(stage, number) == [("help", "submitted")]
            await smsc.deliver(number, receipt(f"part-{part.number}"), esm_class=RECEIPT)
        assert await states(stage, number) == [("help", "delivered")]


async def throttled_and_refused(tmp_path: Path, smsc: ForeignSmsc) -> None:
    """Throttled twice and then taken, with the same reference; a wrong number is final; the order is kept."""
    async with joined(tmp_path, smsc) as stage:
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
        assert (await stage.http("GET", "/v1/quiet")).status == 200
        notices = await stage.notices(number)
        assert [item["kind"] for item in notices] == ["border_world_no_bundle", "cost_80", "cost_100_block"]
        assert [one.text for one in seen[2:]] == [item["text"] for item in notices]
        assert [item["attempts"] for item in notices] == [3, 1, 1]
        other = await stage.roamer()
        await stage.post(stage.location(other, "310-410"))
        await smsc.answer(await smsc.next_submit(), status=RINVDSTADR)
        assert await states(stage, other) == [("border_world_no_bundle", "failed")]


async def many_at_once(tmp_path: Path, smsc: ForeignSmsc) -> None:
    """A window's worth of texts, answered out of order, each receipt to its own text."""
    async with joined(tmp_path, smsc) as stage:
        numbers = [await stage.roamer() for _ in range(50)]
        await stage.post_batch([stage.location(number, "310-410") for number in numbers])
        submits = [await smsc.next_submit() for _ in numbers]
        assert {submit.destination[2] for submit in submits} == {number.removeprefix("+") for number in numbers}
        for submit in reversed(submits):
            await smsc.answer(submit, message_id=f"{submit.number:08X}")
        for submit in submits[::2]:
            await smsc.deliver("+" + submit.destination[2], receipt(f"{submit.number:08X}"), esm_class=RECEIPT)
        assert (await stage.http("GET", "/v1/quiet")).status == 200
        delivered = {"+" + submit.destination[2] for submit in submits[::2]}
        for number in numbers:
            state = "delivered" if number in delivered else "submitted"
            assert await states(stage, number) == [("border_world_no_bundle", state)]


SCENARIOS: dict[str, Any] = {
    scenario.__name__: scenario
    for scenario in (
        a_text_its_answer_and_its_receipt,
        receipts_in_every_spelling,
        long_texts_both_ways,
        throttled_and_refused,
        many_at_once,
    )
}
