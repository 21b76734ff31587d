"""What an ESME may still ask about a message it handed in: query_sm, cancel_sm, replace_sm.

All three match message_id and source address (SMPP 3.4 §4.8.1, §4.9.1, §4.10.1); no account sees another's messages.

Not here: what becomes of a message that nobody touches (centre.py).
"""

from typing import TYPE_CHECKING

from simulator.centre import MessageCentre, Refused, number_of
from simulator.commands import Status
from simulator.messages import Message, State, smpp_time
from simulator.pdu import Pdu, SubmitSm, Value, encode

if TYPE_CHECKING:
    from simulator.session import Session


def query(centre: MessageCentre, session: "Session", request: Pdu) -> None:
    """query_sm (§4.8): the state, and when it became final."""
    message = _named(centre, session, request)
    if message is None:
        session.answer(request, Status.RQUERYFAIL)
        return
    final = message.done_at if message.state is not State.ENROUTE else None
    session.answer(
        request,
        Status.ROK,
        message_id=message.message_id,
        final_date=smpp_time(final) if final is not None else "",
        message_state=int(message.state),
        error_code=message.error,
    )


def cancel(centre: MessageCentre, session: "Session", request: Pdu) -> None:
    """cancel_sm (§4.9): one message by id, or all that wait from this source to this handset."""
    source, message_id = request.text("source_addr"), request.text("message_id")
    if message_id:
        found = [
            message
            for message in centre.waiting()
            if message.message_id.casefold() == message_id.casefold()
            and (message.source, message.account) == (source, session.account)
        ]
    else:
        number = number_of(request.text("destination_addr").encode())
        found = centre.waiting_for(source, number, request.text("service_type"), session.account)
    session.answer(request, Status.ROK if found else Status.RCANCELFAIL)
    for message in found:
        centre.settle(message, State.DELETED)


def replace(centre: MessageCentre, session: "Session", request: Pdu) -> None:
    """replace_sm (§4.10): new text and times for a message that still waits."""
    session.answer(request, _replaced(centre, session, request))


def _replaced(centre: MessageCentre, session: "Session", request: Pdu) -> Status:
    message = _named(centre, session, request)
    if message is None or not centre.is_waiting(message):
        return Status.RREPLACEFAIL
    old = message.submit.pdu
    # §4.10.1: a time that is not given stays as it is.
    fields: dict[str, Value] = {
        **old.fields,
        **{name: request.text(name) or old.text(name) for name in ("schedule_delivery_time", "validity_period")},
        "registered_delivery": request.integer("registered_delivery"),
        "sm_default_msg_id": request.integer("sm_default_msg_id"),
        "short_message": request.octets(),
    }
    schedule, validity = request.text("schedule_delivery_time"), request.text("validity_period")
    try:
        scheduled_at, expires_at = centre.times(schedule, validity)
    except Refused as refused:
        return refused.status
    message.submit = SubmitSm(encode(Pdu("submit_sm", old.sequence, 0, fields, old.tlvs)))
    message.scheduled_at = scheduled_at or message.scheduled_at
    message.expires_at = expires_at or message.expires_at
    centre.forget(message)
    centre.attempt(message)
    return Status.ROK


def _named(centre: MessageCentre, session: "Session", request: Pdu) -> Message | None:
    return centre.messages.find(request.text("message_id"), request.text("source_addr"), session.account)
