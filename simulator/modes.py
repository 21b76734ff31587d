"""The states of a session and what an ESME may ask in each: SMPP 3.4 §2.2 and table 2-1, as tables.

Not here: what is answered (session.py).
"""

from enum import Enum
from typing import Final


class Mode(Enum):
    """Session states (SMPP 3.4 §2.2)."""

    OPEN = "open"
    BOUND_TX = "transmitter"
    BOUND_RX = "receiver"
    BOUND_TRX = "transceiver"
    CLOSED = "closed"


BOUND: Final = frozenset({Mode.BOUND_TX, Mode.BOUND_RX, Mode.BOUND_TRX})
SENDERS: Final = frozenset({Mode.BOUND_TX, Mode.BOUND_TRX})
RECEIVERS: Final = frozenset({Mode.BOUND_RX, Mode.BOUND_TRX})
BINDS: Final = {
    "bind_transmitter": Mode.BOUND_TX,
    "bind_receiver": Mode.BOUND_RX,
    "bind_transceiver": Mode.BOUND_TRX,
}
ALLOWED: Final = {  # SMPP 3.4 table 2-1, the requests an ESME may send
    "submit_sm": SENDERS,
    "submit_multi": SENDERS,
    "data_sm": BOUND,  # a receiver too
    "query_sm": SENDERS,
    "cancel_sm": SENDERS,
    "replace_sm": SENDERS,
    "unbind": BOUND,
    "enquire_link": BOUND,
    # Only an SMSC sends these.
    "deliver_sm": frozenset[Mode](),
    "outbind": frozenset[Mode](),
    "alert_notification": frozenset[Mode](),
}
UNANSWERABLE: Final = frozenset({"outbind", "alert_notification"})
"""Commands without a response of their own: a wrong one is told by generic_nack."""
