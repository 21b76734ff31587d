"""`python -m tests.bench`: what the gateway does in a second on this machine, whole and on disk.

Runs, each with a fresh `python -m gateway` on a copy of the same database (SQLite, WAL, synchronous=FULL): events in
batches over HTTP, 2 % of them with a text to the SMSC; texts to the service number over SMPP at two windows, each
answered with a text; a full outbox (`drain`, with Kannel beside it). The rows of events and texts are written again
without the gateway (`raw`), and the ratio of the two is told: it is less the machine's than the rates are. Client and
SMSC are processes of their own and share the machine's cores with the gateway.
Must not be put here: figures; every number printed was measured in this run.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.bench import calendar, decisions, drain, kannel, machine, population, processes, raw, submits

WINDOWS = (10, 100)
# Of the full outbox, ours and Kannel's.
DRAIN_WINDOW = 1000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--subscriptions", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--batch", type=int, default=100, help="events in a POST")
    parser.add_argument("--connections", type=int, default=16, help="POSTs under way")
    parser.add_argument("--texts", type=int, default=16_000, help="at the widest window; a quarter at the narrow")
    parser.add_argument("--waiting", type=int, default=40_000, help="texts in the full outbox")
    parser.add_argument("--submits", type=int, default=300_000, help="submit_sm to the SMSCs, in one try")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--folder", type=Path, help="where the databases lie while it runs; default: temporary")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.folder) as folder:
        try:
            report = measure(Path(folder), options)
        except processes.Failed as failed:
            sys.stderr.write(f"{failed}\n")
            return 1
    sys.stdout.write((json.dumps(report, indent=2) if options.json else table(report)) + "\n")
    return 0


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    report: dict[str, Any] = {
        "machine": machine.facts(folder),
        "calibration": {"turns_us": round(machine.turns_us()), "abreast": round(machine.abreast(), 2)},
    }
    seeded = folder / "seeded.db"
    seed(seeded, options)
    report["start"], report["events"] = run_events(folder, seeded, options)
    report["texts"] = {}
    for window in WINDOWS:
        count = options.texts if window == max(WINDOWS) else options.texts // 4
        report["texts"][str(window)] = run_texts(folder, seeded, window, count, options)
    report["drain"] = run_drain(folder, seeded, options)
    report["smsc"] = submits.measure(options.submits)
    report["time"] = calendar.figures(folder / "calendar")
    report["decide_us"] = decisions.figures(processes.ROOT)
    report["calibration"]["turns_after_us"] = round(machine.turns_us())
    return report


def seed(database: Path, options: argparse.Namespace) -> None:
    """The subscriptions, by the API like any."""
    with processes.peer("peers", "centre") as smsc, processes.gateway(database, smsc.read()["port"]) as gateway:
        arguments = ("--port", gateway.port, "--subscriptions", options.subscriptions, "--connections", 32)
        with processes.peer("exchange", "subscriptions", *arguments) as client:
            answer = client.read()
    created = answer["statuses"].get("201", 0)
    if created != options.subscriptions:
        raise processes.Failed(f"subscriptions: created {created} of {options.subscriptions}: {answer['statuses']}")


def run_events(folder: Path, seeded: Path, options: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any]]:
    database = _copy(seeded, folder / "events.db")
    with processes.peer("peers", "centre") as smsc, processes.gateway(database, smsc.read()["port"]) as gateway:
        start = {"bound_s": round(gateway.bound_s, 2), "idle_rss_mb": round(gateway.rss_mb, 1)}
        cpu_s, commits = gateway.cpu_s, gateway.batches()
        arguments = ["--port", gateway.port, "--subscriptions", options.subscriptions, "--events", options.events]
        arguments += ["--batch", options.batch, "--connections", options.connections]
        with processes.peer("exchange", "events", *arguments) as client:
            answer = client.read()
        cpu_s, commits = gateway.cpu_s - cpu_s, gateway.batches() - commits
        counters = gateway.quiet()
        rss_mb = gateway.rss_mb
        smsc.finish()
        texts = smsc.read()
    rate = answer["accepted"] / answer["seconds"]
    written = raw.Written(database, options.events)
    raw_s = _write_again(folder, seeded, written, commits, receipts=True)
    return start, {
        "sent": options.events,
        "accepted": answer["accepted"],
        "notified": answer["notified"],
        "expected_notified": population.notified(options.events),
        "statuses": answer["statuses"],
        "counted_in": counters["events_in"],
        "texts_submitted": texts["submits"],
        "complaints": texts["complaints"],
        "per_s": round(rate),
        "post_ms": _percentiles(answer["latencies_s"]),
        "per_commit": round(answer["accepted"] / commits, 1),
        "gateway_cpu_us": round(cpu_s * 1e6 / answer["accepted"], 1),
        "rss_mb": round(rss_mb, 1),
        "rows": len(written.events),
        "raw_per_s": round(len(written.events) / raw_s),
        "ratio": round(rate * raw_s / len(written.events), 2),
    }


def run_texts(folder: Path, seeded: Path, window: int, count: int, options: argparse.Namespace) -> dict[str, Any]:
    database = _copy(seeded, folder / f"texts-{window}.db")
    arguments = ("--count", count, "--subscriptions", options.subscriptions, "--window", window)
    with processes.peer("peers", "texts", *arguments) as smsc:
        port = smsc.read()["port"]
        with processes.gateway(database, port, SMPP__WINDOW=window) as gateway:
            cpu_s = gateway.cpu_s  # the start is not the texts'
            answer = smsc.read()
            cpu_s, commits = gateway.cpu_s - cpu_s, gateway.batches()
            counters = gateway.quiet()
            rss_mb = gateway.rss_mb
            smsc.finish()
    rate = answer["replies"] / answer["seconds"]
    written = raw.Written(database, 0)
    raw_s = _write_again(folder, seeded, written, commits, receipts=False)
    return {
        "sent": count,
        "replies": answer["replies"],
        "acknowledged": answer["acknowledged"],
        "refused": answer["refused"],
        "submits": answer["submits"],
        "counted_in": counters["mo_in"],
        "per_s": round(rate),
        "reply_ms": _percentiles(answer["latencies_s"]),
        "per_commit": round(answer["replies"] / commits, 1),
        "gateway_cpu_us": round(cpu_s * 1e6 / answer["replies"], 1),
        "rss_mb": round(rss_mb, 1),
        "rows": len(written.notifications),
        "raw_per_s": round(len(written.notifications) / raw_s),
        "ratio": round(rate * raw_s / len(written.notifications), 2),
    }


def run_drain(folder: Path, seeded: Path, options: argparse.Namespace) -> dict[str, Any]:
    """A full outbox against an SMSC that only answers; beside it Kannel's bearerbox with as much in memory."""
    database = _copy(seeded, folder / "drain.db")
    subscribers = max(1, min(options.subscriptions, options.waiting // drain.TEXTS_EACH))
    waiting = drain.fill(database, subscribers)
    ours = drain.figures(database, waiting, DRAIN_WINDOW)
    return {"gateway": ours, "kannel": kannel.figures(folder, max(1, waiting // 4), DRAIN_WINDOW)}


def _write_again(folder: Path, seeded: Path, written: raw.Written, commits: float, *, receipts: bool) -> float:
    target = folder / "raw.db"
    connection = raw.prepare(target, seeded)
    try:
        return raw.write_again(connection, written, max(1, round(commits)), receipts=receipts)
    finally:
        connection.close()
        target.unlink()


def _copy(source: Path, target: Path) -> Path:
    """The gateway that wrote it has ended, so the file alone is all of it."""
    shutil.copyfile(source, target)
    return target


def _percentiles(values_s: list[float]) -> dict[str, float]:
    ordered = sorted(values_s)
    return {name: round(ordered[int(len(ordered) * part)] * 1000, 1) for name, part in (("p50", 0.5), ("p99", 0.99))}


def table(report: dict[str, Any]) -> str:
    """The report for people."""
    where, calibration = report["machine"], report["calibration"]
    packages = " ".join(f"{name} {number}" for name, number in where["packages"].items())
    heads = ("per s", "raw per s", "ratio", "p50 ms", "p99 ms", "per commit", "CPU us")
    lines = [
        f"{where['date']}  {where['cpu']}, {where['cores']} cores, {where['system']}",
        f"Python {where['python']}, SQLite {where['sqlite']}, {packages}",
        (
            f"calibration {calibration['turns_us']} us, afterwards {calibration['turns_after_us']} us; "
            f"two processes together do {calibration['abreast']} times what one does alone"
        ),
        f"start to smpp.bound {report['start']['bound_s']} s, idle memory {report['start']['idle_rss_mb']} MB",
        "",
        _row("", heads),
    ]
    events = report["events"]
    rows = [("durable events (2 % notified)", events, events["post_ms"])]
    rows += [
        (f"MO > commit > reply, window {window}", texts, texts["reply_ms"])
        for window, texts in report["texts"].items()
    ]
    for name, one, latency in rows:
        figures = (one["per_s"], one["raw_per_s"], one["ratio"], latency["p50"], latency["p99"])
        lines.append(_row(name, (*figures, one["per_commit"], one["gateway_cpu_us"])))
    lines += [
        "",
        "latency: of a POST; from a text to its answer text. CPU: the gateway's, for one event or text.",
        (
            f"{events['accepted']} of {events['sent']} events accepted, {events['notified']} notified, "
            f"{events['texts_submitted']} texts at the SMSC"
        ),
    ]
    lines += [f"window {window}: {t['replies']} of {t['sent']} answered" for window, t in report["texts"].items()]
    lines += ["", *_drained(report["drain"])]
    lines += ["", *submits.lines(report["smsc"]), ""]
    lines += calendar.lines(report["time"])
    decided = ", ".join(f"{name} {us}" for name, us in report["decide_us"].items())
    lines += [f"one decision, us (a usage event with bundles may take {decisions.LIMIT_US:.0f}): {decided}"]
    return "\n".join(lines)


def _drained(report: dict[str, Any]) -> list[str]:
    ours, kannel_s = report["gateway"], report["kannel"]
    beside = "not installed here: Debian's package kannel"
    if kannel_s is not None:
        beside = f"{kannel_s['per_s']} a second (queue in memory), ratio {ours['per_s'] / kannel_s['per_s']:.2f}"
    return [
        f"a full outbox of {ours['of']} texts against an SMSC that only answers, window {DRAIN_WINDOW}:",
        (
            f"the gateway sends {ours['per_s']} a second, {ours['out_of_order']} out of order, "
            f"{ours['per_commit']} a commit, {ours['gateway_cpu_us']} us of CPU each"
        ),
        f"Kannel's bearerbox: {beside}",
    ]


def _row(name: str, cells: Iterable[object]) -> str:
    return f"{name:34}" + "".join(f"{cell:>11}" for cell in cells)


if __name__ == "__main__":
    sys.exit(main())
