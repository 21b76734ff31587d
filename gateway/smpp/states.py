"""The states of a session and what each does with a command: the tables that `session` walks.

Must not be put here: anything that does something.
"""

import enum
from collections.abc import Mapping
from typing import Final

from gateway.smpp import pdu as p


class State(enum.IntEnum):
    """NEW → BINDING → BOUND → DRAINING → UNBINDING → CLOSED; from each the way to CLOSED is open.

    Numbers, since each PDU looks a table up by it.
    """

    NEW = enum.auto()
    BINDING = enum.auto()
    BOUND = enum.auto()
    DRAINING = enum.auto()
    UNBINDING = enum.auto()
    CLOSED = enum.auto()


# What is done with a command, by state: the method of `Session`. In every state all others get the default.
_AT_ANY_TIME: Final[Mapping[str, str]] = {
    "enquire_link": "_on_enquire_link",
    "enquire_link_resp": "_on_enquire_link_resp",
    "unbind": "_on_unbind",
}
_ONCE_BOUND: Final[Mapping[str, str]] = {
    **_AT_ANY_TIME,
    "submit_sm_resp": "_on_submit_resp",
    "generic_nack": "_on_nack",
}
MOVES: Final[Mapping[State, Mapping[str, str]]] = {
    State.BINDING: {
        **_AT_ANY_TIME,
        "bind_transceiver_resp": "_on_bind_resp",
        "bind_transmitter_resp": "_on_bind_resp",
        "bind_receiver_resp": "_on_bind_resp",
        "generic_nack": "_on_bind_nack",
        "deliver_sm": "_on_delivery_unbound",
        "data_sm": "_on_delivery_unbound",
    },
    State.BOUND: {**_ONCE_BOUND, "deliver_sm": "_on_delivery", "data_sm": "_on_delivery"},
    State.DRAINING: {**_ONCE_BOUND, "deliver_sm": "_on_delivery_full", "data_sm": "_on_delivery_full"},
    State.UNBINDING: {
        **_ONCE_BOUND,
        "deliver_sm": "_on_delivery_full",
        "data_sm": "_on_delivery_full",
        "unbind_resp": "_on_unbind_resp",
    },
}
# The requests that an ESME serves, and what answers them.
ANSWERED_BY: Final[Mapping[str, str]] = {
    "deliver_sm": "deliver_sm_resp",
    "data_sm": "data_sm_resp",
    "enquire_link": "enquire_link_resp",
    "unbind": "unbind_resp",
}
# SMPP 3.4 §4.1.7, §4.12: requests without a response. A response has none either.
NO_ANSWER: Final = frozenset(
    {"outbind", "alert_notification", *(row.command for row in p.ROWS.values() if row.command_id & p.RESPONSE_BIT)}
)
# What keeps the link alive is no use of it (SMPP 3.4 §7.2, inactivity_timer).
NO_ACTIVITY: Final = frozenset({"enquire_link", "enquire_link_resp"})
