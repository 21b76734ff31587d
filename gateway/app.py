"""The composition root: builds the parts in order, lets them run in one task group, stops them in reverse.

The ring esme -> outbox -> engine -> outbox -> esme is closed here, with plain callables. Only this module sees the
whole configuration; each part gets its own piece.
Must not be put here: anything a part could do itself.
"""

import asyncio
import dataclasses
import itertools
import ssl
import time
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from gateway.check import Loaded
from gateway.clock import Backwards, Clock, WakeUps
from gateway.engine import INBOX_MAX, Engine, Leaving
from gateway.faultpoints import FaultPoints
from gateway.http.api import ApiServer, ApiSettings, NotReady, Services
from gateway.http.pushes import Pushes
from gateway.items import ClockMoved, Item, Result
from gateway.logs import Log
from gateway.metrics import Metrics
from gateway.quiet import Quiet
from gateway.smpp.esme import Esme
from gateway.smpp.flood import Flood
from gateway.smpp.outbox import Outbox
from gateway.smpp.settings import SmppSettings
from gateway.smpp.statuses import Statuses
from gateway.store.dispatch import Dispatch
from gateway.store.interpret import Interpreter
from gateway.store.judge import Judge
from gateway.store.pools import Pools
from gateway.store.reads import Reads
from gateway.store.settle import Backoff, Settle
from gateway.store.store import Fact, Push, Store

# How long a stop waits for texts that are under way; what is not answered by then is sent again after the start.
DRAIN_S: Final = 5.0
# Moments that one advance may run through: more is a job that should have been lazy.
INSTANTS_MAX: Final = 10_000
# How long one moment of an advance may take to become quiet.
INSTANT_QUIET_S: Final = 60.0


class Gateway:
    """The running service. `port` is that of the API once `started` is set."""

    def __init__(self, loaded: Loaded, log: Log, store: Store, reads: Reads, clock: Clock, *, pools: Pools) -> None:
        config = self._config = loaded.config
        self._log = log
        self._store = store
        self._reads = reads
        self._pools = pools
        self._clock = clock
        self._flow = itertools.count(1)
        self._events_in = 0
        self._requests = 0
        self._advancing = asyncio.Lock()
        self._faults = FaultPoints(config.control.kill_at, config.control.db_fault)
        backoff = Backoff(config.smpp.retry_min_s, config.smpp.retry_max_s)
        interpreter = Interpreter(loaded.policy, loaded.texts, store.dispatch, push=bool(config.network.url))
        settle = Settle(store.dispatch, backoff, config.smpp.reconcile_s)
        settle.revive(store.revived, clock.transport_now())
        store.equip(Judge(loaded.policy, interpreter, store.dispatch), settle, self._faults)
        self._outbox = self._new_outbox()
        leaving = Leaving(
            send=self._outbox.send,
            push=self._push,
            tell=self._tell,
            slots=lambda: self._outbox.slots,
            changed=self._changed,
        )
        self._engine = Engine(store, clock, leaving)
        self._esme = Esme(_smpp_settings(loaded), self._outbox.on_session_events, log=log)
        self._outbox.join(self._esme, self._engine)
        self._pushes = Pushes(
            config.network.url,
            clock,
            backoff,
            settle=self._engine.settle,
            changed=self._changed,
            log=log,
        )
        self._quiet = Quiet(self._busy, self._vector)
        self._metrics = Metrics(program_version(), self._gauges)
        self._server = ApiServer(self._services(loaded), _api_settings(loaded))

    def _new_outbox(self) -> Outbox:
        smpp = self._config.smpp
        return Outbox(
            self._config.service.number,
            self._faults,
            self._new_flow_id,
            self._log,
            statuses=Statuses(smpp.permanent_statuses, smpp.temporary_statuses),
            flood=Flood(smpp.mo_undecided_max, smpp.mo_per_min),
        )

    @classmethod
    async def open(cls, loaded: Loaded, log: Log) -> "Gateway":
        """Open the store and build what stands on it. Raises StoreLocked, StoreDamaged, NewerStore."""
        config = loaded.config
        mode = config.clock.mode
        clock = Clock(start=None if mode == "system" else config.clock.start, runs=mode == "shifted")
        store = await Store.open(config.store.path, Dispatch())
        try:
            clock.not_before(store.business_now)
            log.boot = store.boot
            if not log.keyed:
                log.use_key(store.log_key)
            if mode != "system":
                log.business_now = clock.now
            if store.migrated[0] != store.migrated[1]:
                log("db.migrated", from_version=store.migrated[0], to_version=store.migrated[1])
            reads = await Reads.open(config.store.path, loaded.policy, clock.now)
            try:
                pools = await Pools.open(config.store.path, loaded.policy, clock.now)
                try:
                    return cls(loaded, log, store, reads, clock, pools=pools)
                except BaseException:
                    await pools.close()
                    raise
            except BaseException:
                await reads.close()
                raise
        except BaseException:
            await store.close()  # an open connection would keep the process alive
            raise

    async def close(self) -> None:
        await self._pools.close()
        await self._reads.close()
        await self._store.close()

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop`; raises OSError when the port is taken, and whatever ends a part ends all."""
        port = await self._server.start()
        wake_ups = WakeUps(self._engine.look)
        if not self._clock.virtual:
            wake_ups.start()
        for notification in self._store.revived:
            self._log("mt.unknown", msg_id=notification, reason="restart", again=True)
        self._log("gateway.ready", http_port=port)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._engine.run())
                tasks.create_task(self._esme.run())
                pushing = tasks.create_task(self._pushes.run()) if self._config.network.url else None
                self._pushes.add(self._store.pushes)
                self._engine.look()
                await stop.wait()
                await self._drain()
                if pushing is not None:
                    pushing.cancel()
        finally:
            if not self._clock.virtual:
                wake_ups.stop()
            self._quiet.end_polls()
            await self._server.stop()

    async def _drain(self) -> None:
        """Nothing new in, what is under way out, then the session, then the writer."""
        began = time.monotonic()
        self._log("service.stopping", reason="signal", in_flight=self._store.dispatch.flying)
        self._esme.refuse_deliveries()
        self._quiet.end_polls()
        await self._server.stop()
        await self._quiet.wait(DRAIN_S)
        await self._esme.stop(DRAIN_S)
        self._engine.stop()
        self._log("service.stopped", drained_ms=round((time.monotonic() - began) * 1000))

    # -- between the parts --------------------------------------------------------------------------------------

    def _new_flow_id(self) -> str:
        return f"f{self._store.boot:x}-{next(self._flow):x}"

    def _changed(self) -> None:
        self._quiet.changed()

    def _push(self, pushes: Sequence[Push]) -> None:
        self._pushes.add(pushes)

    def _tell(self, facts: Sequence[Fact]) -> None:
        self._metrics.count_facts(facts)
        for event, fields in facts:
            self._log.tell(event, fields)

    async def _accept(self, items: Sequence[Item]) -> Sequence[Result | None]:
        results = await self._engine.accept(items)
        self._metrics.count_results(results)
        return results

    @contextmanager
    def _hold(self) -> Any:  # noqa: ANN401 - a context manager
        self._requests += 1
        try:
            yield
        finally:
            self._requests -= 1
            self._changed()

    def _saw_events(self, count: int) -> None:
        self._events_in += count

    # -- what the API is told -----------------------------------------------------------------------------------

    def _services(self, loaded: Loaded) -> Services:
        return Services(
            accept=self._accept,
            subscription=self._reads.subscription,
            subscriptions=self._reads.subscriptions,
            notifications=self._reads.notifications,
            decisions=self._reads.decisions,
            wait_notifications=self._wait_notifications,
            pools=self._pools.of,
            clock=lambda: {"now": self._local(self._clock.now()), "mode": self._clock.mode},
            advance=self._advance,
            quiet=self._quiet.poll,
            ready=self._ready,
            metrics=self._metrics.text,
            now=self._clock.now,
            languages=frozenset(loaded.texts.languages),
            policy=loaded.policy,
            events_seen=self._saw_events,
            hold=self._hold,
            calm=self._engine.calm,
            new_flow_id=self._new_flow_id,
            failed=lambda flow_id, error: self._log("flow.failed", flow_id=flow_id, kind="http", exc=error),
        )

    def _busy(self) -> dict[str, int]:
        # What only waits for its turn at the SMSC's pace goes by itself.
        held = self._store.dispatch.ready if self._esme.held_back else 0
        return {"engine": self._engine.busy, "held": held, "requests": self._requests, "pushes": self._pushes.busy}

    def _vector(self) -> dict[str, Any]:
        counters = self._esme.counters
        due = self._engine.next_due
        retries = [wait for wait in (self._engine.retry_in_s, self._pushes.retry_in_s) if wait is not None]
        return {
            "boot": self._store.boot,
            "mo_in": counters.mo_in,
            "events_in": self._events_in,
            "submits_out": counters.submits_out,
            "receipts_in": counters.receipts_in,
            "policy_out": self._pushes.posted,
            "next_due": None if due is None else self._local(due),
            "retry_in_s": min(retries, default=None),
        }

    def _local(self, at: datetime) -> str:
        return at.astimezone(self._reads.policy.timezone).isoformat()

    async def _ready(self) -> tuple[bool, dict[str, Any]]:
        intake = self._engine.waiting < INBOX_MAX
        return intake, {
            "intake": "ok" if intake else "full",
            "delivery": "ok" if self._esme.bound else "degraded",
            "sessions": {"bound": self._esme.sessions, "of": len(self._esme.connections)},
            "clock": self._clock.mode,
        }

    async def _wait_notifications(self, msisdn: str, after: str | None, wait_s: float) -> dict[str, Any] | None:
        """The page after the cursor, as soon as it has something, at the latest after `wait_s`."""
        page = await self._reads.notifications(msisdn, after, None)
        try:
            async with asyncio.timeout(wait_s):
                while page is not None and not page["items"] and not self._quiet.over:
                    await self._quiet.next_change()
                    page = await self._reads.notifications(msisdn, after, None)
        except TimeoutError:
            pass
        return page

    async def _advance(self, to: datetime | None, by_s: float | None) -> dict[str, Any]:
        """Move the virtual clock, running everything that falls due on the way, in order."""
        async with self._advancing:
            target = to if to is not None else self._clock.now() + timedelta(seconds=by_s or 0)
            try:
                self._clock.check(target)
            except Backwards:
                self._log("clock.refused", to=self._local(target))
                raise
            passed: list[str] = []
            while True:
                await self._become_quiet()
                due = self._engine.next_due
                if due is None or due > target:
                    break
                if len(passed) == INSTANTS_MAX:
                    raise NotReady(f"more than {INSTANTS_MAX} moments fall due before {target.isoformat()}")
                await self._step(max(due, self._clock.now()))
                passed.append(self._local(due))
            await self._step(target)
            await self._become_quiet()
            self._log("clock.advanced", to=self._local(target), instants=len(passed))
            return {"now": self._local(self._clock.now()), "mode": self._clock.mode, "instants": passed}

    async def _step(self, at: datetime) -> None:
        self._clock.set(at)
        await self._engine.accept([ClockMoved()])

    async def _become_quiet(self) -> None:
        quiet, vector = await self._quiet.wait(INSTANT_QUIET_S)
        if not quiet:
            raise NotReady(f"not quiet within {INSTANT_QUIET_S:.0f} s: {vector['open']}")

    def _gauges(self) -> dict[str, float]:
        dispatch = self._store.dispatch
        return {
            "gateway_smpp_bound": float(self._esme.bound),
            "gateway_smpp_sessions": float(self._esme.sessions),
            "gateway_smpp_window_used": float(self._esme.submits_open),
            "gateway_smpp_slowed": float(self._esme.pace.slowed),
            "gateway_mo_throttled": float(self._outbox.flood.refused),
            "gateway_outbox_waiting": float(len(dispatch)),
            "gateway_outbox_inflight": float(dispatch.flying),
            "gateway_policy_waiting": float(len(self._pushes)),
            "gateway_inbox_waiting": float(self._engine.waiting),
            "gateway_batches": float(self._engine.batches),
            "gateway_clock_virtual": float(self._clock.mode != "system"),
            "gateway_db_bytes": float(self._store.path.stat().st_size),
        }


def program_version() -> str:
    """The installed version, or that of a checkout."""
    try:
        return version("sms1330")
    except PackageNotFoundError:
        return "0.1.0+checkout"


def _smpp_settings(loaded: Loaded) -> SmppSettings:
    """Every field is a key of the section."""
    smpp = loaded.config.smpp
    own = {field.name: getattr(smpp, field.name) for field in dataclasses.fields(SmppSettings)}
    return SmppSettings(**own | {"password": smpp.password.get_secret_value()})


def _api_settings(loaded: Loaded) -> ApiSettings:
    http = loaded.config.http
    context = None
    if http.tls_cert_file:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(http.tls_cert_file, http.tls_key_file)
    return ApiSettings(
        host=http.host,
        port=http.port,
        events_token=http.events_token.get_secret_value(),
        portal_token=http.portal_token.get_secret_value(),
        control_token=http.control_token.get_secret_value(),
        ssl_context=context,
    )
