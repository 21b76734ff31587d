"""`serve` as a program: it says where it listens, shows what passes, and ends when told."""

import asyncio
import os
import re
import signal
import ssl
import sys
from pathlib import Path

import pytest

from simulator.handset import Handset
from simulator.pdu import Pdu, encode
from simulator.serve import ServeOptions, run_serve

ROOT = Path(__file__).parent.parent.parent
FILES = ROOT / "tests" / "gateway" / "smpp" / "certificates"


async def program(*arguments):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", *arguments, env=env, stdout=-1, stderr=asyncio.subprocess.STDOUT
    )


async def line_with(process, piece):
    seen = []
    while line := (await process.stdout.readline()).decode():
        seen.append(line)
        if piece in line:
            return line
    raise AssertionError(f"{piece!r} never came: {seen}")


def test_a_served_world_is_bound_to_texted_and_stopped(run, tmp_path):
    async def story():
        ports = ("--smpp-port", "0", "--control-port", "0")
        pcap = tmp_path / "serve.pcap"
        serving = await program("serve", *ports, "--account", "esme:pw", "--receipt-delay-s", "0", "--pcap", str(pcap))
        port = int(re.search(r":(\d+), accounts: esme", await line_with(serving, "SMSC listens"))[1])
        control = re.search(r"(http://\S+)/policies", await line_with(serving, "data policies"))[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        fields = {"system_id": "esme", "password": "pw", "interface_version": 0x34}
        writer.write(encode(Pdu("bind_transceiver", 1, 0, fields)))
        assert (await reader.read(100))[4:12] == b"\x80\0\0\x09\0\0\0\0"
        assert "system_id=esme" in await line_with(serving, "<-")
        texting = await program("text", "+31610000001", "INFO UIT", "--at", control, "--json", "--wait-s", "0")
        assert '"replies": []' in await line_with(texting, "replies")
        assert await texting.wait() == 0
        assert b"INFO UIT" in await reader.read(1000)
        await line_with(serving, "'INFO UIT'")
        roaming = await program("roam", "+31610000001", "Atlantis", "--at", control)
        assert await line_with(roaming, "no gateway is told to serve: start it with --gateway http://")
        assert await roaming.wait() == 2
        writer.close()
        serving.send_signal(signal.SIGTERM)
        await line_with(serving, "stopped")
        assert await serving.wait() == 0
        assert encode(Pdu("bind_transceiver", 1, 0, fields)) in pcap.read_bytes()

    run(story())


def test_accounts_of_a_file_bind_over_tls_and_habits_are_changed_from_outside(run, tmp_path):
    accounts = tmp_path / "accounts.toml"
    accounts.write_text('[[account]]\nsystem_id = "acme"\npassword = "pw"\nsessions_max = 1\n', encoding="utf-8")

    async def story():
        serving = await program(
            *("serve", "--smpp-port", "0", "--control-port", "0", "--accounts", str(accounts), "--account", "b:c"),
            *("--tls-cert", str(FILES / "smsc.pem"), "--quiet"),
        )
        port = int(re.search(r":(\d+), TLS, accounts: acme, b\n", await line_with(serving, "SMSC listens"))[1])
        control = re.search(r"(http://\S+)/policies", await line_with(serving, "data policies"))[1]
        context = ssl.create_default_context(cafile=FILES / "ca.pem")
        fields = {"system_id": "acme", "password": "pw", "interface_version": 0x34}
        lines = []
        for status in (0, 5):  # one more is told that the account is bound already
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="smsc.test")
            lines.append(writer)
            writer.write(encode(Pdu("bind_transceiver", 1, 0, fields)))
            assert (await reader.read(100))[11] == status
        for arguments, told in (
            (("reach", "+31610000001", "off", "--json"), '"reach": "off"'),
            (("receipts", "decimal", "--system-id", "acme", "--json"), '"acme": "decimal"'),
            (("receipts", "ucs2", "--number", "+31610000001", "--json"), '"+31610000001": "ucs2"'),
            (("receipts", "ucs2", "--system-id", "nobody"), "no account 'nobody'"),
            (("reach", "+31610000001", "away"), "Invalid value"),
            (("receipts", "ucs2"), "either --system-id or --number"),
        ):
            asking = await program(*arguments, "--at", control)
            await line_with(asking, told)
            await asking.wait()
        for line in lines:
            line.close()
        serving.send_signal(signal.SIGTERM)
        rest = (await serving.stdout.read()).decode()
        assert await serving.wait() == 0
        assert "bind_transceiver" not in rest

    run(story())


def test_a_port_in_use_is_exit_code_2(bench, run, capsys):
    async def story():
        async with bench() as world:
            options = ServeOptions(host="127.0.0.1", smpp_port=world.smsc.port, control_port=0, accounts={"a": "b"})
            return await run_serve(options)

    assert run(story()) == 2
    assert "could not start" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("serve", "--account", "nocolon"), 2, "SYSTEM_ID:PASSWORD"),
        (("serve", "--account", "a:b", "--account", "a:c"), 2, "a is named twice"),
        (("serve", "--accounts", str(FILES / "README.md")), 2, "README.md: "),
        (("serve", "--tls-cert", str(FILES / "README.md")), 2, "no certificate in PEM"),
        (("serve", "--tls-key", str(FILES / "gateway.key")), 2, "need --tls-cert"),
        (("serve", "--account", "gateway:muchtoolong"), 2, "at most 15 and 8"),
        (("text", "+31610000001", "HELP", "--at", "http://127.0.0.1:9"), 2, "does not answer"),
        (("fly",), 2, "No such command"),
    ],
)
def test_what_is_wrong_on_the_command_line_is_said(run, arguments, code, told):
    async def story():
        process = await program(*arguments)
        await line_with(process, told)
        return await process.wait()

    assert run(story()) == code


def test_the_password_is_not_in_a_repr():
    options = ServeOptions(host="h", smpp_port=1, control_port=1, accounts={"a": "hidden"}, events_token="hidden")
    assert "hidden" not in repr(options)
    assert Handset("+31610000001").on
