"""How each of the four ESMEs that we grade is started, and what is known of it.

Timers are short, since the suite waits for each of them. Not here: the ESMEs (peers/), the table (__main__.py).
"""

import shlex
import sys
from pathlib import Path

from simulator.torture.play import Expected

ROOT = Path(__file__).parents[2]
CERTIFICATES = ROOT / "tests" / "gateway" / "smpp" / "certificates"
EXPECTED = {
    "response_timeout_s": 1.0,
    "enquire_link_s": 1.5,
    "reconnect_max_s": 0.2,
    "retry_max_s": 1.0,
    # Several of them and the suite share the machine.
    "patience_s": 4.0,
    "numbers": 600,
}
_PYTHON = f"{shlex.quote(sys.executable)} -m tests.torture.peers"
_COMMON = "--host {host} --port {port} --system-id {system_id} --password {password} --service-number {service_number}"
_TIMERS = "--enquire-link-s {enquire_link_s} --reconnect-max-s {reconnect_max_s}"
GATEWAY = (
    f"{_PYTHON}.gateway {_COMMON} {_TIMERS} --response-timeout-s {{response_timeout_s}} --window {{window}}"
    " --first-number {first_number} --numbers {numbers}"
)
OVER_TLS = f"{GATEWAY} --tls-ca-file {CERTIFICATES / 'ca.pem'} --tls-server-name smsc.test"
SMPPLIB = f"{_PYTHON}.smpplib_client {_COMMON} {_TIMERS}"
AIOSMPPLIB = f"{_PYTHON}.aiosmpplib_client {_COMMON} {_TIMERS} --response-timeout-s {{response_timeout_s}}"
NODE = f"node {ROOT / 'tests' / 'torture' / 'peers' / 'node_client.js'} {_COMMON} {_TIMERS}"
PEERS = {
    "our gateway": GATEWAY,
    "smpplib": SMPPLIB,
    "aiosmpplib": AIOSMPPLIB,
    "node-smpp": NODE,
}


def expected(**others):
    return Expected(**{**EXPECTED, **others})
