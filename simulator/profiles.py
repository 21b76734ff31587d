"""The habits of SMSCs with receipts, as named profiles: data.

A profile says how the id of the answer and the id of the receipt are written, what the receipt carries (the text of
SMPP 3.4 appendix B, the TLVs of §4.6.1), in which PDU and alphabet, how often, and whether it waits for the answer.
It is chosen by system_id and by number, at run time too; the number's wins. A message keeps the profile under which
it was accepted.

Not here: what a receipt is made of (receipts.py), when it is sent (reporter.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from simulator import alphabet

STANDARD: Final = "standard"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One SMSC's habits. `answered` and `told` are names of `ids.FORMS`; `times` how often a receipt comes."""

    says: str
    answered: str = "hex"
    told: str = "hex"
    has_text: bool = True
    has_tlvs: bool = True
    times: int = 1
    before_response: bool = False
    command: str = "deliver_sm"
    coding: int = alphabet.GSM
    in_payload: bool = False


PROFILES: Final[Mapping[str, Profile]] = {
    STANDARD: Profile(says="the id in hexadecimal everywhere, in text and TLV, after the answer"),
    "hex": Profile(says="answers in decimal, tells in hexadecimal, no TLV", answered="decimal", has_tlvs=False),
    "decimal": Profile(says="answers in hexadecimal, tells in decimal, no TLV", told="decimal", has_tlvs=False),
    "zero_padded": Profile(
        says="answers in decimal, tells it with leading zeros, no TLV",
        answered="decimal",
        told="padded",
        has_tlvs=False,
    ),
    "hex_lower": Profile(says="answers in capitals, tells in small letters, no TLV", told="hex_lower", has_tlvs=False),
    "tlv_only": Profile(says="TLVs and an empty text", has_text=False),
    "text_only": Profile(says="text and no TLV", has_tlvs=False),
    "before_response": Profile(says="the receipt is sent before the answer to submit_sm", before_response=True),
    "twice": Profile(says="every receipt comes twice", times=2),
    "never": Profile(says="no receipt ever comes", times=0),
    "data_sm": Profile(says="receipts come as data_sm, their text in message_payload", command="data_sm"),
    "ucs2": Profile(says="the text of receipts is in UCS-2", coding=alphabet.UCS2),
    "payload": Profile(says="the text of receipts is in message_payload, short_message is empty", in_payload=True),
}


class UnknownProfile(ValueError):  # noqa: N818 - names the culprit
    """There is no profile of that name; the message lists those there are."""


def profile_named(name: str) -> Profile:
    profile = PROFILES.get(name)
    if profile is None:
        near = get_close_matches(name, PROFILES, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise UnknownProfile(f"no receipt profile {name!r}: {', '.join(PROFILES)} are known.{hint}")
    return profile


@dataclass
class Choice:
    """Whose messages are told of how. `numbers` are E.164 with +."""

    accounts: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)

    def of(self, account: str, number: str) -> Profile:
        name = self.numbers.get(number) if self.numbers else None
        return PROFILES[name or self.accounts.get(account, STANDARD)]

    def choose(self, name: str, *, account: str = "", number: str = "") -> None:
        """For messages from now on: of one account, or to one number. UnknownProfile when there is no such profile."""
        profile_named(name)
        if number:
            self.numbers[number] = name
        else:
            self.accounts[account] = name

    def forget(self, *, number: str) -> None:
        """The number is told of as its account is again."""
        self.numbers.pop(number, None)

    def is_plain(self, account: str) -> bool:
        """Whether this account's messages may be answered without asking for each: hexadecimal, receipt later."""
        profile = PROFILES[self.accounts.get(account, STANDARD)]
        return not self.numbers and profile.answered == "hex" and not profile.before_response
