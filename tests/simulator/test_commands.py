"""The tables of SMPP 3.4 against smpplib's, an independent copy of the same specification."""

import pytest
import smpplib.command
import smpplib.consts

from simulator.commands import COMMANDS, FIELDS, NAMES, TLVS, Status

THEIRS = smpplib.command


def test_a_response_has_its_request_number_and_the_high_bit():
    for name, number in COMMANDS.items():
        assert NAMES[number] == name
        if name.endswith("_resp"):
            assert number == COMMANDS[name.removesuffix("_resp")] | 0x80000000
    assert FIELDS.keys() == COMMANDS.keys()


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_order_of_fields_is_the_same_where_both_have_one(command):
    theirs = getattr(THEIRS, "".join(word.title() for word in command.split("_")).replace("Sm", "SM"), None)
    order = list(getattr(theirs, "params_order", ()))
    ours = [field.name for field in FIELDS[command]]
    # Their list also holds the TLVs, and sm_length, which our tables keep with short_message.
    mandatory = [name for name in order if name != "sm_length" and (name not in TLVS or name in ours)]
    if mandatory:
        assert ours == mandatory


def test_tags_are_the_same_where_both_have_one():
    shared = TLVS.keys() & smpplib.consts.OPTIONAL_PARAMS.keys()
    assert len(shared) > 40
    for name in shared:
        assert TLVS[name][0] == smpplib.consts.OPTIONAL_PARAMS[name], name


def test_statuses_are_the_same_where_both_have_one():
    found = 0
    for status in Status:
        theirs = getattr(smpplib.consts, f"SMPP_ESME_{status.name}", None)
        if theirs is not None:
            found += 1
            assert theirs == status
    assert found > 40
