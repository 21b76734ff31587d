"""The table of SMPP 3.4 §5.1.3: whole, in agreement with the names, and outranked by the operator's own ranges."""

import pytest

from gateway.smpp import pdu as p
from gateway.smpp.statuses import NAMES, SLOW_DOWN, TABLE, Statuses

# What SMPP 3.4 §5.1.3 names beside ESME_ROK; all else is reserved or the vendor's.
STANDARD = {
    *range(0x01, 0x09),
    *(0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x11, 0x13, 0x14, 0x15, 0x33, 0x34, 0x40, 0x42, 0x43, 0x44, 0x45),
    *(0x48, 0x49, 0x50, 0x51, 0x53, 0x54, 0x55, 0x58, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67),
    *(0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xFE, 0xFF),
}


def test_every_status_of_the_standard_has_its_row():
    assert TABLE.keys() == STANDARD == NAMES.keys()


@pytest.mark.parametrize("status", sorted(STANDARD))
def test_the_rows_bear_the_standards_names(status):
    assert NAMES[status] == p.status_name(status)


@pytest.mark.parametrize("status", [0x01, 0x0A, 0x0B, 0x33, 0x40, 0x43, 0x44, 0x50, 0x62, 0x65, 0x66, 0xC4])
def test_the_message_is_at_fault(status):
    assert Statuses().verdict(status) == "failed"


@pytest.mark.parametrize("status", [0x04, 0x08, 0x0D, 0x14, 0x45, 0x58, 0x64, 0xFE, 0xFF])
def test_the_smsc_the_session_or_the_account_is(status):
    assert Statuses().verdict(status) == "retry"


@pytest.mark.parametrize("status", [0x09, 0x10, 0x100, 0x3FF, 0x400, 0x4FF, 0x500, 0xFFFFFFFF])
def test_what_nobody_names_may_pass(status):
    assert Statuses().verdict(status) == "retry"


def test_who_asks_to_slow_down_does_not_fail_the_text():
    assert {Statuses().verdict(status) for status in SLOW_DOWN} == {"retry"}


def test_the_operators_ranges_outrank_the_table_and_permanent_outranks_temporary():
    statuses = Statuses(permanent=((0x400, 0x43F), (0x64, 0x64)), temporary=((0x01, 0x0B), (0x43F, 0x44F)))
    expected = {0x3FF: "retry", 0x400: "failed", 0x43F: "failed", 0x440: "retry", 0x64: "failed", 0x0B: "retry"}
    assert {status: statuses.verdict(status) for status in expected} == expected
