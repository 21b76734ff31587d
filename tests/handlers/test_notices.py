"""What silences a kind: the table, machines, lines without a device."""

from dataclasses import replace

import pytest

from handlers.notices import Turn, month_dates, notify, silenced
from handlers.policy import NOTIFICATIONS, NotificationRule
from handlers.subscription import Preferences, Profile

PROFILE = Profile("+31612345678")
ALL_OFF = PROFILE._replace(preferences=Preferences(BERICHT=False, INFO=False, LIMIET=False))
MACHINE = PROFILE._replace(m2m=True)

# Rules 2.1, written out once more: what each switch silences. All other kinds always go out.
SILENCED_BY = {
    "INFO": {
        "border_eu",
        "border_eu_vas",
        "border_eu_data_off",
        "border_world_bundle",
        "border_world_no_bundle",
        "border_world_data_off",
        "border_world_blocked",
        "border_non_terrestrial",
        "border_combi",
    },
    "BERICHT": {"usage_80", "usage_100", "bundle_80", "bundle_80_last"},
    "LIMIET": {
        *("cost_80", "roaming_limit_80", "roaming_limit_100"),
        *("cost_second_warning", "cost_courtesy", "period_reset"),
    },
}
NOT_FOR_MACHINES = {
    *SILENCED_BY["INFO"],
    *SILENCED_BY["BERICHT"],
    *SILENCED_BY["LIMIET"],
    "border_eu_emergency",
    "border_no_realtime",
}


@pytest.mark.parametrize("kind", NOTIFICATIONS)
def test_q1_the_table_says_which_switch_silences_a_kind(policy, kind):
    switch = next((code for code, kinds in SILENCED_BY.items() if kind in kinds), None)
    assert silenced(kind, ALL_OFF, policy) == (None if switch is None else f"preference:{switch}")
    assert silenced(kind, PROFILE, policy) is None


@pytest.mark.parametrize("kind", NOTIFICATIONS)
def test_q46_what_a_machine_is_not_told(policy, kind):
    assert silenced(kind, MACHINE, policy) == ("m2m" if kind in NOT_FOR_MACHINES else None)


def test_q1_the_operator_may_change_the_table(policy):
    changed = replace(policy, notifications={**NOTIFICATIONS, "help": NotificationRule("BERICHT", 60)})
    assert silenced("help", ALL_OFF, changed) == "preference:BERICHT"


def test_q46_without_a_number_nothing_goes_out(policy):
    assert silenced("help", PROFILE._replace(sms_capable=False), policy) == "no_sms_device"
    assert silenced("help", PROFILE._replace(sms_capable=False, notify_msisdn="+31687654321"), policy) is None


def test_dates_name_the_first_of_the_next_month_and_the_last_of_this(policy):
    local = {name: when.astimezone(policy.timezone).date() for name, when in month_dates(policy, "2027-02").items()}
    assert {name: day.isoformat() for name, day in local.items()} == {"datum": "2027-03-01", "tot": "2027-02-28"}


def test_a_field_without_a_value_is_told_with_its_kind_and_rule(story):
    turn = Turn(story().state, story().policy, story().now)
    with pytest.raises(KeyError, match=r"cost_80 names \{limiet\}, of which G4 gives no value"):
        notify(turn, "G4", "cost_80", {"eur": 1})
    assert turn.effects == []
