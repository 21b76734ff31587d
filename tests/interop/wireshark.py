"""tshark's SMPP dissector reads every PDU that a whole demo puts on the line.

Run by `make interop`, which installs it; not one of the plain tests. dumpcap listens on the loopback, to the demo's
own port and no other. Where it may not, the capture that the simulator writes itself is read instead, and the output
says so.
"""

import asyncio
import re
import socket
import sys
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass

from simulator.capture import Capture
from simulator.clock import VirtualClock
from simulator.commands import COMMANDS, NAMES
from simulator.pdu import Pdu, encode, raw
from tests.interop.ports import free_port

WAIT_S = 60.0
LAST = b"the last packet that this test sends"
ERROR = 0x00800000
"""Wireshark's severity of an expert item (epan/proto.h): above it there is none."""


@dataclass
class Live:
    """What dumpcap has written so far, or why it may not listen."""

    octets: bytes = b""
    refused: str = ""


@asynccontextmanager
async def listening(port):
    """A Live of that port; at the end of the block it holds every packet, up to the one sent last."""
    pipe = asyncio.subprocess.PIPE
    command = ("dumpcap", "-q", "-i", "lo", "-f", f"port {port}", "-w", "-")
    dumpcap = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    live = Live()
    async with asyncio.timeout(WAIT_S):
        # The file's header comes once it listens, and nothing where it may not.
        live.octets = await dumpcap.stdout.read(65536)
        if not live.octets:
            said = (await dumpcap.stderr.read()).decode().splitlines()
            live.refused = ([line for line in said if line.startswith("dumpcap: ")] or said or ["it said nothing"])[-1]
            await dumpcap.wait()
            yield live
            return
        yield live
        with socket.socket(type=socket.SOCK_DGRAM) as last:
            last.sendto(LAST, ("127.0.0.1", port))
        while LAST not in live.octets:
            more = await dumpcap.stdout.read(65536)
            assert more, (await dumpcap.stderr.read()).decode()
            live.octets += more
        dumpcap.terminate()
        live.octets += (await dumpcap.communicate())[0]


async def told(*command):
    """What a program prints; its errors are the test's."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    async with asyncio.timeout(WAIT_S):
        out, err = await process.communicate()
    assert process.returncode == 0, f"{out.decode()}\n{err.decode()}"
    return out.decode()


async def dissected(file, port):
    """How often each command is in a capture, and what tshark finds fault with."""
    reading = ("tshark", "-r", str(file), "-d", f"tcp.port=={port},smpp")
    ids = await told(*reading, "-Y", "smpp", "-T", "fields", "-e", "smpp.command_id")
    commands = Counter(NAMES[int(one, 16)] for one in re.findall(r"0x[0-9a-f]+", ids))
    faults = await told(*reading, "-Y", f"_ws.malformed or _ws.expert.severity >= {ERROR}")
    return commands, faults.splitlines()


def counted(output):
    """The demo's own count."""
    rows = output.partition("-- PDUs on the SMPP link\n")[2].splitlines()
    return Counter({name: int(count) for name, count in (row.strip().split(": ") for row in rows)})


def test_a_whole_demo_has_no_malformed_pdu(tmp_path, record_property):
    async def played():
        port, own, file = free_port(), tmp_path / "own.pcap", tmp_path / "live.pcapng"
        async with listening(port) as live:
            demo = (sys.executable, "-m", "simulator", "demo", "--headless", "--smpp-port", str(port))
            output = await told(*demo, "--pcap", str(own))
        count = counted(output)
        assert count["submit_sm"] == count["submit_sm_resp"] > 0, output
        assert count["deliver_sm"] == count["deliver_sm_resp"] > 0, output
        assert count["bind_transceiver"] == count["unbind_resp"] == 1, output
        assert await dissected(own, port) == (count, [])
        how = f"which the simulator wrote itself, since dumpcap may not listen: {live.refused}"
        if not live.refused:
            file.write_bytes(live.octets)
            assert await dissected(file, port) == (count, [])
            how = "captured live on the loopback"
        record_property(
            "said",
            f"tshark: {count.total()} PDUs of a whole demo, {how}: none malformed, as many as the simulator counted",
        )

    asyncio.run(asyncio.wait_for(played(), WAIT_S))


def test_tshark_would_have_seen_it(tmp_path):
    """A PDU cut short and one with a wrong TLV are found, so that finding none says something."""

    class Someone:
        peer = "127.0.0.1:40000"

    async def played():
        good = encode(Pdu("submit_sm", 1, 0, {"source_addr": "1330", "destination_addr": "31620000001"}))
        bodies = (good[16:-6], good[16:] + b"\x04\x24\x00\x50short")
        for body in bodies:
            file = tmp_path / f"{len(body)}.pcap"
            with Capture(VirtualClock(), file, port=2775) as capture:
                capture.seen(Someone, "in", good)
                capture.seen(Someone, "in", raw(COMMANDS["submit_sm"], 2, body))
            commands, faults = await dissected(file, 2775)
            assert commands["submit_sm"] == 2
            assert len(faults) == 1, faults

    asyncio.run(asyncio.wait_for(played(), WAIT_S))
