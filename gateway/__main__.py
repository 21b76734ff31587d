"""`python -m gateway`: the service, `check` of all that it would start with, `config` to begin one with.

Exit codes: 0 stopped as asked; 2 could not start (configuration, texts, tariffs, a locked database, a port in use);
70 a fault of the store or of this program while serving.
"""

import asyncio
import gc
import hashlib
import os
import signal
import sqlite3
import ssl
import sys
from pathlib import Path

import click

from gateway.app import Gateway, program_version
from gateway.check import Loaded, check, format_faults
from gateway.config import BadConfig
from gateway.logs import Log, start_log
from gateway.store.schema import NewerStore
from gateway.store.store import StoreDamaged, StoreLocked

SAMPLE = Path(__file__).parent / "sample.toml"

EXIT_CANNOT_START = 2
EXIT_BROKEN = 70

# Each step of SQLite gives up the interpreter; a busy loop gives it back only after this long, and with Python's 5 ms
# the writer starves. Shorter than this, the handing over itself costs more than it gains (0.2 ms: a tenth slower).
SWITCH_INTERVAL_S = 0.001

# Nearly all that is made for an event is freed by counting references; looking for cycles in what lives long cost a
# third of the time.
GC_THRESHOLD = 100_000


# Of SQLite's primary result codes those that a file in the wrong place gives: nothing is broken.
OPERATORS_FAULTS = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM})


@click.group(invoke_without_command=True)
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Default: ./config.toml")
@click.version_option(program_version(), prog_name="gateway")
@click.pass_context
def main(context: click.Context, config_path: Path | None) -> None:
    """The 1330 gateway: SMPP client, HTTP API, store; runs until SIGTERM or Ctrl-C."""
    context.obj = config_path
    if context.invoked_subcommand is None:
        sys.exit(serve(config_path))


@main.command("check")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Default: ./config.toml")
@click.pass_obj
def check_command(outer: Path | None, config_path: Path | None) -> None:
    """Load the configuration, the texts and the tariff sheet; print every fault at once."""
    try:
        loaded = check(config_path or outer, os.environ, every_place=True)
    except BadConfig as bad:
        click.echo(format_faults(bad.faults))
        sys.exit(EXIT_CANNOT_START)
    kinds, places = len(loaded.policy.notifications), len(loaded.sheet.names["en"])
    click.echo(
        f"ok: {len(loaded.texts.languages)} languages of {kinds} texts, "
        f"{len(loaded.tariffs.networks)} codes of {places} places, tariffs {loaded.tariffs.version}"
    )


@main.command("config")
def config_command() -> None:
    """Print a configuration to begin with: every key, with its default."""
    click.echo(SAMPLE.read_text(encoding="utf-8"), nl=False)


def serve(config_path: Path | None) -> int:
    """Run the service; returns the exit code."""
    try:
        loaded = check(config_path, os.environ)
    except BadConfig as bad:
        click.echo(format_faults(bad.faults), err=True)
        return EXIT_CANNOT_START
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.set_threshold(GC_THRESHOLD, 50, 1000)
    os.umask(0o077)  # the database is for its owner alone
    return asyncio.run(_serve(loaded))


async def _serve(loaded: Loaded) -> int:
    config = loaded.config
    log = start_log(
        config.log.format, config.log.level, key=os.environb.get(b"GATEWAY_LOG_KEY"), secrets=config.secrets()
    )
    try:
        return await _serve_and_tell(loaded, log)
    finally:
        log.close()


async def _serve_and_tell(loaded: Loaded, log: Log) -> int:
    config = loaded.config
    log(
        "service.started",
        version=program_version(),
        config_sha=_digest(config.path),
        clock_mode=config.clock.mode,
        db=config.store.path.name,
        pid=os.getpid(),
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        gateway = await Gateway.open(loaded, log)
    except ssl.SSLError as error:
        return _refuse(log, "http.tls_cert_file", error)
    except (StoreLocked, NewerStore, OSError) as error:
        return _refuse(log, "store.url", error)
    except (StoreDamaged, sqlite3.Error) as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in OPERATORS_FAULTS:
            return _refuse(log, "store.url", error)
        log("db.failed", operation="open", why=str(error))
        click.echo(f"store.url: {error}", err=True)
        return EXIT_BROKEN
    try:
        return await _run(gateway, stop, log)
    finally:
        await gateway.close()
        # What is left is the way out: a signal that comes now must not replace the exit code.
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)


async def _run(gateway: Gateway, stop: asyncio.Event, log: Log) -> int:
    try:
        await gateway.run(stop)
    except OSError as error:
        return _refuse(log, "http.port", error)
    except ExceptionGroup as group:
        for fault in group.exceptions:
            log("service.failed", exc=fault)
        return EXIT_BROKEN
    return 0


def _refuse(log: Log, key: str, error: Exception) -> int:
    log("config.rejected", key=key, why=str(error))
    click.echo(f"{key}: {error}", err=True)
    return EXIT_CANNOT_START


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


if __name__ == "__main__":
    main()
