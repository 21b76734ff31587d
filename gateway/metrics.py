"""What ops count: Prometheus text, few names, bounded labels, no number of any subscriber.

Counters follow the facts that a commit brought, so that they agree with the log; gauges are asked when scraped.
Must not be put here: deciding what is an error.
"""

from collections import Counter as Tally
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from gateway.items import EventResult, Result
from gateway.store.store import Fact

# What is told of an event: status, outcome, code.
_TOLD = itemgetter(1, 2, 4)
# A fact of the log -> the result label of gateway_mt_total.
_MT: Mapping[str, str] = {
    "mt.accepted": "accepted",
    "mt.delivered": "delivered",
    "mt.failed": "failed",
    "mt.expired": "expired",
    "mt.cancelled": "cancelled",
    "mt.unknown": "unknown",
    "mt.retry_scheduled": "retry",
}
_BLOCKS = ("block.activated", "block.lifted")


class _Gauges(Collector):
    def __init__(self, read: Callable[[], Mapping[str, float]]) -> None:
        self._read = read

    def collect(self) -> Sequence[GaugeMetricFamily]:
        return [GaugeMetricFamily(name, name.replace("_", " "), value=value) for name, value in self._read().items()]


class Metrics:
    def __init__(self, version: str, gauges: Callable[[], Mapping[str, float]]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Gauges(gauges))
        self._events = self._counter("gateway_events", "events taken in", "status", "outcome")
        self._decisions = self._counter(
            "gateway_decisions", "texts decided on, sent or not", "template", "outcome", "reason"
        )
        self._mt = self._counter("gateway_mt", "what became of texts", "result")
        self._plain = {
            "mo.received": self._counter("gateway_mo", "texts to the service number"),
            "dlr.orphaned": self._counter("gateway_dlr_orphaned", "receipts that no text is known for"),
            "event.quarantined": self._counter("gateway_quarantined", "items that could not be judged"),
        }
        self._blocks = self._counter("gateway_blocks", "data blocks", "change", "reason")
        build = self._counter("gateway_build", "1 for the version that runs", "version")
        build.labels(version).inc()

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self._registry)

    def count_results(self, results: Sequence[Result | None]) -> None:
        """The answers to a producer."""
        # Summed first: a labelled counter takes a lock and some microseconds for each call.
        told = Tally([_TOLD(one) for one in results if type(one) is EventResult])
        for (status, outcome, code), count in told.items():
            self._events.labels(status, outcome or code or "").inc(count)

    def count_facts(self, facts: Sequence[Fact]) -> None:
        """What a commit brought."""
        decided = Tally(
            (fields["template"], fields["outcome"], fields["reason"] or "")
            for name, fields in facts
            if name == "notification.decided"
        )
        for labels, count in decided.items():
            self._decisions.labels(*labels).inc(count)
        for name, count in Tally([name for name, _ in facts]).items():
            if name in _MT:
                self._mt.labels(_MT[name]).inc(count)
            elif name in self._plain:
                self._plain[name].inc(count)
        for name, fields in facts:
            if name in _BLOCKS:
                self._blocks.labels(name.removeprefix("block."), fields["reason"]).inc()

    def text(self) -> bytes:
        """The exposition."""
        return generate_latest(self._registry)
