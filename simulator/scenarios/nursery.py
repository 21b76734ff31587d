"""Gateways that are born quickly: a process that has loaded the program once and forks for each start.

Each is as fresh as one started by `python -m gateway`: its own process, folder, database and ports; only reading and
compiling the program is done once. `python -m simulator.scenarios.nursery` is the loaded process: it is given a
folder, an environment and a pipe for the log, forks, runs the program by its name, and tells pids and exit codes.

Not here: what a gateway is told and asked, or anything of the gateway but the name of its program.
"""

import asyncio
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from simulator.child import STOP_S
from simulator.gateway_process import GatewayDied, GatewayProcess

PROGRAM: Final = "gateway"
LOADED_FIRST: Final = "gateway.app"
MESSAGE_BYTES_MAX: Final = 65_536
READY_S: Final = 60.0


# --- the loaded process ----------------------------------------------------------------------------------


def serve(door: socket.socket) -> None:
    """Forks on demand until the other side is gone; then ends what is still alive."""
    importlib.import_module(LOADED_FIRST)
    # What is loaded never becomes garbage, and pages nobody writes to stay shared.
    gc.collect()
    gc.freeze()
    wake, woken = socket.socketpair()
    woken.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    # Ctrl-C is the runner's: it stops its gateways itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    living: set[int] = set()
    with selectors.DefaultSelector() as selector:
        selector.register(door, selectors.EVENT_READ)
        selector.register(wake, selectors.EVENT_READ)
        _tell(door, {"loaded": True})
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if wake in ready:
                wake.recv(4096)
                _reap(door, living)
            if door in ready:
                message, fds, _, _ = socket.recv_fds(door, MESSAGE_BYTES_MAX, 1)
                if not message:
                    break
                _birth(door, json.loads(message), fds[0], living, (wake, woken))
    for pid in living:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _birth(
    door: socket.socket, wanted: Mapping[str, Any], log: int, living: set[int], ours: tuple[socket.socket, ...]
) -> None:
    pid = os.fork()
    if pid:
        os.close(log)
        living.add(pid)
        _tell(door, {"id": wanted["id"], "pid": pid})
        return
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL if number == signal.SIGCHLD else signal.default_int_handler)
    for one in (door, *ours):
        one.close()
    _live(wanted, log)


def _live(wanted: Mapping[str, Any], log: int) -> None:
    """The child's whole life; never returns."""
    code = 70
    try:
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        # Ours were made for what the loaded process wrote to, perhaps a file; a pipe is something else.
        sys.stdout = sys.stderr = os.fdopen(1, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
        os.chdir(wanted["cwd"])
        os.environ.update(wanted["env"])
        sys.argv = [PROGRAM, *wanted["arguments"]]
        runpy.run_module(PROGRAM, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:  # noqa: BLE001 - told as any program tells it, and then this process is over
        sys.excepthook(*sys.exc_info())
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _reap(door: socket.socket, living: set[int]) -> None:
    for pid in list(living):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            living.discard(pid)
            _tell(door, {"pid": pid, "exit": os.waitstatus_to_exitcode(status)})


def _tell(door: socket.socket, message: Mapping[str, Any]) -> None:
    # The other side may be gone: then the next read of the door says so.
    with suppress(OSError):
        door.send(json.dumps(message).encode())


# --- the runner's side -----------------------------------------------------------------------------------


@dataclass
class NursedGateway(GatewayProcess):
    """A gateway of the nursery: told and watched like any other."""

    child_pid: int = 0
    _log_pipe: asyncio.BaseTransport | None = None
    _told_exit: int | None = None

    @property
    def pid(self) -> int:
        return self.child_pid

    def ended(self, code: int) -> None:
        """The nursery saw it end; it is over once its log is read to the end."""
        self._told_exit = code
        self._conclude()

    def log_closed(self) -> None:
        self._log_pipe = None
        self._conclude()

    def _conclude(self) -> None:
        if self._told_exit is not None and self._log_pipe is None:
            if self._rest:
                self._note(self._rest)
                self._rest = b""
            self.exit_code = self._told_exit
            self._moved.set()

    async def _end(self, how: signal.Signals, timeout_s: float) -> int:
        if self.is_running:
            self._signal(how)
            try:
                async with asyncio.timeout(timeout_s):
                    await self.gone()
            except TimeoutError:
                self._signal(signal.SIGKILL)
                async with asyncio.timeout(STOP_S):
                    await self.gone()
        assert self.exit_code is not None
        return self.exit_code


class _Log(asyncio.Protocol):
    """One child's output."""

    def __init__(self, child: NursedGateway) -> None:
        self._child = child

    def data_received(self, data: bytes) -> None:
        self._child.pipe_data_received(1, data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._child.log_closed()


@dataclass
class Nursery:
    """Use it with `async with`; `start` is then as GatewayProcess.start, only quick."""

    _door: socket.socket | None = None
    _process: asyncio.subprocess.Process | None = None
    _births: dict[int, "asyncio.Future[int]"] = field(default_factory=dict)
    _children: dict[int, NursedGateway] = field(default_factory=dict)
    _early: dict[int, int] = field(default_factory=dict)
    _loaded: asyncio.Event = field(default_factory=asyncio.Event)
    _count: int = 0

    async def __aenter__(self) -> Self:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        root = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "simulator.scenarios.nursery", str(theirs.fileno())),
                env={**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"},
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
            )
        ours.setblocking(False)
        self._door = ours
        asyncio.get_running_loop().add_reader(ours, self._hear)
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._door is not None
        assert self._process is not None
        asyncio.get_running_loop().remove_reader(self._door)
        self._door.close()
        try:
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def start(self, config: Path, *, cwd: Path, env: Mapping[str, str] | None = None) -> NursedGateway:
        """GatewayDied when the program could not even be loaded."""
        assert self._door is not None
        try:
            async with asyncio.timeout(READY_S):
                await self._loaded.wait()
        except TimeoutError:
            raise GatewayDied("the gateway's program could not be loaded") from None
        loop = asyncio.get_running_loop()
        self._count += 1
        birth = self._births[self._count] = loop.create_future()
        reading, writing = os.pipe()
        wanted = {"id": self._count, "cwd": str(cwd), "env": dict(env or {}), "arguments": ["--config", str(config)]}
        try:
            socket.send_fds(self._door, [json.dumps(wanted).encode()], [writing])
        finally:
            os.close(writing)
        child = NursedGateway()
        child._log_pipe, _ = await loop.connect_read_pipe(  # noqa: SLF001 - its other half
            lambda: _Log(child), os.fdopen(reading, "rb", 0)
        )
        child.child_pid = await birth
        self._children[child.child_pid] = child
        if child.child_pid in self._early:
            child.ended(self._early.pop(child.child_pid))
        return child

    def _hear(self) -> None:
        assert self._door is not None
        try:
            data = self._door.recv(MESSAGE_BYTES_MAX)
        except BlockingIOError:
            return
        if not data:
            asyncio.get_running_loop().remove_reader(self._door)
            for birth in self._births.values():
                if not birth.done():
                    birth.set_exception(GatewayDied("the gateway's program could not be loaded"))
            return
        message = json.loads(data)
        if "loaded" in message:
            self._loaded.set()
        elif "id" in message:
            self._births.pop(message["id"]).set_result(message["pid"])
        elif (child := self._children.pop(message["pid"], None)) is not None:
            child.ended(message["exit"])
        else:
            self._early[message["pid"]] = message["exit"]


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
