"""What a status in the answer to a submit_sm means for the text: SMPP 3.4 §5.1.3 as one table.

Permanent: the message itself is at fault, so the same again cannot help, and the notification has failed. Temporary:
the SMSC, the session or the account is, and that may pass. Reserved numbers and vendors' own (0x400 to 0x4FF) are
temporary unless the operator lists them. That the SMSC asks to slow down is a matter of all texts, not of one:
`SLOW_DOWN`, which `pace` obeys.
Must not be put here: how often and when something is tried again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from gateway.smpp.pdu import ESME_RMSGQFUL, ESME_RTHROTTLED

Verdict = Literal["failed", "retry"]
StatusRange = tuple[int, int]

_PERMANENT: Final = (
    (0x01, "ESME_RINVMSGLEN", "its length"),
    (0x02, "ESME_RINVCMDLEN", "the PDU's length"),
    (0x03, "ESME_RINVCMDID", "the SMSC knows no submit_sm"),
    (0x06, "ESME_RINVPRTFLG", "its priority"),
    (0x07, "ESME_RINVREGDLVFLG", "receipts are not to be asked for"),
    (0x0A, "ESME_RINVSRCADR", "the service number"),
    (0x0B, "ESME_RINVDSTADR", "the subscriber's number"),
    (0x33, "ESME_RINVNUMDESTS", "number of destinations"),
    (0x34, "ESME_RINVDLNAME", "distribution list"),
    (0x40, "ESME_RINVDESTFLAG", "destination flag"),
    (0x42, "ESME_RINVSUBREP", "replacing is not served"),
    (0x43, "ESME_RINVESMCLASS", "its esm_class"),
    (0x44, "ESME_RCNTSUBDL", "distribution list"),
    (0x48, "ESME_RINVSRCTON", "TON of the service number"),
    (0x49, "ESME_RINVSRCNPI", "NPI of the service number"),
    (0x50, "ESME_RINVDSTTON", "TON of the subscriber's number"),
    (0x51, "ESME_RINVDSTNPI", "NPI of the subscriber's number"),
    (0x53, "ESME_RINVSYSTYP", "system_type"),
    (0x54, "ESME_RINVREPFLAG", "replace_if_present"),
    (0x55, "ESME_RINVNUMMSGS", "number of messages"),
    (0x61, "ESME_RINVSCHED", "schedule_delivery_time"),
    (0x62, "ESME_RINVEXPIRY", "validity_period"),
    (0x63, "ESME_RINVDFTMSGID", "predefined message"),
    (0x65, "ESME_RX_P_APPN", "permanent by its name"),
    (0x66, "ESME_RX_R_APPN", "refused by its name"),
    (0xC0, "ESME_RINVOPTPARSTREAM", "its TLVs"),
    (0xC1, "ESME_ROPTPARNOTALLWD", "a TLV"),
    (0xC2, "ESME_RINVPARLEN", "a TLV's length"),
    (0xC3, "ESME_RMISSINGOPTPARAM", "a TLV that is asked for"),
    (0xC4, "ESME_RINVOPTPARAMVAL", "a TLV's value"),
)
_TEMPORARY: Final = (
    (0x04, "ESME_RINVBNDSTS", "the session's state"),
    (0x05, "ESME_RALYBND", "the session's state"),
    (0x08, "ESME_RSYSERR", "the SMSC has a fault"),
    (0x0C, "ESME_RINVMSGID", "of a query, none was asked"),
    (0x0D, "ESME_RBINDFAIL", "the session's state"),
    (0x0E, "ESME_RINVPASWD", "the account"),
    (0x0F, "ESME_RINVSYSID", "the account"),
    (0x11, "ESME_RCANCELFAIL", "of a cancel, none was asked"),
    (0x13, "ESME_RREPLACEFAIL", "of a replace, none was asked"),
    (0x14, "ESME_RMSGQFUL", "a queue is full"),
    (0x15, "ESME_RINVSERTYP", "the account's services"),
    (0x45, "ESME_RSUBMITFAIL", "the SMSC could not, and does not say why"),
    (0x58, "ESME_RTHROTTLED", "too much at a time"),
    (0x64, "ESME_RX_T_APPN", "temporary by its name"),
    (0x67, "ESME_RQUERYFAIL", "of a query, none was asked"),
    (0xFE, "ESME_RDELIVERYFAILURE", "of a data_sm, none was sent"),
    (0xFF, "ESME_RUNKNOWNERR", "nobody knows"),
)
TABLE: Final = {
    **{status: "failed" for status, _, _ in _PERMANENT},
    **{status: "retry" for status, _, _ in _TEMPORARY},
}
NAMES: Final = {status: name for status, name, _ in (*_PERMANENT, *_TEMPORARY)}
SLOW_DOWN: Final = frozenset({ESME_RTHROTTLED, ESME_RMSGQFUL})


@dataclass(frozen=True, slots=True)
class Statuses:
    """The table with the operator's own ranges, ends included, which outrank it; permanent outranks temporary."""

    permanent: Sequence[StatusRange] = ()
    temporary: Sequence[StatusRange] = ()

    def verdict(self, status: int) -> Verdict:
        """What becomes of a text whose submit_sm was answered so; not for ESME_ROK."""
        if any(first <= status <= last for first, last in self.permanent):
            return "failed"
        if any(first <= status <= last for first, last in self.temporary):
            return "retry"
        return "failed" if TABLE.get(status) == "failed" else "retry"
