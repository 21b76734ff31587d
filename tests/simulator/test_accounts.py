"""Accounts from the command line and from a file, and what is said of a wrong one."""

import textwrap
from pathlib import Path

import pytest

from simulator import accounts
from simulator.accounts import Account, BadAccounts, account_of, accounts_of, load_accounts

WHOLE = """
[[account]]
system_id = "acme"
password = "secret"
binds = ["transceiver", "receiver"]
sessions_max = 2
window = 10
rate_per_s = 12.5
burst = 20
answer_s = 0.02
receipts = "decimal"
numbers = ["1330", "1331"]

[[account]]
system_id = "open"

[lists]
staff = ["+31610000001", "+31610000002"]
"""


def load(tmp_path, text):
    path = tmp_path / "accounts.toml"
    path.write_text(text, encoding="utf-8")
    return load_accounts(path)


def test_a_file_is_read_whole(tmp_path):
    found, lists = load(tmp_path, WHOLE)
    assert found["acme"] == Account(
        system_id="acme",
        password="secret",
        binds=frozenset({"transceiver", "receiver"}),
        sessions_max=2,
        window=10,
        rate_per_s=12.5,
        burst=20,
        answer_s=0.02,
        receipts="decimal",
        numbers=("1330", "1331"),
    )
    assert found["open"] == Account(system_id="open")
    assert lists == {"staff": ("+31610000001", "+31610000002")}


def test_the_samples_in_the_documents_are_read(tmp_path):
    sample = textwrap.dedent(accounts.__doc__.partition("file.\n\n")[2].partition("All faults")[0])
    assert load(tmp_path, sample).accounts["acme"].binds == frozenset({"transceiver"})
    page = (Path(__file__).parents[2] / "docs" / "smsc.md").read_text(encoding="utf-8")
    sample = page.partition("```toml\n[[account]]")[2].partition("```")[0]
    assert load(tmp_path, "[[account]]" + sample).lists["staff"] == ("+31610000001", "+31610000002")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["at least one [[account]] is needed"]),
        ("account = 3", ["at least one [[account]] is needed"]),
        ("[[account]]", ["account 1: system_id: is needed"]),
        ('[[account]]\nsystem_id = "x"\n[other]', ["other: unknown; allowed are account and lists"]),
        ('[[account]]\nsystem_id = "x"\nwindw = 3', ["account 1 (x): windw: unknown; did you mean window?"]),
        ('[[account]]\nsystem_id = "x"\nzzz = 3', ["account 1 (x): zzz: unknown"]),
        ('[[account]]\nsystem_id = "1234567890123456"', ["found '1234567890123456', allowed: 1 to 15"]),
        ("[[account]]\nsystem_id = 5", ["account 1: system_id: found 5"]),
        ('[[account]]\nsystem_id = "x"\nrate_per_s = -1', ["rate_per_s: found -1, allowed: a number of at least 0"]),
        ('[[account]]\nsystem_id = "x"\nwindow = 1.5', ["window: found 1.5, allowed: a whole number"]),
        ('[[account]]\nsystem_id = "x"\nwindow = true', ["window: found True"]),
        ('[[account]]\nsystem_id = "x"\nanswer_s = inf', ["answer_s: found inf"]),
        ('[[account]]\nsystem_id = "x"\nreceipts = "dec"', ["receipts: found 'dec', allowed: standard, hex, decimal"]),
        ('[[account]]\nsystem_id = "x"\nbinds = ["both"]', ["binds: found ['both'], allowed: a list of receiver"]),
        ('[[account]]\nsystem_id = "x"\nbinds = []', ["binds: found []"]),
        ('[[account]]\nsystem_id = "x"\nnumbers = "1330"', ["numbers: found '1330', allowed: a list of addresses"]),
        (
            '[[account]]\nsystem_id = "x"\n[[account]]\nsystem_id = "x"',
            ["account 2 (x): system_id: stands"],
        ),
        ('lists = 3\n[[account]]\nsystem_id = "x"', ["lists: a table of names and numbers is needed"]),
        (
            '[[account]]\nsystem_id = "x"\n[lists]\na = ["316"]',
            ["lists: a: found ['316'], allowed: a list"],
        ),
        (
            '[[account]]\nsystem_id = "x"\n[lists]\n"é" = ["+316"]',
            ["lists: é: a name has at most 20"],
        ),
        ("[[account", ["Expected ']]'"]),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, text, told):
    with pytest.raises(BadAccounts) as caught:
        load(tmp_path, text)
    for piece in told:
        assert piece in str(caught.value)
    assert all(line.startswith(str(tmp_path)) for line in str(caught.value).splitlines())


def test_all_faults_come_at_once_and_a_password_never(tmp_path):
    text = '[[account]]\nsystem_id = "x"\npassword = "waytoolong"\nwindow = -1\n[[account]]\nburst = "many"\n'
    with pytest.raises(BadAccounts) as caught:
        load(tmp_path, text)
    assert len(str(caught.value).splitlines()) == 4
    assert "waytoolong" not in str(caught.value)
    assert "password: allowed: at most 8" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BadAccounts, match="No such file"):
        load_accounts(tmp_path / "none.toml")


def test_a_password_alone_is_an_account_without_limits():
    assert account_of("esme:pa:ss") == Account(system_id="esme", password="pa:ss")
    whole = Account(system_id="b", window=1)
    assert accounts_of({"a": "pw", "b": whole}) == {"a": Account(system_id="a", password="pw"), "b": whole}


@pytest.mark.parametrize("text", ["nocolon", ":pw", "1234567890123456:pw", "a:123456789", "é:pw", "a\n:pw"])
def test_what_is_no_account(text):
    with pytest.raises(ValueError, match="SYSTEM_ID:PASSWORD"):
        account_of(text)


def test_a_password_is_not_in_a_repr():
    assert "hidden" not in repr(Account(system_id="a", password="hidden"))
