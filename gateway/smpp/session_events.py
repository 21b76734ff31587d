"""What a session tells of: values that `session` makes and whoever stands above it reads.

Must not be put here: anything that does something.
"""

from dataclasses import dataclass
from typing import NamedTuple

from gateway.smpp.pdu import Pdu


class Token(NamedTuple):
    """A delivery that waits for its answer: which session, which delivery of it."""

    generation: int
    number: int


@dataclass(frozen=True, slots=True)
class Bound:
    """The SMSC took the bind. `version` is its sc_interface_version (SMPP 3.4 §5.3.2.25), None if it names none."""

    system_id: str
    version: int | None


@dataclass(frozen=True, slots=True)
class BindRefused:
    status: int


class DeliveryReceived(NamedTuple):
    """A deliver_sm or data_sm, to be answered by `answer(token, status)` once it is safe."""

    token: Token
    pdu: Pdu


@dataclass(frozen=True, slots=True)
class DeliveryRefused:
    """A deliver_sm or data_sm that could not be taken now; it was answered with `status` already."""

    pdu: Pdu
    status: int


class SubmitAnswered(NamedTuple):
    """`status` may be any number: reserved and vendors' own (SMPP 3.4 §5.1.3) too. `message_id` may be empty."""

    ref: object
    status: int
    message_id: str
    rtt_s: float


@dataclass(frozen=True, slots=True)
class SubmitUnanswered:
    """Nobody knows whether the SMSC has it. `reason`: response_timeout, or the reason the session ended."""

    ref: object
    reason: str


@dataclass(frozen=True, slots=True)
class LateResponse:
    """The answer to a submit that was given up on as unanswered before."""

    ref: object
    sequence: int
    status: int
    message_id: str


@dataclass(frozen=True, slots=True)
class UnexpectedPdu:
    """Well formed, but nothing that waits for it or has a use for it; passed over."""

    command: str
    sequence: int
    status: int


@dataclass(frozen=True, slots=True)
class PduRejected:
    """A PDU that could not be read, or a request that an ESME does not serve. `command` is None if unknown."""

    reason: str
    command: str | None
    length_bytes: int


@dataclass(frozen=True, slots=True)
class PeerUnbound:
    """The SMSC ended the session in good order."""


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """The last event. `reason`: unbound, peer_unbound, bind_refused, bind_timeout, link_dead, alignment_lost; for a
    new session inactive, smsc_silent, not_bound; or what `connection_lost` was told. `unanswered`: deliveries that
    this side had not answered.
    """

    reason: str
    unanswered: int


SessionEvent = (
    Bound | BindRefused | DeliveryReceived | DeliveryRefused | SubmitAnswered | SubmitUnanswered | LateResponse
    | UnexpectedPdu | PduRejected | PeerUnbound | SessionClosed
)  # fmt: skip
