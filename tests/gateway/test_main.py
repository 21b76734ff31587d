"""The program as it is started: exit codes, what a refused start says, and that it ends when told.

What a process of its own must show is started all at once, and what was said is looked at after; the rest is the same
program called in this process.
"""

import asyncio
import fcntl
import gc
import logging
import os
import shutil
import socket
import sqlite3
import ssl
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from gateway import __main__ as program
from gateway import tariffs, texts
from gateway.smpp.pdu import BindResp, Pdu
from gateway.store import schema
from gateway.store.store import StoreDamaged
from simulator.gateway_process import GatewayProcess
from tests.gateway.smpp.test_esme import Smsc

ROOT = Path(__file__).parents[2]
LIMIT_S = 60
IDLE_MB_MAX = 120
CONFIG = '[http]\nport = 0\n[store]\nurl = "sqlite:///gateway.db"\n[smpp]\nport = 1\n'


def run(folder, *arguments, **environ):
    """Starts the program and waits for nothing."""
    return subprocess.Popen(
        [sys.executable, "-m", "gateway", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def database(path):
    """One that a gateway left behind, with enough in it to be damaged."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        schema.migrate(raw)
        raw.execute("BEGIN")
        raw.execute("CREATE TABLE filler (n INTEGER PRIMARY KEY, words TEXT)")
        raw.executemany("INSERT INTO filler VALUES (?, ?)", [(n, "word " * 50) for n in range(2000)])
        raw.execute("COMMIT")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a good configuration, and one of everything that is bad."""
    path = tmp_path_factory.mktemp("site")
    (path / "config.toml").write_text(CONFIG, encoding="utf-8")
    (path / "bad.toml").write_text("[http]\nprot = 1\n[smpp]\nwindow = 0\n[policy]\nvat = 21\n", encoding="utf-8")
    shutil.copytree(texts.PACKAGED, path / "texts", ignore=shutil.ignore_patterns("__*"))
    nl = path / "texts" / "nl.toml"
    nl.write_text(nl.read_text(encoding="utf-8").replace("{reden}.", "de reden.", 1), encoding="utf-8")
    sheet = tariffs.PACKAGED.read_text(encoding="utf-8")
    (path / "sheet.toml").write_text(sheet.replace("[rates.B]", "[rates.BB]", 1), encoding="utf-8")
    (path / "folder.db").mkdir()
    octets = bytearray(database(path / "damaged.db").read_bytes())
    octets[len(octets) // 2 : len(octets) // 2 + 4096] = b"\xa5" * 4096
    (path / "damaged.db").write_bytes(octets)
    with closing(sqlite3.connect(database(path / "newer.db"))) as raw:
        raw.execute("PRAGMA user_version = 99")
    return path


@pytest.fixture(scope="module")
def ended(folder):
    """What became of each start, by name: code, out, err."""
    with socket.create_server(("127.0.0.1", 0)) as taken, (folder / "held.db.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        port = taken.getsockname()[1]
        children = {
            "bad config": run(folder, "--config", "bad.toml"),
            "port in use": run(folder, GATEWAY__HTTP__PORT=str(port), GATEWAY__STORE__URL="sqlite:///free.db"),
            "locked": run(folder, GATEWAY__STORE__URL="sqlite:///held.db"),
            "damaged": run(folder, GATEWAY__STORE__URL="sqlite:///damaged.db"),
            "a folder": run(folder, GATEWAY__STORE__URL="sqlite:///folder.db"),
            "check": run(folder, "check"),
        }
        found = {}
        for name, child in children.items():
            out, err = child.communicate(timeout=LIMIT_S)
            found[name] = SimpleNamespace(code=child.returncode, out=out, err=err, port=port)
        return found


@pytest.fixture
def here(folder, monkeypatch):
    """The program in this process, in that folder: all that it sets for its own is set back."""
    root = logging.getLogger()
    handlers, level, mask = root.handlers[:], root.level, os.umask(0o022)
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    monkeypatch.chdir(folder)

    def _here(*arguments, **environ):
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        result = CliRunner().invoke(program.main, arguments)
        return SimpleNamespace(code=result.exit_code, out=result.stdout, err=result.stderr)

    yield _here
    os.umask(mask)
    sys.setswitchinterval(interval)
    gc.set_threshold(*thresholds)
    root.handlers[:] = handlers
    root.setLevel(level)


class TestCannotStart:
    def test_every_fault_of_the_configuration_at_once(self, ended):
        one = ended["bad config"]
        assert one.code == 2
        assert [line.split(": ")[1] for line in one.err.splitlines()[:-1]] == [
            "http.prot",
            "smpp.window",
            "policy.vat",
        ]
        assert one.err.splitlines()[-1] == "3 faults"
        assert one.out == ""

    def test_a_port_in_use(self, ended):
        one = ended["port in use"]
        assert one.code == 2
        assert f"http.port: [Errno 98] cannot listen on 127.0.0.1, port {one.port}" in one.err
        assert '"event":"config.rejected"' in one.out

    def test_a_locked_database(self, ended, folder):
        one = ended["locked"]
        assert (one.code, one.err.strip()) == (
            2,
            f"store.url: {folder}/held.db: another gateway has this database open",
        )

    def test_a_damaged_database(self, ended):
        one = ended["damaged"]
        assert one.code == 70
        assert "store.url: " in one.err
        assert "damaged.db" in one.err
        assert '"event":"db.failed"' in one.out

    @pytest.mark.parametrize("arguments", [(), ("check",)])
    @pytest.mark.parametrize(
        ("variable", "value", "told"),
        [
            ("GATEWAY__TEMPLATES__FOLDER", "texts", "texts/nl.toml: kind.lift_refused_other"),
            ("GATEWAY__TARIFFS__FILE", "sheet.toml", "sheet.toml: rates.B: found"),
            ("GATEWAY__SMPP__BIND", "both", "GATEWAY__SMPP__BIND: found"),
        ],
    )
    def test_a_fault_in_what_it_starts_with(self, here, arguments, variable, value, told):
        one = here(*arguments, **{variable: value})
        assert one.code == 2
        assert told in (one.out if arguments else one.err)

    def test_no_configuration(self, here):
        one = here("--config", "nowhere.toml")
        assert (one.code, "nowhere.toml" in one.err) == (2, True)

    def test_a_database_of_a_newer_program(self, here):
        one = here(GATEWAY__STORE__URL="sqlite:///newer.db")
        assert (one.code, "schema 99, this program knows up to" in one.err) == (2, True)

    def test_a_database_where_none_can_be(self, ended):
        one = ended["a folder"]
        assert (one.code, "store.url: unable to open database file\n" in one.err) == (2, True)

    @pytest.mark.parametrize("fault", [StoreDamaged("rotten"), sqlite3.OperationalError("disk I/O error")])
    def test_a_database_that_fails_at_once(self, here, monkeypatch, fault):
        async def fails(*_):
            raise fault

        monkeypatch.setattr(program.Gateway, "open", fails)
        one = here()
        assert (one.code, one.err) == (70, f"store.url: {fault}\n")

    @pytest.mark.parametrize(
        ("ends", "code", "told"),
        [
            (None, 0, ""),
            (OSError("port 1 is taken"), 2, "http.port: port 1 is taken\n"),
            (ExceptionGroup("tasks", [sqlite3.OperationalError("disk I/O error"), ValueError("x")]), 70, ""),
        ],
    )
    def test_how_serving_ends(self, here, monkeypatch, ends, code, told):
        async def run(_gateway, _stop):
            if ends is not None:
                raise ends

        monkeypatch.setattr(program.Gateway, "run", run)
        one = here(GATEWAY__STORE__URL="sqlite:///here.db")
        assert (one.code, one.err) == (code, told)
        assert one.out.count('"event":"service.failed"') == (2 if code == 70 else 0)

    def test_a_certificate_that_is_none(self, here, monkeypatch):
        async def fails(*_):
            raise ssl.SSLError("PEM lib")

        monkeypatch.setattr(program.Gateway, "open", fails)
        one = here()
        assert (one.code, one.err.startswith("http.tls_cert_file: ")) == (2, True)


class TestCheck:
    def test_without_a_fault(self, ended):
        assert ended["check"].code == 0
        languages = len(list((ROOT / "templates").glob("*.toml")))
        assert ended["check"].out.startswith(f"ok: {languages} languages of ")
        assert ended["check"].err == ""

    def test_with_faults_it_says_what_a_start_says(self, here, ended):
        one = here("check", "--config", "bad.toml")
        assert (one.code, one.out) == (2, ended["bad config"].err)

    def test_the_configuration_may_be_named_before(self, here):
        assert here("--config", "bad.toml", "check").code == 2
        assert here("--config", "bad.toml", "check", "--config", "config.toml").code == 0

    def test_its_version(self, here):
        assert here("--version").out.startswith("gateway, version ")


def idle_mb(pid):
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    (rss,) = (line for line in lines if line.startswith("VmRSS:"))
    return int(rss.split()[1]) / 1024


def test_refused_by_the_smsc_it_tries_again_and_ends_when_told(tmp_path):
    """One process for what a life has: a refused bind with its reason, a bind, little memory, SIGTERM."""

    async def story():
        smsc = Smsc()
        port = await smsc.listen()
        (tmp_path / "config.toml").write_text(
            f"{CONFIG.rpartition('port')[0]}port = {port}\nreconnect_min_s = 0.05\nreconnect_max_s = 0.1\n",
            encoding="utf-8",
        )
        child = await GatewayProcess.start(tmp_path / "config.toml", cwd=tmp_path)
        try:
            for status in (0x0E, 0x0D):
                link = await asyncio.wait_for(smsc.links.get(), LIMIT_S)
                bind = await link.hears("bind_transceiver")
                link.says(Pdu("bind_transceiver_resp", status, bind.sequence, BindResp("")))
            failed = await child.wait_for("smpp.bind_failed", count=2, timeout_s=LIMIT_S)
            assert (failed["status"], failed["attempt"]) == ("ESME_RBINDFAIL", 2)
            assert child.events("smpp.bind_failed")[0]["status"] == "ESME_RINVPASWD"
            link = await asyncio.wait_for(smsc.links.get(), LIMIT_S)
            await link.binds()
            assert await child.ready(timeout_s=LIMIT_S) > 0
            assert idle_mb(child.pid) < IDLE_MB_MAX
            assert (tmp_path / "gateway.db").stat().st_mode & 0o077 == 0
            stopping = asyncio.ensure_future(child.stop(timeout_s=LIMIT_S))
            unbind = await link.hears("unbind")
            link.says(Pdu("unbind_resp", 0, unbind.sequence))
            assert await stopping == 0
            assert [child.events(name) != [] for name in ("service.stopping", "service.stopped")] == [True, True]
        finally:
            await child.kill()
            smsc.server.close()
            await smsc.server.wait_closed()

    asyncio.run(asyncio.wait_for(story(), 2 * LIMIT_S))


def test_a_database_that_fails_while_serving(tmp_path):
    """The first transaction of a life is that of a due look: nothing is under way, and still it ends."""

    async def story():
        (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
        environ = {"GATEWAY__CLOCK__MODE": "virtual", "GATEWAY__CONTROL__DB_FAULT": "io"}
        child = await GatewayProcess.start(tmp_path / "config.toml", environ, cwd=tmp_path)
        try:
            ready = await child.wait_for("gateway.ready", timeout_s=LIMIT_S)
            reader, writer = await asyncio.open_connection("127.0.0.1", ready["http_port"])
            writer.write(
                b"PUT /v1/subscriptions/%2B31612345678 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
            )
            answer = await asyncio.wait_for(reader.read(), LIMIT_S)
            writer.close()
            assert b" 503 " in answer.splitlines()[0]
            failed = await child.wait_for("service.failed", timeout_s=LIMIT_S)
            assert "disk I/O error" in failed["exc"]
            assert await child.stop(timeout_s=LIMIT_S) == 70
        finally:
            await child.kill()

    asyncio.run(asyncio.wait_for(story(), 2 * LIMIT_S))
