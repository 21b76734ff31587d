"""What the sessions to the SMSC need to know: section [smpp] of the configuration, as one value.

Must not be put here: reading or judging the configuration (`gateway.settings`), anything that does something.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

# What one session is bound as (SMPP 3.4 §4.1), and what all of them together are.
BindType = Literal["transceiver", "transmitter", "receiver"]
BindAs = Literal["transceiver", "transmitter+receiver", "transmitter", "receiver"]
BIND_TYPES: Final[Mapping[str, tuple[BindType, ...]]] = {
    "transceiver": ("transceiver",),
    "transmitter+receiver": ("transmitter", "receiver"),
    "transmitter": ("transmitter",),
    "receiver": ("receiver",),
}


@dataclass(frozen=True, slots=True)
class SmppSettings:
    """Section [smpp] of the configuration. Times in seconds.

    `binds` sessions of each type that `bind` names. `window` is the most submits without an answer, of one session;
    `rate_per_s` (0: no bound) and `rate_burst` (0: a tenth of a second's) are of all together. `session_init_s`: from
    the first try to connect until bound. `inactivity_s` (0: never): without a message for so long, it binds anew.
    """

    host: str = "127.0.0.1"
    port: int = 2775
    system_id: str = "gateway"
    password: str = field(default="secret", repr=False)
    bind: BindAs = "transceiver"
    binds: int = 1
    window: int = 64
    rate_per_s: float = 0
    rate_burst: int = 0
    session_init_s: float = 30
    enquire_link_s: float = 30
    inactivity_s: float = 0
    response_timeout_s: float = 10
    reconnect_min_s: float = 0.5
    reconnect_max_s: float = 30
    tls: bool = False
    tls_ca_file: str = ""
    tls_cert_file: str = ""
    tls_key_file: str = ""
    tls_server_name: str = ""
    tls_verify: bool = True
