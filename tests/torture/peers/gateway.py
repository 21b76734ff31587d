"""Our gateway as the ESME under test: a database with the subscribers who will text, then the gateway itself.

    python -m tests.torture.peers.gateway --port {port} --first-number {first_number} --numbers {numbers} …

Who is no subscriber gets no reply, so they are there before the gateway binds: it starts once towards nobody. In the
end this process is the gateway (exec), and whoever ends it ends that.
"""

import argparse
import asyncio
import os
import socket
import sys
import tempfile
from pathlib import Path

from simulator.gateway_client import GatewayClient
from simulator.gateway_process import GatewayProcess

ROOT = Path(__file__).parents[3]
AT_ONCE = 100


def settings(options):
    """The environment: short timers, since the suite waits for each of them."""
    smpp = {
        "HOST": options.host,
        "PORT": options.port,
        "SYSTEM_ID": options.system_id,
        "PASSWORD": options.password,
        "WINDOW": options.window,
        "RESPONSE_TIMEOUT_S": options.response_timeout_s,
        "ENQUIRE_LINK_S": options.enquire_link_s,
        "RECONNECT_MIN_S": options.reconnect_max_s / 10,
        "RECONNECT_MAX_S": options.reconnect_max_s,
        "RETRY_MIN_S": options.reconnect_max_s / 10,
        "RETRY_MAX_S": options.reconnect_max_s,
    }
    if options.tls_ca_file:
        smpp |= {"TLS": "true", "TLS_CA_FILE": options.tls_ca_file, "TLS_SERVER_NAME": options.tls_server_name}
    env = {f"GATEWAY__SMPP__{key}": str(value) for key, value in smpp.items()}
    return env | {"GATEWAY__HTTP__PORT": "0", "GATEWAY__SERVICE__NUMBER": f'"{options.service_number}"'}


def nobody():
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def subscribe(folder, env, numbers):
    """All of them, in a gateway that has no SMSC."""
    child = await GatewayProcess.start(folder / "config.toml", {**env, "GATEWAY__SMPP__PORT": str(nobody())})
    try:
        line = await child.wait_for("gateway.ready", timeout_s=60)
        async with GatewayClient(f"http://127.0.0.1:{line['http_port']}") as client:
            for start in range(0, len(numbers), AT_ONCE):
                async with asyncio.TaskGroup() as group:
                    for number in numbers[start : start + AT_ONCE]:
                        group.create_task(client.put_subscription(number, {}))
    finally:
        assert await child.stop() == 0, child.last_lines()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--system-id", default="gateway")
    parser.add_argument("--password", default="secret")
    parser.add_argument("--service-number", default="1330")
    parser.add_argument("--window", type=int, default=10)
    parser.add_argument("--response-timeout-s", type=float, default=1.0)
    parser.add_argument("--enquire-link-s", type=float, default=1.5)
    parser.add_argument("--reconnect-max-s", type=float, default=0.5)
    parser.add_argument("--first-number", default="+31620000001")
    parser.add_argument("--numbers", type=int, default=1000)
    parser.add_argument("--tls-ca-file", default="")
    parser.add_argument("--tls-server-name", default="")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    (folder / "config.toml").write_text('[store]\nurl = "sqlite:///gateway.db"\n', encoding="utf-8")
    env = settings(options)
    first = int(options.first_number.removeprefix("+"))
    asyncio.run(subscribe(folder, env, [f"+{first + index}" for index in range(options.numbers)]))
    env = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    command = [sys.executable, "-m", "gateway", "--config", str(folder / "config.toml")]
    os.execve(command[0], command, env)  # noqa: S606 - what is started is our own


if __name__ == "__main__":
    main()
