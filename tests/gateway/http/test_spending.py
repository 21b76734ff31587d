"""The spending limit in the shape of TS 29.594: each counter, its status, and what the 1st will make of it."""

from typing import Any

import jsonschema_rs
import pytest

from gateway.http.openapi import describe
from gateway.http.spending import spending_limit
from tests.gateway.served import NUMBER, POLICY, VIEW

GB = 10**9
MB = 10**6
FIRST = "2026-12-01T00:00:00+01:00"


def _view(**changes: Any) -> dict[str, Any]:
    return {**VIEW, **changes, "cost": VIEW["cost"] | changes.get("cost", {})}


def _counters(**changes: Any) -> dict[str, tuple[str, str | None]]:
    """Counter → its status, and that of the 1st."""
    shown = spending_limit(_view(**changes), POLICY)
    schema = {"$ref": "#/components/schemas/SpendingLimitStatus", **describe(frozenset({"nl"}))}
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(shown)
    found = {}
    for counter, info in shown["statusInfos"].items():
        assert info["policyCounterId"] == counter
        pending = info.get("penPolCounterStatuses", [])
        assert [one["activationTime"] for one in pending] == [FIRST] * len(pending)
        assert len(pending) <= 1
        found[counter] = (info["currentStatus"], pending[0]["policyCounterStatus"] if pending else None)
    return found


def test_a_plain_subscription_has_its_cost_and_its_limit() -> None:
    assert _counters() == {"outside_eu_cost": ("OPEN", "OPEN"), "cost_limit": ("50", None)}


@pytest.mark.parametrize("state", ["OPEN", "BLOCKED_100", "BLOCKED_200", "OPEN_REST_OF_MONTH"])
def test_q20_the_cost_state_is_shown_and_open_again_on_the_1st(state: str) -> None:
    assert _counters(cost={"state": state})["outside_eu_cost"] == (state, "OPEN")


def test_g10_a_lowered_limit_is_pending_for_the_1st() -> None:
    lowered = {"pending_limit": {"eur": 30, "from": "2026-12-01"}}
    assert _counters(cost=lowered)["cost_limit"] == ("50", "30")


@pytest.mark.parametrize(
    ("used", "status"),
    [
        (0, "BELOW_80"),
        (1_600 * MB - 1, "BELOW_80"),
        (1_600 * MB, "REACHED_80"),
        (2_000 * MB - 1, "REACHED_80"),
        (2_000 * MB, "REACHED_100"),
        (9_000 * MB, "REACHED_100"),
    ],
)
def test_q11_volumes_reach_their_levels_to_the_byte(used: int, status: str) -> None:
    usage = {"domestic_eu_bytes": used, "outside_eu_bytes": used, "leakage_bytes": 5}
    shown = _counters(usage_alert_gb=2, roaming_limit_mb=2000, usage=usage)
    assert shown["domestic_eu_volume"] == shown["outside_eu_volume"] == (status, "BELOW_80")


def test_q53_a_fraction_of_a_gb_is_exact() -> None:
    usage = {"domestic_eu_bytes": 300 * MB, "outside_eu_bytes": 0, "leakage_bytes": 0}
    assert _counters(usage_alert_gb=0.3, usage=usage)["domestic_eu_volume"] == ("REACHED_100", "BELOW_80")


@pytest.mark.parametrize(
    ("enabled", "activated", "reasons", "shown"),
    [
        (False, False, [], None),
        (True, False, [], ("ENABLED", "ENABLED")),  # Q30
        (True, True, [], ("ACTIVATED", "ENABLED")),  # B20
        (True, True, ["BUNDLE_CAP:A"], ("CAPPED", "ENABLED")),
        (True, True, ["BUNDLE_CAP:B"], ("ACTIVATED", "ENABLED")),
        (False, True, [], ("ACTIVATED", "DISABLED")),  # Q35
    ],
)
def test_a_bundle_is_shown_where_it_is_enabled_or_runs(
    enabled: bool, activated: bool, reasons: list[str], shown: tuple[str, str] | None
) -> None:
    instance = {"category": "A", "number": 1, "used_bytes": 0, "volume_bytes": 30 * GB}
    counters = _counters(
        bundles={"A": {"enabled": enabled, "max_per_month": 10}},
        bundle_instances=[instance] if activated else [],
        data={"reasons": reasons},
    )
    assert counters.get("bundle:A") == shown


def test_the_1st_is_that_of_amsterdam() -> None:
    shown = spending_limit(_view(period="2026-03"), POLICY)
    (pending,) = shown["statusInfos"]["outside_eu_cost"]["penPolCounterStatuses"]
    assert pending["activationTime"] == "2026-04-01T00:00:00+02:00"


def test_the_imsi_names_it_where_it_is_known() -> None:
    assert "supi" not in spending_limit(_view(), POLICY)
    sims = [{"imsi": "204080000000001", "role": "primary", "msisdn": NUMBER}]
    assert spending_limit(_view(sims=sims), POLICY)["supi"] == "imsi-204080000000001"
