"""The choice of a receipt profile: by account, by number, while it runs."""

import pytest

from simulator.profiles import PROFILES, STANDARD, Choice, UnknownProfile, profile_named


def test_a_numbers_profile_goes_before_its_accounts():
    choice = Choice({"acme": "hex"})
    assert choice.of("acme", "+316") is PROFILES["hex"]
    assert choice.of("other", "+316") is PROFILES[STANDARD]
    choice.choose("ucs2", number="+316")
    assert choice.of("acme", "+316") is choice.of("other", "+316") is PROFILES["ucs2"]
    assert choice.of("acme", "+317") is PROFILES["hex"]
    choice.forget(number="+316")
    choice.forget(number="+316")
    choice.choose("never", account="acme")
    assert choice.of("acme", "+316") is PROFILES["never"]


@pytest.mark.parametrize(("name", "hint"), [("decimals", "Did you mean decimal?"), ("zzz", "standard, hex")])
def test_an_unknown_one_is_told_with_those_there_are(name, hint):
    with pytest.raises(UnknownProfile) as caught:
        profile_named(name)
    assert hint in str(caught.value)
    with pytest.raises(UnknownProfile):
        Choice().choose(name, account="acme")


def test_plain_is_whose_answers_are_hexadecimal_and_come_first():
    plain = {name for name in PROFILES if Choice({"acme": name}).is_plain("acme")}
    assert plain == set(PROFILES) - {"hex", "zero_padded", "before_response"}
    assert not Choice({}, {"+316": "ucs2"}).is_plain("acme")
    assert all(profile.says for profile in PROFILES.values())
