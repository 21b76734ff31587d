"""The gateway a load is made for: one of our own in a folder of its own, or one that runs already.

Our own runs on the default configuration, with a fresh database, its log in a file, on every core but the
generator's. Of a running one only the URL is known; whose process it is the machine tells, if it runs here.

Not here: what is asked of it (posting.py, audit.py), when it is looked at (sampling.py).
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, Self
from urllib.parse import urlsplit

from simulator.gateway_process import GatewayProcess
from simulator.load import procfs

READY_S: Final = 60.0
LOG_BYTES_MAX: Final = 128 << 20
"""Then the log begins anew; the one before it stays. A soak writes gigabytes."""
SYSTEM_ID: Final = "gateway"
PASSWORD: Final = "secret"  # noqa: S105 - of an SMSC on loopback, for our own gateway
CONFIG: Final = """\
[http]
host = "127.0.0.1"
port = 0
[smpp]
host = "127.0.0.1"
port = {smpp_port}
system_id = "{system_id}"
password = "{password}"
[store]
url = "sqlite:///gateway.db"
[network]
url = "{policies_url}"
"""


@dataclass
class LoggingGateway(GatewayProcess):
    """A child whose output goes to a file as it comes; it is read as JSON only until the gateway is up."""

    path: Path | None = None
    up: bool = False
    _file: BinaryIO | None = None
    _written: int = 0

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if self.path is not None:
            self._keep(self.path, data)
        if not self.up:
            super().pipe_data_received(fd, data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        super().connection_lost(exc)

    def _keep(self, path: Path, data: bytes) -> None:
        if self._file is None or self._written > LOG_BYTES_MAX:
            if self._file is not None:
                self._file.close()
                path.replace(path.with_suffix(".log.1"))
            self._file, self._written = path.open("wb"), 0
        self._file.write(data)
        self._written += len(data)

    def logged(self) -> list[Path]:
        """The files of the log, the older first."""
        assert self.path is not None
        if self._file is not None:
            self._file.flush()
        return [one for one in (self.path.with_suffix(".log.1"), self.path) if one.exists()]

    def last_lines(self) -> str:
        """The end of the log, for an error message."""
        if not self.up or self.path is None:
            return super().last_lines()
        lines = self.logged()[-1].read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join("    " + line for line in lines[-15:])


@dataclass
class Subject:
    """`child` is None for a gateway that runs already; `pid` where its process may be seen."""

    url: str
    pid: int | None
    folder: Path
    child: LoggingGateway | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    async def started(
        cls, folder: Path, *, smpp_port: int, policies_url: str, settings: Mapping[str, str], cores: set[int] | None
    ) -> Self:
        """Our own. GatewayDied when it does not come up."""
        config = folder / "config.toml"
        config.write_text(
            CONFIG.format(smpp_port=smpp_port, policies_url=policies_url, system_id=SYSTEM_ID, password=PASSWORD),
            encoding="utf-8",
        )
        env = {f"GATEWAY__{key.upper().replace('.', '__')}": value for key, value in settings.items()}
        child = await LoggingGateway.start(config, env, cwd=folder)
        child.path = folder / "gateway.log"
        if cores:
            with suppress(OSError):
                os.sched_setaffinity(child.pid, cores)
        try:
            line = await child.wait_for("gateway.ready", timeout_s=READY_S)
        except BaseException:
            await child.kill()
            raise
        return cls(f"http://127.0.0.1:{line['http_port']}", child.pid, folder, child, settings)

    @classmethod
    def running(cls, url: str, folder: Path) -> Self:
        """One that was started elsewhere."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        here = parts.hostname in ("127.0.0.1", "localhost", "::1")
        return cls(url.rstrip("/"), procfs.listener(port) if here else None, folder)

    def bound(self) -> None:
        """It is up: from now on its log is only written down."""
        if self.child is not None:
            self.child.up = True

    @property
    def database(self) -> Path | None:
        return self.folder / "gateway.db" if self.child is not None else None

    @property
    def wal(self) -> Path | None:
        return self.folder / "gateway.db-wal" if self.child is not None else None

    async def end(self) -> int | None:
        """Stops our own; its exit code."""
        return await self.child.stop() if self.child is not None else None


def file_facts(path: Path | None) -> dict[str, Any]:
    """Size and time of change; nothing where there is no such file."""
    if path is None:
        return {}
    try:
        found = path.stat()
    except OSError:
        return {}
    return {"bytes": found.st_size, "changed_s": found.st_mtime}
