"""Kannel's bearerbox with a full queue against the SMSC of `drain`: what software of another hand makes of the same.

Its queue is in memory, kept by nothing; ours is on disk, each change of state. Texts get into it by its smsbox while
the SMSC is away, then the SMSC comes. Debian's package `kannel`; without it there is no figure.
Must not be put here: what our gateway does.
"""

import asyncio
import contextlib
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp

from tests.bench import population, processes

BEARERBOX, SMSBOX = Path("/usr/sbin/bearerbox"), Path("/usr/sbin/smsbox")
# Requests to the smsbox at once; how long a program may take to do what is waited for.
_CONNECTIONS: Final = 16
_WAIT_MAX_S: Final = 60.0

_CONFIG: Final = """\
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = word
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
log-level = 4
sms-incoming-queue-limit = -1
sms-outgoing-queue-limit = {count}

group = smsc
smsc = smpp
smsc-id = bench
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = {system_id}
smsc-password = {password}
system-type = ""
interface-version = 34
max-pending-submits = {window}
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
log-level = 4

group = sendsms-user
username = user
password = word
max-messages = 1
"""


def figures(folder: Path, count: int, window: int) -> dict[str, Any] | None:
    """None: it is not on this machine."""
    if not (BEARERBOX.exists() and SMSBOX.exists()):
        return None
    ports = dict(zip(("admin", "boxes", "sendsms", "smsc"), _free_ports(4), strict=True))
    config = folder / "kannel.conf"
    names = {"system_id": population.SYSTEM_ID, "password": population.PASSWORD}
    config.write_text(_CONFIG.format(count=count, window=window, **ports, **names))
    with _program(BEARERBOX, config):
        asyncio.run(_until_heard(ports["boxes"]))
        with _program(SMSBOX, config):
            asyncio.run(_fill(ports, count))
            with processes.peer("drain", "--count", count, "--port", ports["smsc"]) as smsc:
                smsc.read()
                answer = smsc.read()
                smsc.finish()
    return {"sent": answer["submits"], "of": count, "per_s": round(answer["submits"] / answer["seconds"])}


@contextlib.contextmanager
def _program(program: Path, config: Path) -> Iterator[None]:
    child = subprocess.Popen(
        [program, str(config)], cwd=config.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        child.kill()  # told to stop it would first empty its queue
        child.wait()


async def _fill(ports: dict[str, int], count: int) -> None:
    """Hand over every text, and wait until the bearerbox has them all."""
    await _until_heard(ports["sendsms"])
    numbers = iter(range(count))
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
        for _ in range(_CONNECTIONS):
            tasks.create_task(_hand_over(session, ports["sendsms"], numbers))
    until = time.monotonic() + _WAIT_MAX_S
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"http://127.0.0.1:{ports['admin']}/status.txt?password=word") as answer:
                queued = re.search(r"SMS: .* sent \d+ \((\d+) queued\)", await answer.text())
            if queued is not None and int(queued[1]) >= count:
                return
            if time.monotonic() > until:
                raise processes.Failed(f"bearerbox has {queued and queued[1]} of {count} texts")
            await asyncio.sleep(0)


async def _hand_over(session: aiohttp.ClientSession, port: int, numbers: Iterator[int]) -> None:
    for number in numbers:
        to = population.msisdn(number % 10_000).removeprefix("+")
        said = {"username": "user", "password": "word", "from": "1330", "to": to}
        query = urlencode({**said, "text": "LIMIET staat aan. Wijzigen? Sms LIMIET AAN of LIMIET UIT naar 1330."})
        async with session.get(f"http://127.0.0.1:{port}/cgi-bin/sendsms?{query}") as answer:
            if answer.status != 202:
                raise processes.Failed(f"smsbox answers {answer.status}: {await answer.text()}")


async def _until_heard(port: int) -> None:
    until = time.monotonic() + _WAIT_MAX_S
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if time.monotonic() > until:
                raise processes.Failed(f"nobody listens on port {port}") from None
            await asyncio.sleep(0)
        else:
            writer.close()
            return


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
