"""Thresholds of binary gigabytes, to the byte."""

from dataclasses import replace

import pytest

from gateway.http.spending import spending_limit
from tests.gateway.served import POLICY, VIEW

GIB = 2**30


@pytest.mark.parametrize("volume_bytes", [round(gb * GIB / 100) for gb in range(1, 300)])
def test_q11_q53_a_binary_gigabyte_is_reached_with_its_last_byte(volume_bytes):
    policy = replace(POLICY, gb_bytes=GIB)

    def status(used):
        view = {**VIEW, "usage_alert_gb": volume_bytes / GIB, "usage": {**VIEW["usage"], "domestic_eu_bytes": used}}
        return spending_limit(view, policy)["statusInfos"]["domestic_eu_volume"]["currentStatus"]

    assert status(-(-volume_bytes * 8 // 10) - 1) == "BELOW_80"
    assert status(-(-volume_bytes * 8 // 10)) == "REACHED_80"
    assert status(volume_bytes - 1) == "REACHED_80"
    assert status(volume_bytes) == "REACHED_100"
