"""Bodies of the portal and the clock: types, ranges, null, SIMs together; every fault with its pointer."""

from typing import Any, get_args

import pytest

from gateway.http import bodies
from gateway.http.bodies import Context, SubscriptionBody, advance, read_json, refuse_depth, subscription_changes
from gateway.http.problems import Problem
from handlers.policy import BUNDLE_SIZES_GB, COST_LIMITS_EUR
from handlers.subscription import CATEGORIES, AdminBlocks, Preferences, SimRole

NUMBER = "+31612345678"
COMBI = "+31612345679"
IMSI = "204080000000001"
CONTEXT = Context(NUMBER, frozenset({"nl", "en"}))

WHOLE = {
    "customer": "acme",
    "language": "en",
    "type": "data_only",
    "bundle_gb": "unlimited",
    "sims": [
        {"imsi": IMSI, "role": "primary", "msisdn": NUMBER},
        {"imsi": "20408000000002", "role": "multisim", "msisdn": NUMBER},
        {"imsi": "204080000000003", "role": "combi", "msisdn": COMBI},
    ],
    "sms_capable": False,
    "notify_msisdn": "+31687654321",
    "m2m": True,
    "cost_limit_eur": 5000,
    "hard_cap": True,
    "usage_alert_gb": 7.5,
    "roaming_limit_mb": 500,
    "bundles": {name: {"enabled": name == "WORLD", "max_per_month": 1} for name in CATEGORIES},
    "blocks": dict.fromkeys(AdminBlocks.__dataclass_fields__, True),
    "preferences": dict.fromkeys(Preferences.__dataclass_fields__, False),
}


def _changes(**body: Any) -> Any:
    return subscription_changes(body, CONTEXT)


def _faults(body: Any) -> dict[str, str]:
    """Pointer → message of a body that is refused."""
    with pytest.raises(Problem) as raised:
        subscription_changes(body, CONTEXT)
    assert raised.value.status == 422
    return {error.pointer: error.message for error in raised.value.errors}


def test_everything_at_once_comes_through_as_given() -> None:
    assert subscription_changes(WHOLE, CONTEXT) == WHOLE


def test_what_was_not_given_is_not_there() -> None:
    assert _changes() == {}
    assert _changes(bundles={"A": {"enabled": True}}, blocks={"premium": True}, preferences={"INFO": False}) == {
        "bundles": {"A": {"enabled": True}},
        "blocks": {"premium": True},
        "preferences": {"INFO": False},
    }


def test_choices_are_those_of_the_rules() -> None:
    for limit in COST_LIMITS_EUR:
        assert _changes(cost_limit_eur=limit) == {"cost_limit_eur": limit}
    for size in BUNDLE_SIZES_GB:
        assert _changes(bundle_gb=size) == {"bundle_gb": size}
    for role in get_args(SimRole):
        body = [{"imsi": IMSI}, {"imsi": "204080000000009", "role": role, "msisdn": COMBI}]
        assert ("/sims/1/role" not in _faults({"sims": body})) if role != "combi" else _changes(sims=body)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("customer", [None, 7, "x" * 129, "a\nb", "\ud800"]),
        ("language", [None, "fr", "NL", "", 1]),
        ("type", [None, "voice", 1]),
        ("bundle_gb", [None, 1, 15.0, "15", False, True, -2, "Unlimited", [15]]),
        ("sims", [None, {}, [], "x"]),
        ("sms_capable", [None, 1, "true"]),
        ("notify_msisdn", ["0612345678", 31612345678, ""]),
        ("m2m", [None, 0]),
        ("cost_limit_eur", [None, 0, 11, 50.0, "50", True, -10, 10**30]),
        ("hard_cap", [None, "no"]),
        ("usage_alert_gb", [0, -1, "5", True, 1_000_001, 10**400, float("inf"), float("nan")]),
        ("roaming_limit_mb", [0, -1, 1.5, "5", True, 1_000_000_001]),
        ("bundles", [None, [], 3]),
        ("blocks", [None, True]),
        ("preferences", [None, "BERICHT"]),
    ],
)
def test_what_a_field_does_not_allow_is_refused_by_its_pointer(field: str, values: list[Any]) -> None:
    for value in values:
        faults = _faults({field: value})
        assert list(faults) == [f"/{field}"], value
        assert faults[f"/{field}"].startswith("found "), value


@pytest.mark.parametrize("field", ["notify_msisdn", "usage_alert_gb", "roaming_limit_mb"])
def test_null_unsets_what_may_be_unset(field: str) -> None:
    assert _changes(**{field: None}) == {field: None}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"nope": 1}, "/nope"),
        ({"cost": {"state": "OPEN"}}, "/cost"),
        ({"bundles": {"C": {}}}, "/bundles/C"),
        ({"bundles": {"A": {"max": 3}}}, "/bundles/A/max"),
        ({"bundles": {"A": {"max_per_month": 0}}}, "/bundles/A/max_per_month"),
        ({"bundles": {"A": {"max_per_month": 11}}}, "/bundles/A/max_per_month"),
        ({"bundles": {"A": {"enabled": None}}}, "/bundles/A/enabled"),
        ({"bundles": {"A": None}}, "/bundles/A"),
        ({"blocks": {"sms": True}}, "/blocks/sms"),
        ({"preferences": {"bericht": True}}, "/preferences/bericht"),
        ({"preferences": {"INFO": "AAN"}}, "/preferences/INFO"),
        ({"sims": [{"imsi": "1"}]}, "/sims/0/imsi"),
        ({"sims": [{}]}, "/sims/0/imsi"),
        ({"sims": [{"imsi": IMSI, "iccid": "1"}]}, "/sims/0/iccid"),
        ({"sims": [{"imsi": IMSI, "role": "esim"}]}, "/sims/0/role"),
        ({"sims": [{"imsi": IMSI, "msisdn": "06"}]}, "/sims/0/msisdn"),
        ({"sims": [7]}, "/sims/0"),
        ([], ""),
        (None, ""),
        ({"\ud800": 1}, ""),
    ],
)
def test_nested_and_unknown_fields_are_refused_by_their_pointer(body: Any, pointer: str) -> None:
    assert list(_faults(body)) == [pointer]


def test_a_primary_sim_that_was_never_named_is_set_as_it_is_shown() -> None:
    shown = [{"imsi": None, "role": "primary", "msisdn": NUMBER}]
    assert _changes(sims=shown) == {"sims": shown}
    named = [*shown, {"imsi": IMSI, "role": "multisim", "msisdn": NUMBER}]
    assert _changes(sims=named) == {"sims": named}


@pytest.mark.parametrize(
    ("sims", "pointer"),
    [
        ([{"imsi": IMSI}, {"imsi": None, "role": "multisim"}], "/sims/1/imsi"),
        ([{"imsi": IMSI}, {"imsi": None, "role": "combi", "msisdn": COMBI}], "/sims/1/imsi"),
        ([{"imsi": None}, {"imsi": None}], "/sims"),
        ([{"imsi": ""}], "/sims/0/imsi"),
    ],
)
def test_no_other_sim_is_without_an_imsi(sims: list[dict[str, Any]], pointer: str) -> None:
    assert list(_faults({"sims": sims})) == [pointer]


def test_all_faults_come_at_once() -> None:
    body = {
        "cost_limit_eur": 1,
        "nope": 1,
        "sims": [{"imsi": "x", "role": "y"}],
        "bundles": {"A": {"max_per_month": 0}},
    }
    assert set(_faults(body)) == {
        "/cost_limit_eur",
        "/nope",
        "/sims/0/imsi",
        "/sims/0/role",
        "/bundles/A/max_per_month",
    }


def test_messages_say_what_was_found_and_what_is_allowed() -> None:
    faults = _faults({"cost_limit_eur": 40, "bundles": {"A": {"max_per_month": 11}}, "hard_cap": None})
    assert faults == {
        "/cost_limit_eur": "found 40, allowed is one of 10, 30, 50, 100, 150, 200, 500, 1000, 2000, 5000",
        "/bundles/A/max_per_month": "found 11, allowed is a number less than or equal to 10",
        "/hard_cap": "found null, allowed is a valid boolean",
    }


def test_sims_come_whole_with_the_number_they_have() -> None:
    assert _changes(sims=[{"imsi": IMSI}, {"imsi": "204080000000002", "role": "multisim", "msisdn": None}]) == {
        "sims": [
            {"imsi": IMSI, "role": "primary", "msisdn": NUMBER},
            {"imsi": "204080000000002", "role": "multisim", "msisdn": NUMBER},
        ]
    }


def _sim(number: int, role: str = "combi", msisdn: str | None = None) -> dict[str, Any]:
    return {"imsi": f"2040800000000{number:02d}", "role": role, "msisdn": msisdn}


@pytest.mark.parametrize(
    ("sims", "pointer"),
    [
        ([], "/sims"),
        ([_sim(1, "combi", COMBI)], "/sims"),
        ([_sim(1, "primary"), _sim(2, "primary")], "/sims"),
        ([_sim(1, "primary"), _sim(1, "combi", COMBI)], "/sims/1/imsi"),
        ([_sim(1, "primary", COMBI)], "/sims/0/msisdn"),
        ([_sim(1, "primary"), _sim(2, "multisim", COMBI)], "/sims/1/msisdn"),
        ([_sim(1, "primary"), _sim(2)], "/sims/1/msisdn"),
        ([_sim(1, "primary"), _sim(2, "combi", NUMBER)], "/sims/1/msisdn"),
        ([_sim(1, "primary"), _sim(2, "combi", COMBI), _sim(3, "combi", COMBI)], "/sims/2/msisdn"),
        ([_sim(1, "primary"), *(_sim(2 + n, "multisim") for n in range(bodies.SIMS_MAX))], "/sims"),
    ],
)
def test_sims_that_cannot_be_together_are_refused(sims: list[Any], pointer: str) -> None:
    assert list(_faults({"sims": sims})) == [pointer]


def test_defaults_described_are_those_of_a_new_subscription() -> None:
    new = SubscriptionBody()
    assert (new.language, new.type, new.bundle_gb, new.cost_limit_eur) == ("nl", "voice_data", 15, 50)
    assert new.blocks.model_dump() == {name: getattr(AdminBlocks(), name) for name in AdminBlocks.__dataclass_fields__}
    assert new.preferences.model_dump() == {"BERICHT": True, "INFO": True, "LIMIET": True}
    assert new.bundles.model_dump() == {name: {"enabled": False, "max_per_month": 10} for name in CATEGORIES}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"to": None, "by_s": None}, ""),
        ({"to": "2026-12-01T00:00:00Z", "by_s": 1}, ""),
        ({"to": "2026-12-01T00:00:00"}, "/to"),
        ({"to": "9999-12-31T23:59:59Z"}, "/to"),
        ({"by_s": -0.5}, "/by_s"),
        ({"by_s": True}, "/by_s"),
        ({"by_s": bodies.ADVANCE_MAX_S + 1}, "/by_s"),
        ({"by": 1}, "/by"),
        ([], ""),
    ],
)
def test_clock_body_that_is_refused(body: Any, pointer: str) -> None:
    with pytest.raises(Problem) as raised:
        advance(body)
    assert [error.pointer for error in raised.value.errors] == [pointer]


def test_clock_body_gives_an_instant_or_seconds() -> None:
    to = advance({"to": "2026-12-01T00:00:00+01:00"}).to
    assert to is not None
    assert to.isoformat() == "2026-11-30T23:00:00+00:00"
    assert advance({"by_s": 0}).by_s == 0


@pytest.mark.parametrize("levels", [1, 2, 16])
def test_depth_counts_objects_and_arrays(levels: int) -> None:
    value: Any = 1
    for level in range(levels):
        value = {"a": value} if level % 2 else [value]
    refuse_depth(value, levels)
    with pytest.raises(Problem, match="400"):
        refuse_depth(value, levels - 1)


@pytest.mark.parametrize("raw", [b"NaN", b"[-Infinity]", b"\xef\xbb\xbf{}", b"{'a': 1}", b"\x80", b"1 2"])
def test_what_is_no_json(raw: bytes) -> None:
    with pytest.raises(Problem, match="400"):
        read_json(raw)


def test_json_in_utf_8() -> None:
    assert read_json('{"a": "€", "a": "é"}'.encode()) == {"a": "é"}
