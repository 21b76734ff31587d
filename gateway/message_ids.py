"""The id that an SMSC gives a text, and the ways it may be written again in a receipt.

Must not be put here: where ids are kept.
"""

import re
from typing import Final

_DECIMAL: Final = re.compile(r"[0-9]+")
_HEXADECIMAL: Final = re.compile(r"[0-9a-f]+")


def message_id_key(message_id: str) -> str:
    """What an id is kept by: leading zeros and case do not count."""
    return message_id.strip().lower().lstrip("0") or "0"


def message_id_keys(message_id: str) -> tuple[str, ...]:
    """The forms under which one message id may have been given, to look it up by equality.

    Store the first, of a submit_sm_resp's id. Look a receipt's id up by the first; only where nothing is found by the
    others: read as hexadecimal, and as decimal, for SMSCs that write one id in two ways. Two different messages can
    be each other's conversion ("291" and "123"), so a later key wants a check on whom the message was for.
    """
    literal = message_id_key(message_id)
    keys = [literal]
    if _DECIMAL.fullmatch(literal):
        keys.append(f"{int(literal):x}")
    if _HEXADECIMAL.fullmatch(literal):
        keys.append(str(int(literal, 16)))
    return tuple(dict.fromkeys(keys))


def same_message_id(one: str, other: str) -> bool:
    """Whether two ids may be the same: in decimal or hexadecimal, any case, leading zeros or not."""
    return message_id_key(one) in message_id_keys(other)
