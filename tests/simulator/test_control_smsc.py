"""The door that leads to the SMSC: what it shows of sessions, messages and receipts, and what may be changed."""

import asyncio
from datetime import timedelta

import pytest

from simulator.pdu import tlv

ANNA = "+31610000001"
VENDOR = (0x1401, b"\x0a\xff")


def test_sessions_are_shown_and_ended(door):
    async def story(world, _, ask):
        _, answer = await ask("GET", "/sessions")
        (one,) = answer["items"]
        assert one["peer"].startswith("127.0.0.1:")
        assert {name: one[name] for name in ("system_id", "state", "interface_version", "free_slots")} == {
            "system_id": "gateway",
            "state": "transceiver",
            "interface_version": "3.4",
            "free_slots": 64,
        }
        (session,) = world.smsc.bound_sessions
        session.unbind = lambda: unbound.append(True)
        unbound = []
        status, _ = await ask("POST", f"/sessions/{one['number']}/unbind", {})
        assert (status, unbound) == (200, [True])
        status, problem = await ask("POST", "/sessions/99/unbind", {})
        assert (status, problem["detail"]) == (422, "no bound session 99; GET /sessions lists them")

    door(story)


def test_a_message_is_shown_with_all_its_tlvs(door):
    async def story(world, gateway, ask):
        tlvs = (VENDOR, tlv("user_message_reference", 7))
        message_id = (await gateway.submitted(ANNA, b"hi", tlvs=tlvs)).text("message_id")
        await gateway.submitted("+31610000002", b"other")
        _, answer = await ask("GET", "/messages")
        assert [item["number"] for item in answer["items"]] == ["+31610000002", ANNA]
        _, answer = await ask("GET", f"/messages?number={ANNA.replace('+', '%2B')}&limit=5")
        (item,) = answer["items"]
        assert (item["message_id"], item["state"], item["system_id"]) == (message_id, "DELIVERED", "gateway")
        _, whole = await ask("GET", f"/messages/{message_id}")
        assert whole["tlvs"] == [
            {"tag": "0x1401", "name": "", "value": "0a ff"},
            {"tag": "0x0204", "name": "user_message_reference", "value": "00 07"},
        ]
        assert whole["fields"]["short_message"] == "68 69"
        assert (whole["done_at"], whole["expires_at"]) == (world.clock.now().isoformat(), None)
        for path, told in (
            ("/messages/nothing", "no message nothing from 1330"),
            (f"/messages/{message_id}?source=9", f"no message {message_id} from 9"),
            ("/messages?limit=0", "allowed are 1 to 10000"),
        ):
            status, problem = await ask("GET", path)
            assert status == 422
            assert told in problem["detail"]

    door(story)


def test_receipts_are_chosen_while_it_runs(door):
    async def story(world, gateway, ask):
        _, answer = await ask("GET", "/receipts")
        assert "decimal" in answer["profiles"]
        assert (answer["system_ids"], answer["numbers"]) == ({"gateway": "standard"}, {})
        await ask("PUT", "/receipts", {"profile": "decimal", "system_id": "gateway"})
        _, answer = await ask("PUT", "/receipts", {"profile": "twice", "number": ANNA})
        assert (answer["system_ids"], answer["numbers"]) == ({"gateway": "decimal"}, {ANNA: "twice"})
        await gateway.submitted(ANNA, b"hi")
        await world.advance(by=timedelta(seconds=1))
        assert gateway.counts["receipts_in"] == 2
        _, answer = await ask("PUT", "/receipts", {"number": ANNA})
        assert answer["numbers"] == {}
        await gateway.submitted(ANNA, b"hi")
        await world.advance(by=timedelta(seconds=1))
        assert gateway.counts["receipts_in"] == 3

    door(story)


@pytest.mark.parametrize(
    ("method", "path", "body", "told"),
    [
        ("PUT", "/receipts", {"profile": "decimals", "number": ANNA}, "Did you mean decimal?"),
        ("PUT", "/receipts", {"profile": "hex"}, "either system_id or number"),
        ("PUT", "/receipts", {"profile": "hex", "number": ANNA, "system_id": "gateway"}, "either system_id or number"),
        ("PUT", "/receipts", {"profile": "hex", "system_id": "nobody"}, "no account 'nobody': gateway are known"),
        ("PUT", "/receipts", {"profile": "hex", "colour": 1}, "unknown colour"),
        ("PUT", f"/handsets/{ANNA}/reach", {"reach": "away"}, "allowed are on, roaming, off, full, detached"),
        ("PUT", f"/handsets/{ANNA}/reach", {}, "reach: a text is needed"),
        ("PUT", "/handsets/0/reach", {"reach": "off"}, "is no number"),
        ("POST", "/outbind", {"host": "127.0.0.1", "port": 0, "system_id": "x"}, "port: a number from 1 to 65535"),
        ("POST", "/outbind", {"host": "127.0.0.1", "port": True, "system_id": "x"}, "port: a number"),
        ("POST", "/outbind", {"host": "127.0.0.1", "port": 9, "system_id": "x"}, "127.0.0.1:9 can not be called"),
        ("POST", f"/handsets/{ANNA}/texts", {"text": "x", "form": "fax"}, "no form 'fax'"),
        ("POST", f"/handsets/{ANNA}/texts", {"text": "x", "tlvs": [1]}, "tlvs: an object is needed"),
        (
            "POST",
            f"/handsets/{ANNA}/texts",
            {"text": "x", "tlvs": {"0x1401": "zz"}},
            "a tag and its octets are needed",
        ),
        ("POST", f"/handsets/{ANNA}/texts", {"text": "x", "tlvs": {"what": "00"}}, "tlvs: 'what'"),
        ("POST", f"/handsets/{ANNA}/texts", {"text": "x", "tlvs": {"0x1401": 7}}, "tlvs: '0x1401': 7"),
    ],
)
def test_what_can_not_be_done_is_said(door, method, path, body, told):
    async def story(_, __, ask):
        status, problem = await ask(method, path, body)
        assert status == 422
        assert told in problem["detail"]

    door(story)


def test_a_handset_is_switched_off_and_on_again(door):
    async def story(world, gateway, ask):
        path = f"/handsets/{ANNA}/reach"
        assert await ask("PUT", path, {"reach": "off"}) == (200, {"number": ANNA, "reach": "off", "texts": 0})
        await gateway.submitted(ANNA, b"one")
        await gateway.submitted(ANNA, b"two")
        _, answer = await ask("GET", "/messages?limit=1")
        assert answer["items"][0]["state"] == "ENROUTE"
        _, shown = await ask("GET", "/handsets")
        assert [item["reach"] for item in shown["items"]] == ["off"]
        assert await ask("PUT", path, {"reach": "roaming"}) == (200, {"number": ANNA, "reach": "roaming", "texts": 0})
        assert world.handsets[ANNA].on
        assert (await ask("PUT", path, {"reach": "on"}))[1]["texts"] == 2

    door(story)


def test_who_comes_into_coverage_is_found_by_a_retry_or_by_registering(door):
    async def story(world, gateway, ask):
        path = f"/handsets/{ANNA}/reach"
        for found in ("retry", "roam"):
            await ask("PUT", path, {"reach": "detached"})
            await gateway.submitted(ANNA, found.encode())
            if found == "retry":
                assert (await ask("PUT", path, {"reach": "on"}))[1]["texts"] == 0
                await ask("POST", "/clock/advance", {"by_s": 60})
            else:
                _, answer = await ask("POST", f"/handsets/{ANNA}/roam", {"to": "US"})
                assert [line["text"] for line in answer["replies"]] == ["roam"]
            assert world.handsets[ANNA].inbox[-1].text == found
            assert world.handsets[ANNA].on

    door(story)


@pytest.mark.parametrize("form", ["udh8", "sar", "payload", "data_sm"])
def test_a_text_takes_the_form_it_is_told_to(door, form):
    async def story(_, gateway, ask):
        text = "HELP " * 60
        body = {"text": text, "form": form, "tlvs": {"0x1401": "0aff", "source_port": "0001"}}
        status, answer = await ask("POST", f"/handsets/{ANNA}/texts", body)
        assert status == 200
        assert answer["replies"]
        assert all((VENDOR[0], VENDOR[1]) in pdu.tlvs and pdu.tlv("source_port") == b"\0\1" for pdu in gateway.texts)
        assert {pdu.command for pdu in gateway.texts} == {"data_sm" if form == "data_sm" else "deliver_sm"}

    door(story)


def test_an_esme_is_called(door):
    async def story(_, __, ask):
        called = asyncio.Queue()

        async def take(reader, writer):
            await called.put((await reader.read(100), writer))

        server = await asyncio.start_server(take, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        body = {"host": "127.0.0.1", "port": port, "system_id": "smsc"}
        assert await ask("POST", "/outbind", body) == (200, {"called": f"127.0.0.1:{port}"})
        octets, writer = await called.get()
        assert octets[7] == 0x0B
        writer.close()
        server.close()
        await server.wait_closed()

    door(story)
