"""Kannel's bearerbox with its smsbox as an ESME of our SMSC: texts go to and come from it by HTTP.

Run by `make interop`, which installs it; not one of the plain tests. It reads and writes in its own temporary folder.
"""

import asyncio
import itertools
import re
import tempfile
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlencode

import aiohttp
import pytest
from aiohttp import web

from simulator import alphabet
from tests.interop import matrix
from tests.interop.esme import ACCOUNT, NUMBER, PASSWORD, SERVICE, VENDOR_TAG, WAIT_S, Answer, Heard, at_table
from tests.interop.esme_features import bound, nacked, play
from tests.interop.ports import free_port

CONFIG = """\
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = word
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
dlr-storage = internal
sms-resend-freq = 1{core}

group = smsc
smsc = smpp
smsc-id = ours
host = 127.0.0.1
{binding}
smsc-username = {account}
smsc-password = {password}
system-type = ""
interface-version = 34
enquire-link-interval = 1
reconnect-delay = 1{extra}

group = smpp-tlv
name = vendor
tag = {tag}
type = octetstring
length = 10
smsc-id = ours

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1

group = sendsms-user
username = user
password = word
concatenation = true
max-messages = 10

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "{url}/text?from=%p&to=%P&text=%b&coding=%c&meta=%D"
"""
BINDINGS = {
    "transmitter": "port = {port}",
    "receiver": "receive-port = {port}",
    "transceiver": "port = {port}\ntransceiver-mode = true",
}
END_S = 5.0
DELIVERED, FAILED, TAKEN, REFUSED = 1, 2, 8, 16
"""Bits of Kannel's dlr-mask, and the type that a report comes with."""


def lines(keys):
    """At the end of a group of the configuration: an empty line would begin the next one."""
    return "".join(f"\n{key}" for key in keys)


class Box:
    """One of Kannel's programs; its log is read as it comes, every PDU in it by name and status."""

    def __init__(self, process):
        self._process = process
        self.pdus = {}
        self.lines = []
        self._moved = asyncio.Event()

    @classmethod
    async def started(cls, group, program, config):
        process = await asyncio.create_subprocess_exec(
            program,
            *("-v", "0", str(config)),
            cwd=config.parent,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        box = cls(process)
        group.create_task(box._read())
        return box

    async def _read(self):
        got = name = ""
        while line := (await self._process.stderr.readline()).decode("utf-8", "replace"):
            self.lines.append(line)
            if re.search(r"(Got|Sending) PDU:", line):
                got = "got" if "Got PDU" in line else "sent"
            elif found := re.search(r"type_name: (\w+)", line):
                name = found[1]
            elif got and (found := re.search(r"command_status: (\d+)", line)):
                self.pdus.setdefault((got, name), []).append(int(found[1]))
                got = ""
            self._moved.set()
        self.lines.append("")
        self._moved.set()

    async def until(self, condition):
        async with asyncio.timeout(WAIT_S):
            while not (found := condition(self)):
                assert self.lines[-1:] != [""], "".join(self.lines[-15:])
                self._moved.clear()
                await self._moved.wait()
        return found

    async def says(self, text):
        await self.until(lambda box: any(text in line for line in box.lines))

    async def settled(self):
        """Until all its threads run: one that is told to stop while it starts hangs, and its program with it."""
        started, runs = re.compile(r"Started thread \d+ "), re.compile(r"Thread \d+ \(\S+\) maps to pid")
        await self.until(lambda box: 0 < box.count(started) <= box.count(runs))

    def count(self, pattern):
        return sum(pattern.search(line) is not None for line in self.lines)

    async def end(self):
        """Once it has been told to; it is helped if it hangs."""
        try:
            async with asyncio.timeout(END_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


class KannelEsme:
    tries_again = True

    def __init__(self, port, folder, group, extra):
        self._port, self._folder, self._group, self._extra = port, folder, group, extra
        self._core = []
        self._sendsms, self._admin = free_port(), free_port()
        self._boxes = []
        self._numbers = itertools.count(1)
        self._reports = {}
        self._heard = asyncio.Queue()

    @classmethod
    @asynccontextmanager
    async def at(cls, port, extra=()):
        with tempfile.TemporaryDirectory(prefix="interop-kannel-") as folder:
            async with asyncio.TaskGroup() as group, aiohttp.ClientSession() as http:
                esme = cls(port, Path(folder), group, extra)
                esme._http = http
                app = web.Application()
                app.router.add_get("/text", esme._on_text)
                app.router.add_get("/report", esme._on_report)
                runner = web.AppRunner(app)
                await runner.setup()
                site = web.TCPSite(runner, "127.0.0.1", 0)
                await site.start()
                esme._url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
                try:
                    yield esme
                except BaseException as error:
                    error.add_note("\n".join("".join(box.lines[-20:]) for box in esme._boxes))
                    raise
                finally:
                    await esme._end()
                    await runner.cleanup()

    # --- what Kannel tells -----------------------------------------------------------------------------------

    async def _on_text(self, request):
        pairs = (pair.partition("=") for pair in request.rel_url.raw_query_string.split("&"))
        said = {name: unquote_to_bytes(value.replace("+", " ")) for name, _, value in pairs}
        encoding = "utf-16-be" if said["coding"] == b"2" else "utf-8"
        tlvs = re.search(rb"\?smpp\?(?:[^?]*&)?vendor=([^&]*)", said["meta"])
        self._heard.put_nowait(
            Heard(
                said["from"].decode(),
                said["to"].decode(),
                said["text"].decode(encoding),
                tlvs={VENDOR_TAG: unquote_to_bytes(tlvs[1])} if tlvs else {},
            )
        )
        return web.Response(text="")

    async def _on_report(self, request):
        kind = int(request.query["type"])
        if kind in (TAKEN, REFUSED):
            self._reports[int(request.query["number"])].set_result((kind, request.query["foreign"]))
        else:
            self._heard.put_nowait(Heard("", SERVICE, request.query["answer"], 0x04))
        return web.Response(text="")

    # --- features --------------------------------------------------------------------------------------------

    async def secure(self, ca_file):
        self._core = [f"ssl-trusted-ca-file = {ca_file}"]
        self._extra = [*self._extra, "use-ssl = yes"]

    async def bind(self, mode="transceiver", password=PASSWORD):
        config = self._folder / "kannel.conf"
        config.write_text(
            CONFIG.format(
                admin=self._admin,
                core=lines(self._core),
                boxes=free_port(),
                binding=BINDINGS[mode].format(port=self._port),
                account=ACCOUNT,
                password=password,
                extra=lines(self._extra),
                tag=hex(VENDOR_TAG),
                sendsms=self._sendsms,
                url=self._url,
            )
        )
        bearerbox = await Box.started(self._group, "/usr/sbin/bearerbox", config)
        self._boxes.append(bearerbox)
        answer = await bearerbox.until(lambda box: box.pdus.get(("got", f"bind_{mode}_resp")))
        smsbox = await Box.started(self._group, "/usr/sbin/smsbox", config)
        self._boxes.append(smsbox)
        # A smsbox that is asked to send before it knows that it is in dies: both must have said so.
        await bearerbox.says("boxc_sender) maps to")
        await smsbox.says("gw/heartbeat.c:heartbeat_thread")
        for box in self._boxes:
            await box.settled()
        return answer[0]

    async def _stop(self):
        """By the bearerbox's own door: it tells its smsbox too."""
        async with self._http.get(f"http://127.0.0.1:{self._admin}/shutdown?password=word"):
            pass

    async def _end(self):
        with suppress(aiohttp.ClientError):
            await self._stop()
        for box in self._boxes:
            await box.end()

    async def submit(self, text, *, receipt=False, tlvs=None, plain=False):
        number = next(self._numbers)
        self._reports[number] = asyncio.get_running_loop().create_future()
        url = f"{self._url}/report?number={number}&type=%d&answer=%A&foreign=%F"
        query = {
            "username": "user",
            "password": "word",
            "from": SERVICE,
            "to": NUMBER,
            "text": text,
            "charset": "UTF-8",
            **({} if plain else {"coding": 0 if alphabet.gsm_octets(text) is not None else 2}),
            "dlr-mask": TAKEN + REFUSED + (DELIVERED + FAILED if receipt else 0),
            "dlr-url": url,
        }
        if tlvs:
            query["meta-data"] = "?smpp?" + urlencode({"vendor": tlvs[VENDOR_TAG]})
        async with self._http.get(f"http://127.0.0.1:{self._sendsms}/cgi-bin/sendsms?{urlencode(query)}") as response:
            assert response.status == 202, await response.text()
        async with asyncio.timeout(WAIT_S):
            kind, message_id = await self._reports[number]
        return Answer(0 if kind == TAKEN else 0xFF, message_id)

    async def submit_plain(self, text):
        return await self.submit(text, plain=True)

    submit_long = submit
    submit_payload = submit

    async def next_heard(self):
        async with asyncio.timeout(WAIT_S):
            return await self._heard.get()

    async def enquire(self):
        await self._boxes[0].until(lambda box: box.pdus.get(("got", "enquire_link_resp")))

    async def unbind(self):
        await self._stop()
        await self._boxes[0].says("smsc_smpp.c:io_thread) terminates")

    async def ended(self):
        await self._boxes[0].until(lambda box: box.pdus.get(("got", "unbind")))


async def an_alert_is_nacked():
    async with at_table(KannelEsme.at) as t:
        await bound(t)
        t.smsc.bound_sessions[0].alert(NUMBER)
        await nacked(t, "alert_notification")


PROOFS = {"alert_notification": an_alert_is_nacked}
# Otherwise it cuts a text into parts before it looks whether message_payload could carry it.
EXTRA = {"message_payload MT": ["max-sms-octets = 1000"]}


@pytest.mark.parametrize("row", matrix.ESMES["Kannel"].played)
def test_bearerbox_and_our_smsc(row, cell):
    story = PROOFS[row]() if row in PROOFS else play(row, partial(KannelEsme.at, extra=EXTRA.get(row, ())))
    cell("bound to our SMSC", "Kannel", row, story)
