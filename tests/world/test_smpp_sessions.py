"""The gateway process with several sessions, over TLS, held back and flooded: what subscribers see stays the same."""

import asyncio
import ssl
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from simulator.faults import Fault
from tests.world.stage import MB, WAIT_S, conversation, staged

FILES = Path(__file__).parents[1] / "gateway" / "smpp" / "certificates"
EXPECTED = ["border_world_no_bundle", "cost_80", "cost_100_block"]


async def story(stage, people):
    """Each gets the same three texts, in this order, once."""
    for person in people:
        batch = [stage.location(person.number, "310-410")]
        batch += [stage.usage(person.number, volume * MB) for volume in (16, 4)]
        assert [result["outcome"] for result in (await stage.post_batch(batch)).results] == ["notified"] * 3
    await stage.world.settle()
    for person in people:
        notices = [item for item in await stage.notices(person.number) if item["state"] != "suppressed"]
        assert [item["kind"] for item in notices] == EXPECTED
        assert {item["state"] for item in notices} == {"delivered"}
        assert [line.text for line in person.inbox] == [item["text"] for item in notices], conversation(person)


async def roamers(stage, count):
    return [stage.world.handset(await stage.roamer()) for _ in range(count)]


async def sessions_of(stage):
    return (await stage.http("GET", "/readyz")).body["sessions"]


@pytest.mark.parametrize(
    ("bind", "binds", "labels"),
    [
        ("transceiver", "3", {"transceiver 1/3", "transceiver 2/3", "transceiver 3/3"}),
        ("transmitter+receiver", "1", {"transmitter", "receiver"}),
        ("transmitter+receiver", "2", {f"{one} {n}/2" for one in ("transmitter", "receiver") for n in (1, 2)}),
    ],
)
def test_several_sessions_and_one_is_lost(run, tmp_path, bind, binds, labels):
    async def played():
        async with staged(
            tmp_path, GATEWAY__SMPP__BIND=bind, GATEWAY__SMPP__BINDS=binds, GATEWAY__SMPP__WINDOW="2"
        ) as stage:
            await stage.child.wait_for("smpp.bound", count=len(labels), timeout_s=WAIT_S)
            assert {line["bind_type"] for line in stage.child.events("smpp.bound")} == labels
            assert await sessions_of(stage) == {"bound": len(labels), "of": len(labels)}
            people = await roamers(stage, 12)
            await story(stage, people)
            lines = await stage.world.text(people[0], "HELP")
            assert ["Codes voor 1330" in line.text for line in lines] == [True]
            next(iter(stage.world.smsc.sessions)).abort()
            await stage.child.wait_for("smpp.bound", count=len(labels) + 1, timeout_s=WAIT_S)
            await stage.world.settle()
            await story(stage, await roamers(stage, 12))
            assert (await stage.http("GET", "/readyz")).body["delivery"] == "ok"

    run(played())


def test_a_stop_unbinds_every_session(run, tmp_path):
    async def played():
        async with staged(tmp_path, GATEWAY__SMPP__BINDS="2") as stage:
            await stage.child.wait_for("smpp.bound", count=2, timeout_s=WAIT_S)
            assert await stage.child.stop() == 0
            assert [line["reason"] for line in stage.child.events("smpp.unbound")] == ["unbound"] * 2

    run(played())


def test_a_bound_on_the_rate_changes_no_text_and_no_order(run, tmp_path):
    async def played():
        async with staged(tmp_path, GATEWAY__SMPP__RATE_PER_S="40", GATEWAY__SMPP__RATE_BURST="2") as stage:
            await story(stage, await roamers(stage, 8))

    run(played())


@pytest.mark.parametrize("status", [0x58, 0x14])
def test_an_smsc_that_refuses_every_other_one_is_sent_to_more_slowly(run, tmp_path, status):
    async def played():
        async with staged(tmp_path) as stage:
            people = await roamers(stage, 4)
            fault = stage.world.faults.arm(Fault("status", times=10, every=2, status=status))
            await story(stage, people)
            assert fault.hits == 10
            metrics = (await stage.http("GET", "/metrics")).body
            assert "gateway_smpp_slowed 1.0" in metrics

    run(played())


def test_a_vendors_own_status_as_the_operator_says(run, tmp_path):
    async def played():
        async with staged(tmp_path, GATEWAY__SMPP__PERMANENT_STATUSES='["0x400-0x41F"]') as stage:
            anna, bert = people = await roamers(stage, 2)
            for person, status in zip(people, (0x41F, 0x420), strict=True):
                stage.world.faults.arm(Fault("status", person.number, status=status))
                await stage.world.roam(person, "US")
            states = [(await stage.notices(person.number))[0]["state"] for person in people]
            assert states == ["failed", "delivered"]
            assert (len(anna.inbox), len(bert.inbox)) == (0, 1)

    run(played())


def test_one_sender_is_throttled_and_loses_nothing(run, tmp_path):
    async def played():
        async with staged(tmp_path, GATEWAY__SMPP__MO_UNDECIDED_MAX="1") as stage:
            anna, bert = [stage.world.handset(await stage.subscribed()) for _ in range(2)]
            for text in ("HELP", "INFO", "BERICHT", "LIMIET"):
                stage.world.smsc.post_mo(anna.number, "1330", text)
            stage.world.smsc.post_mo(bert.number, "1330", "HELP")
            await stage.world.settle()
            assert (len(anna.inbox), len(bert.inbox)) == (4, 1), conversation(anna)

    run(played())


# ------------------------------------------------------------------------------------------------ TLS
@asynccontextmanager
async def tls_in_front_of(port, seen):
    """A listener that takes TLS from those with a certificate and hands the octets on; `seen` are their names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FILES / "smsc.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(FILES / "ca.pem")

    async def copy(reader, writer):
        while octets := await reader.read(65536):
            writer.write(octets)
            await writer.drain()
        writer.close()

    async def serve(reader, writer):
        seen.append(writer.get_extra_info("peercert")["subject"][0][0][1])
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(copy(reader, inner_writer))
                tasks.create_task(copy(inner_reader, writer))
        except* OSError:
            pass
        finally:
            inner_writer.close()
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def test_a_day_over_tls(run, tmp_path):
    async def played():
        seen = []
        async with staged(tmp_path, bound=False) as stage:
            await stage.child.stop()
            async with tls_in_front_of(stage.world.smsc.port, seen) as port:
                tls = {
                    "GATEWAY__SMPP__PORT": str(port),
                    "GATEWAY__SMPP__TLS": "true",
                    "GATEWAY__SMPP__TLS_CA_FILE": str(FILES / "ca.pem"),
                    "GATEWAY__SMPP__TLS_CERT_FILE": str(FILES / "gateway.crt"),
                    "GATEWAY__SMPP__TLS_KEY_FILE": str(FILES / "gateway.key"),
                }
                # its certificate is for another name than 127.0.0.1
                await stage.launch(bound=False, **tls)
                refused = await stage.child.wait_for("smpp.bind_failed", timeout_s=WAIT_S)
                assert refused["status"].startswith("certificate refused, IP address mismatch")
                assert seen == []
                await stage.restart(**tls, GATEWAY__SMPP__TLS_SERVER_NAME="smsc.test")
                await story(stage, await roamers(stage, 3))
                assert seen == ["gateway.test"]
                assert await stage.child.stop() == 0
                assert [line["reason"] for line in stage.child.events("smpp.unbound")] == ["unbound"]

    run(played())
