"""The other ways to hand in a message: submit_multi and data_sm, each made into submit_sm for the one road.

Not here: that road (centre.py).
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from simulator import checks
from simulator.centre import MessageCentre, Refused
from simulator.commands import Status
from simulator.messages import Message, State, smpp_period
from simulator.pdu import Address, Failure, Pdu, SubmitSm, Tlv, encode, tlv

if TYPE_CHECKING:
    from simulator.session import Session

ADDRESS_MAX: Final = 20
"""data_sm may name addresses of 64 octets (SMPP 3.4 §4.7.1); no handset has one longer than a submit_sm can name."""


def submit_multi(
    centre: MessageCentre, session: "Session", request: Pdu, lists: Mapping[str, tuple[str, ...]]
) -> None:
    """One message to several handsets under one message_id (SMPP 3.4 §4.5). `lists` are distribution lists by name."""
    addresses = request.fields["dest_address"]
    assert isinstance(addresses, tuple)
    if any(isinstance(one, Address) and one.dl and one.addr not in lists for one in addresses):
        session.reply(request, Status.RINVDLNAME)
        return
    fields = {name: value for name, value in request.fields.items() if name != "dest_address"}
    messages: list[Message] = []
    failures: list[Failure] = []
    for to in _members(addresses, lists):
        one = {**fields, "dest_addr_ton": to.ton, "dest_addr_npi": to.npi, "destination_addr": to.addr}
        submit = SubmitSm(encode(Pdu("submit_sm", request.sequence, 0, one, request.tlvs)))
        try:
            message = centre.accept(submit, session)
        except Refused as refused:
            failures.append(Failure(to.addr, to.ton, to.npi, refused.status))
            continue
        if messages:
            message.share_id(messages[0])
        messages.append(message)
    status = Status.ROK if messages else Status.RSUBMITFAIL
    message_id = messages[0].message_id if messages else ""
    # no_unsuccess is one octet (§4.5.2)
    session.reply(request, status, message_id=message_id, unsuccess_sme=tuple(failures[:255]))
    for message in messages:
        centre.attempt(message)


def _members(addresses: tuple[object, ...], lists: Mapping[str, tuple[str, ...]]) -> Iterator[Address]:
    for one in addresses:
        assert isinstance(one, Address)
        if one.dl:
            yield from (Address(number.removeprefix("+"), 1, 1) for number in lists[one.addr])
        else:
            yield one


def submit_data(centre: MessageCentre, session: "Session", request: Pdu) -> None:
    """data_sm (SMPP 3.4 §4.7): the same road, the text in message_payload, and TLVs of its own in the answer."""
    status = Status.ROK
    if len(request.text("source_addr")) > ADDRESS_MAX:
        status = Status.RINVSRCADR
    elif len(request.text("destination_addr")) > ADDRESS_MAX:
        status = Status.RINVDSTADR
    elif request.tlv("message_payload") is None:
        status = Status.RMISSINGOPTPARAM
    if status is not Status.ROK:
        session.reply(request, status)
        return
    fields = dict(request.fields)
    lives_s = int.from_bytes(request.tlv("qos_time_to_live") or b"", "big")
    if lives_s:
        fields["validity_period"] = smpp_period(lives_s)  # §5.3.2.9
    submit = SubmitSm(encode(Pdu("submit_sm", request.sequence, 0, fields, request.tlvs)))
    try:
        message = centre.accept(submit, session)
    except Refused as refused:
        session.reply(request, refused.status)
        return
    is_early = submit.esm_class & checks.MODE == checks.TRANSACTION or request.tlv("set_dpf") is not None
    if is_early:
        # The answer says what became of it, or whether the delivery pending flag could be set (§4.7.2).
        centre.attempt(message)
    session.reply(request, _status(message, submit), tlvs=_outcome(request, message), message_id=message.message_id)
    if not is_early:
        centre.attempt(message)


def _status(message: Message, submit: SubmitSm) -> Status:
    is_lost = message.state is State.UNDELIVERABLE and submit.esm_class & checks.MODE == checks.TRANSACTION
    return Status.RDELIVERYFAILURE if is_lost else Status.ROK


def _outcome(request: Pdu, message: Message) -> tuple[Tlv, ...]:
    """The TLVs of data_sm_resp (§4.7.2)."""
    tlvs = []
    if request.tlv("set_dpf") == b"\x01":
        tlvs.append(tlv("dpf_result", int(message.has_alert)))
    if message.state is State.UNDELIVERABLE:
        # §5.3.2.33: 0 is "destination unavailable"; §5.3.2.31: 3 is GSM.
        tlvs.append(tlv("delivery_failure_reason", 0))
        tlvs.append(tlv("network_error_code", b"\x03" + message.error.to_bytes(2, "big")))
    return tuple(tlvs)
