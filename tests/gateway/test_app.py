"""The whole gateway in one loop: its API on a real port, its store on a real file, an SMSC that is played by hand.

The log is strict here: a line that the registry does not know fails the test that made it.
"""

import asyncio
import io
import json
import sqlite3
import ssl
import threading
from contextlib import asynccontextmanager, suppress
from importlib.metadata import PackageNotFoundError

import aiohttp
import pytest
from aiohttp import web

from gateway import app as module
from gateway import engine, faultpoints
from gateway.app import Gateway, program_version
from gateway.check import check
from gateway.logs import Log
from gateway.smpp import pdu as p
from gateway.smpp.pdu import Message, MessageId, Pdu
from gateway.store.store import StoreLocked
from tests.gateway.smpp.test_esme import Smsc

LIMIT_S = 20
NUMBER = "+31612345678"
PATH = "/v1/subscriptions/%2B31612345678"
NOBODY_S = 600  # a back-off that no test waits for


class Lines(io.StringIO):
    """The log, and whoever waits for a line of it."""

    def __init__(self):
        super().__init__()
        self.moved = asyncio.Event()

    def write(self, text):
        self.moved.set()
        return super().write(text)


class Site:
    """A folder with a configuration; one gateway after another on its database."""

    def __init__(self, folder, **more):
        self.env = {
            "GATEWAY__HTTP__PORT": "0",
            "GATEWAY__SMPP__PORT": "1",  # nobody listens there
            "GATEWAY__SMPP__RECONNECT_MIN_S": str(NOBODY_S),
            "GATEWAY__SMPP__RECONNECT_MAX_S": str(NOBODY_S),
            "GATEWAY__CLOCK__MODE": "virtual",
            **more,
        }
        self.config = folder / "config.toml"
        self.config.touch()

    @asynccontextmanager
    async def up(self, **more):
        """A running gateway; stopped at the end unless the test did."""
        one = Up()
        one.gateway = await Gateway.open(check(self.config, self.env | more), one.log)
        running = asyncio.ensure_future(one.gateway.run(one.stop))
        one.running = running
        try:
            ready = await one.logs("gateway.ready")
            one.url = f"http://127.0.0.1:{ready['http_port']}"
            async with aiohttp.ClientSession() as one.session:
                yield one
                one.stop.set()
                async with asyncio.timeout(LIMIT_S):
                    await running
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await running
            await one.gateway.close()


class Up:
    def __init__(self):
        self.lines = Lines()
        self.log = Log(self.lines, wall_s=lambda: 0.0, key=b"k", level="debug", strict=True)
        self.stop = asyncio.Event()

    def logged(self, name):
        lines = (json.loads(line) for line in self.lines.getvalue().splitlines())
        return [line for line in lines if line["event"] == name]

    async def logs(self, name, count=1):
        async with asyncio.timeout(LIMIT_S):
            while len(found := self.logged(name)) < count:
                if self.running.done():
                    await self.running
                self.lines.moved.clear()
                await self.lines.moved.wait()
        return found[count - 1]

    async def ask(self, method, path, body=None, content_type="application/json", status=200):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": content_type} if data else {}
        async with self.session.request(method, self.url + path, data=data, headers=headers) as response:
            text = await response.text()
            assert response.status == status, text
            return json.loads(text) if "json" in response.content_type else text

    async def put(self, **settings):
        return await self.ask("PUT", PATH, {"bundles": {"B": {"enabled": True}}} | settings, status=201)

    async def uses(self, megabytes, event_id="u-1", status=200):
        event = {
            "specversion": "1.0",
            "id": event_id,
            "source": "/m",
            "type": "nl.sms1330.usage.reported.v1",
            "time": "2026-11-02T09:00:00+01:00",
            "data": {
                "msisdn": NUMBER,
                "visited_plmn": "310-410",
                "bytes": megabytes * 1_000_000,
                "used_at": "2026-11-02T09:00:00+01:00",
            },
        }
        return await self.ask("POST", "/v1/events", event, "application/cloudevents+json", status)

    async def advance(self, status=200, **body):
        return await self.ask("POST", "/v1/clock/advance", body, status=status)

    async def quiet(self, timeout_s=LIMIT_S, status=200):
        return await self.ask("GET", f"/v1/quiet?timeout_s={timeout_s}", status=status)


def play(story):
    asyncio.run(asyncio.wait_for(story, 3 * LIMIT_S))


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


class TestLife:
    def test_from_ready_to_stopped_and_again(self, site):
        async def story():
            async with site.up() as one:
                await one.put(customer="acme")
                assert (await one.uses(16))["results"][0]["kinds"] == ["cost_80"]
                assert (await one.ask("GET", PATH))["cost"]["charged_eur"] == "40.00"
            assert one.logged("db.migrated")
            names = [json.loads(line)["event"] for line in one.lines.getvalue().splitlines()]
            assert names[-2:] == ["service.stopping", "service.stopped"]
            async with site.up() as again:
                assert (await again.ask("GET", PATH))["cost"]["charged_eur"] == "40.00"
                assert (await again.uses(16))["results"][0]["status"] == "duplicate"
                assert (await again.quiet())["boot"] == 2
            assert not again.logged("db.migrated")

        play(story())

    def test_pseudonyms_hold_over_restarts(self, site):
        async def story():
            seen = []
            for life in range(2):
                one = Up()
                one.log.keyed = False
                gateway = await Gateway.open(check(site.config, site.env), one.log)
                await gateway.close()
                seen.append(one.log.sub(NUMBER))
                assert one.log.keyed, life
            assert seen[0] == seen[1]

        play(story())

    def test_a_second_one_on_the_same_database(self, site):
        async def story():
            async with site.up() as one:
                with pytest.raises(StoreLocked):
                    await Gateway.open(check(site.config, site.env), one.log)

        play(story())

    def test_a_port_in_use(self, site):
        async def story():
            async with site.up() as one:
                port = one.url.rpartition(":")[2]
                other = Site(site.config.parent, GATEWAY__STORE__URL="sqlite:///other.db", GATEWAY__HTTP__PORT=port)
                gateway = await Gateway.open(check(other.config, other.env), one.log)
                try:
                    with pytest.raises(OSError, match=f"port {port}"):
                        await gateway.run(asyncio.Event())
                finally:
                    await gateway.close()

        play(story())

    def test_what_cannot_be_built_closes_the_store(self, site, monkeypatch):
        async def story():
            one = Up()
            loaded = check(site.config, site.env)

            async def fails(*_):
                raise sqlite3.OperationalError("no reader")

            with monkeypatch.context() as patched:
                patched.setattr(module.Reads, "open", fails)
                with pytest.raises(sqlite3.OperationalError, match="no reader"):
                    await Gateway.open(loaded, one.log)
            async with site.up():
                pass

        play(story())

    def test_a_certificate_that_is_none_leaves_no_connection_open(self, site):
        async def story():
            (site.config.parent / "junk.pem").write_text("junk")
            env = {f"GATEWAY__HTTP__TLS_{name}_FILE": "junk.pem" for name in ("CERT", "KEY")}
            before = set(threading.enumerate())
            with pytest.raises(ssl.SSLError):
                await Gateway.open(check(site.config, site.env | env), Up().log)
            for thread in set(threading.enumerate()) - before:
                await asyncio.to_thread(thread.join, LIMIT_S)
                assert not thread.is_alive()

        play(story())

    def test_a_database_that_fails_ends_it_and_is_answered_503(self, site):
        async def broken():
            async with site.up(GATEWAY__CONTROL__DB_FAULT="io:2") as one:
                await one.put()
                await one.uses(1, status=503)

        async def story():
            with pytest.raises(ExceptionGroup) as caught:
                await broken()
            (fault,) = caught.value.exceptions
            assert isinstance(fault, sqlite3.OperationalError)
            async with site.up() as again:
                assert (await again.uses(1))["results"][0]["status"] == "accepted"

        play(story())

    def test_a_slow_database_is_slow_and_told(self, site, monkeypatch):
        monkeypatch.setattr(engine, "SLOW_S", 0.01)
        monkeypatch.setattr(faultpoints, "SLOW_S", 0.05)

        async def story():
            async with site.up(GATEWAY__CONTROL__DB_FAULT="slow:2") as one:
                await one.put()
                assert (await one.uses(1))["results"][0]["status"] == "accepted"
                assert (await one.logs("db.slow"))["ms"] >= 50

        play(story())

    def test_who_polls_does_not_hold_up_the_end(self, site):
        async def story():
            async with site.up(GATEWAY__CONTROL__DB_FAULT="io:2") as one:
                await one.put()
                # Nothing is to be read there yet, and an hour is more than the test has.
                reading = asyncio.ensure_future(one.ask("GET", PATH + "/notifications?wait_s=30"))
                await one.uses(1, status=503)
                assert (await reading)["items"] == []

        with pytest.raises(ExceptionGroup):
            play(story())

    def test_the_version_is_that_of_the_package_or_of_a_checkout(self, monkeypatch):
        monkeypatch.setattr(module, "version", lambda name: f"{name} 9")
        assert program_version() == "sms1330 9"

        def missing(_name):
            raise PackageNotFoundError

        monkeypatch.setattr(module, "version", missing)
        assert program_version().endswith("+checkout")

    def test_tls_reads_what_the_configuration_names(self, site, monkeypatch):
        class Context:
            def load_cert_chain(self, *names):
                self.names = names

        monkeypatch.setattr(module.ssl, "create_default_context", lambda _purpose: Context())
        for name in ("cert", "key"):
            (site.config.parent / name).touch()
        env = site.env | {"GATEWAY__HTTP__TLS_CERT_FILE": "cert", "GATEWAY__HTTP__TLS_KEY_FILE": "key"}
        settings = module._api_settings(check(site.config, env))
        assert settings.ssl_context.names == tuple(str(site.config.parent / name) for name in ("cert", "key"))


class TestClock:
    def test_it_is_moved_through_all_that_falls_due(self, site):
        async def story():
            async with site.up() as one:
                await one.put()
                await one.uses(20)  # blocked until the 1st; the notice is worth 48 hours
                moved = await one.advance(to="2026-12-02T09:00:00+01:00")
                expired, told = moved["instants"]
                assert expired == "2026-11-04T09:00:00+01:00"
                assert "2026-12-01T00:00:00+01:00" <= told <= "2026-12-01T00:10:00+01:00"
                assert moved["now"] == "2026-12-02T09:00:00+01:00"
                assert (await one.ask("GET", PATH))["data"]["outside_eu"] == "open"
                page = await one.ask("GET", PATH + "/notifications")
                assert [item["state"] for item in page["items"]] == ["suppressed", "expired"]

        play(story())

    def test_after_a_restart_it_stands_where_it_was(self, site):
        async def story():
            async with site.up() as one:
                assert (await one.ask("GET", "/v1/clock"))["now"] == "2026-11-02T09:00:00+01:00"
                await one.advance(by_s=90)
            async with site.up() as one:
                assert (await one.ask("GET", "/v1/clock"))["now"] == "2026-11-02T09:01:30+01:00"
                await one.advance(to="2026-11-02T09:01:00+01:00", status=422)
                assert (await one.logs("clock.refused"))["to"] == "2026-11-02T09:01:00+01:00"

        play(story())

    def test_the_systems_cannot_be_moved(self, site):
        async def story():
            async with site.up(GATEWAY__CLOCK__MODE="system") as one:
                assert (await one.ask("GET", "/v1/clock"))["mode"] == "system"
                await one.advance(by_s=1, status=409)
                await one.put()

        play(story())

    def test_more_moments_than_there_should_be(self, site, monkeypatch):
        monkeypatch.setattr(module, "INSTANTS_MAX", 0)

        async def story():
            async with site.up() as one:
                await one.put()
                await one.uses(20)
                problem = await one.advance(by_s=10**6, status=504)
                assert "more than 0 moments" in problem["detail"]

        play(story())

    def test_one_that_does_not_become_quiet(self, site, monkeypatch):
        monkeypatch.setattr(module, "INSTANT_QUIET_S", 0.01)

        async def story():
            async with site.up() as one:
                with one.gateway._hold():
                    problem = await one.advance(by_s=1, status=504)
                assert "'requests'" in problem["detail"]
                await one.advance(by_s=1)

        play(story())


class TestLooking:
    def test_readiness(self, site, monkeypatch):
        async def story():
            async with site.up() as one:
                ready = await one.ask("GET", "/readyz")
                assert (ready["intake"], ready["delivery"], ready["clock"]) == ("ok", "degraded", "virtual")
                monkeypatch.setattr(module, "INBOX_MAX", 0)
                await one.ask("GET", "/readyz", status=503)

        play(story())

    def test_a_full_inbox(self, site, monkeypatch):
        monkeypatch.setattr(engine, "INBOX_MAX", 0)

        async def story():
            async with site.up() as one:
                await one.uses(1, status=503)

        play(story())

    def test_a_wait_for_the_next_text(self, site):
        async def story():
            async with site.up() as one:
                await one.put()
                waiting = asyncio.ensure_future(one.ask("GET", PATH + f"/notifications?wait_s={LIMIT_S}"))
                await one.uses(16)
                assert [item["kind"] for item in (await waiting)["items"]] == ["cost_80"]

        play(story())

    def test_a_wait_that_ends_without_one(self, site):
        async def story():
            async with site.up() as one:
                await one.put()
                page = await one.ask("GET", PATH + "/notifications?after=7&wait_s=0.01")
                assert page == {"items": [], "cursor": "7"}

        play(story())

    def test_metrics_speak_of_this_gateway(self, site):
        async def story():
            async with site.up() as one:
                await one.put()
                await one.uses(16)
                text = await one.ask("GET", "/metrics")
                assert 'gateway_events_total{outcome="notified",status="accepted"} 1.0' in text
                for line in ("gateway_outbox_waiting 1.0", "gateway_smpp_bound 0.0", "gateway_clock_virtual 1.0"):
                    assert line in text.splitlines()
                assert "31612345678" not in text

        play(story())

    def test_what_waits_for_a_session_is_quiet(self, site):
        async def story():
            async with site.up() as one:
                await one.put()
                await one.uses(16)
                vector = await one.quiet()
                assert (vector["busy"], vector["events_in"], vector["submits_out"]) == (0, 1, 0)
                assert vector["next_due"] == "2026-11-04T09:00:00+01:00"
                with one.gateway._hold():
                    problem = await one.quiet(timeout_s=0.01, status=504)
                    assert "requests" in json.dumps(problem)

        play(story())


@asynccontextmanager
async def bound(site, smsc, **more):
    async with site.up(GATEWAY__SMPP__PORT=str(smsc.port), GATEWAY__SMPP__RECONNECT_MIN_S="0.01", **more) as one:
        link = await smsc.accepts()
        await link.binds()
        await one.logs("smpp.bound")
        yield one, link


@asynccontextmanager
async def listening():
    smsc = Smsc()
    smsc.port = await smsc.listen()
    try:
        yield smsc
    finally:
        smsc.server.close()
        await smsc.server.wait_closed()


def text(octets, sequence):
    message = Message(source_addr_ton=1, source_addr="31612345678", destination_addr="1330", short_message=octets)
    return Pdu("deliver_sm", 0, sequence, message)


def receipt(message_id, sequence, stat="DELIVRD"):
    message = Message(
        source_addr_ton=1,
        source_addr="31612345678",
        destination_addr="1330",
        esm_class=4,
        short_message=f"id:{message_id} sub:001 dlvrd:001 stat:{stat} err:000 text:".encode(),
    )
    return Pdu("deliver_sm", 0, sequence, message)


class TestLink:
    def test_a_text_and_its_answer(self, site):
        async def story():
            async with listening() as smsc, bound(site, smsc) as (one, link):
                await one.put()
                link.says(text(b"HELP", 41))
                # the answer after the commit, and the reply may already stand behind it
                heard = {pdu.command: pdu for pdu in [await link.heard.get(), await link.heard.get()]}
                assert (heard["deliver_sm_resp"].status, heard["deliver_sm_resp"].sequence) == (p.ESME_ROK, 41)
                submit = heard["submit_sm"]
                assert submit.body.short_message.startswith(b"Codes voor 1330")
                assert (await one.quiet(timeout_s=0.01, status=504))["status"] == 504
                link.says(Pdu("submit_sm_resp", 0, submit.sequence, MessageId("a1")), receipt("a1", 42))
                assert (await link.hears("deliver_sm_resp")).sequence == 42
                vector = await one.quiet()
                assert [vector[name] for name in ("mo_in", "submits_out", "receipts_in", "busy")] == [1, 1, 1, 0]
                page = await one.ask("GET", PATH + "/notifications")
                assert [(item["state"], item["message_ids"]) for item in page["items"]] == [("delivered", ["a1"])]
                assert 'gateway_mt_total{result="delivered"} 1.0' in await one.ask("GET", "/metrics")
                one.stop.set()
                unbind = await link.hears("unbind")
                link.says(Pdu("unbind_resp", 0, unbind.sequence))
                async with asyncio.timeout(LIMIT_S):
                    await one.running

        play(story())

    def test_what_was_under_way_at_a_crash_goes_once_more(self, site):
        async def story():
            async with listening() as smsc:
                with suppress(asyncio.CancelledError):
                    async with bound(site, smsc) as (one, link):
                        await one.put()
                        await one.uses(16)
                        first = await link.hears("submit_sm")
                        one.running.cancel()
                        await one.running
                async with bound(site, smsc) as (one, link):
                    told = await one.logs("mt.unknown")
                    assert (told["reason"], told["again"]) == ("restart", True)
                    again = await link.hears("submit_sm")
                    assert again.tlvs == first.tlvs
                    assert again.body == first.body
                    link.says(Pdu("submit_sm_resp", 0, again.sequence, MessageId("a1")))
                    await one.quiet()
                    one.stop.set()
                    unbind = await link.hears("unbind")
                    link.says(Pdu("unbind_resp", 0, unbind.sequence))

        play(story())

    def test_throttled_it_comes_back_by_itself(self, site):
        async def story():
            async with listening() as smsc, bound(site, smsc, GATEWAY__SMPP__RETRY_MIN_S="0.01") as (one, link):
                await one.put()
                await one.uses(16)
                submit = await link.hears("submit_sm")
                link.says(Pdu("submit_sm_resp", p.ESME_RTHROTTLED, submit.sequence, MessageId("")))
                again = await link.hears("submit_sm")
                assert again.body == submit.body
                link.says(Pdu("submit_sm_resp", 0, again.sequence, MessageId("a1")))
                await one.quiet()
                one.stop.set()
                unbind = await link.hears("unbind")
                link.says(Pdu("unbind_resp", 0, unbind.sequence))

        play(story())


class TestPolicies:
    def test_they_reach_the_network_and_outlive_a_restart(self, site):
        async def story():
            taken, answers = asyncio.Queue(), [500, 204, 204]

            async def handle(request):
                taken.put_nowait(json.loads(await request.text()))
                return web.Response(status=answers.pop(0))

            server = web.Application()
            server.router.add_post("/", handle)
            runner = web.AppRunner(server, access_log=None)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            more = {
                "GATEWAY__NETWORK__URL": f"http://127.0.0.1:{runner.addresses[0][1]}/",
                "GATEWAY__SMPP__RETRY_MIN_S": str(NOBODY_S),
                "GATEWAY__SMPP__RETRY_MAX_S": str(NOBODY_S),
            }
            async with site.up(**more) as one:
                await one.put()
                first = await asyncio.wait_for(taken.get(), LIMIT_S)
                vector = await one.quiet()
                assert vector["policy_out"] == 1
                assert 0 < vector["retry_in_s"] <= NOBODY_S
            async with site.up(**more) as one:
                again = await asyncio.wait_for(taken.get(), LIMIT_S)
                assert (again["id"], again["data"]) == (first["id"], first["data"])
                await one.logs("policy.pushed")
                await one.uses(20)
                blocked = await asyncio.wait_for(taken.get(), LIMIT_S)
                assert blocked["data"]["reasons"] == ["COST_LIMIT"]
                assert (await one.quiet())["retry_in_s"] is None
            async with site.up(**more) as one:
                assert (await one.quiet())["policy_out"] == 0
            await runner.cleanup()

        play(story())
