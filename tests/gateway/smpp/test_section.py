"""Section [smpp]: the keys of sessions, pace, statuses and TLS; what is wrong is told by key and found value."""

import dataclasses
import tomllib
from pathlib import Path

import pytest

from gateway.app import _smpp_settings
from gateway.check import check
from gateway.config import BadConfig, Config
from gateway.smpp.settings import SmppSettings

FILES = Path(__file__).parent / "certificates"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def load(tmp_path):
    def _load(text, **environ):
        path = tmp_path / "config.toml"
        path.write_text(f"[smpp]\n{text}\n", encoding="utf-8")
        return Config.load(path, environ).smpp

    return _load


@pytest.fixture
def faults(load):
    def _faults(text, **environ):
        with pytest.raises(BadConfig) as caught:
            load(text, **environ)
        return {fault.key: (fault.found, fault.allowed) for fault in caught.value.faults}

    return _faults


def pem(*lines):
    return "tls = true\n" + "\n".join(f'{key} = "{FILES / name}"' for key, name in lines)


def test_every_field_of_the_sessions_is_a_key_and_the_defaults_agree(load):
    section = load("")
    own = {field.name: getattr(section, field.name) for field in dataclasses.fields(SmppSettings)}
    assert SmppSettings(**own | {"password": "secret"}) == SmppSettings()


def test_what_is_set_arrives(tmp_path):
    text = 'bind = "transmitter+receiver"\nbinds = 3\nwindow = 7\nrate_per_s = 50\ninactivity_s = 60\n'
    (tmp_path / "config.toml").write_text(f'[smpp]\npassword = "geheim"\n{text}', encoding="utf-8")
    settings = _smpp_settings(check(tmp_path / "config.toml", {}))
    assert settings == SmppSettings(
        bind="transmitter+receiver", binds=3, window=7, rate_per_s=50, inactivity_s=60, password="geheim"
    )
    assert "geheim" not in repr(settings)


def test_the_file_that_is_delivered_shows_every_key_with_its_default(load):
    shown = tomllib.loads((ROOT / "config.toml").read_text(encoding="utf-8"))["smpp"]
    section = load("").model_dump()
    assert shown.keys() == section.keys()
    for key in shown.keys() - {"password"}:
        assert (tuple(shown[key]) if isinstance(shown[key], list) else shown[key]) == section[key], key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("binds = 0", "binds"),
        ("binds = 17", "binds"),
        ('bind = "receiver+transmitter"', "bind"),
        ("rate_per_s = -1", "rate_per_s"),
        ("rate_burst = 10", "rate_burst"),
        ("session_init_s = 0", "session_init_s"),
        ("inactivity_s = -1", "inactivity_s"),
        ("mo_undecided_max = 0", "mo_undecided_max"),
        ("mo_per_min = -1", "mo_per_min"),
        ('tls_verify = "no"', "tls_verify"),
        ('tls_server_name = "a b"', "tls_server_name"),
    ],
)
def test_bounds(faults, text, key):
    assert list(faults(text)) == [f"smpp.{key}"]


# ------------------------------------------------------------------------------------------------ statuses
def test_statuses_alone_and_in_ranges(load):
    section = load('permanent_statuses = [0x401, "0x440-0x45F", "1025"]\ntemporary_statuses = []')
    assert section.permanent_statuses == ((0x401, 0x401), (0x440, 0x45F), (1025, 1025))
    assert section.temporary_statuses == ()
    section = load("", GATEWAY__SMPP__TEMPORARY_STATUSES='["0x400-0x4FF"]')
    assert section.temporary_statuses == ((0x400, 0x4FF),)


@pytest.mark.parametrize(
    "found", ["[0]", '["0x4FF-0x400"]', '["vendor"]', "[-1]", '["0x100000000"]', "[1.5]", "[true]"]
)
def test_no_statuses(faults, found):
    ((key, (_, allowed)),) = faults(f"permanent_statuses = {found}").items()
    assert (key, allowed) == ("smpp.permanent_statuses", 'statuses above 0, such as 0x401 or "0x400-0x4FF"')


def test_a_status_that_is_no_list(faults):
    assert list(faults("permanent_statuses = 1025")) == ["smpp.permanent_statuses"]


# ------------------------------------------------------------------------------------------------ TLS
def test_files_that_can_be_used(load):
    lines = [("tls_ca_file", "ca.pem"), ("tls_cert_file", "gateway.crt"), ("tls_key_file", "gateway.key")]
    section = load(pem(*lines) + '\ntls_server_name = "smsc.test"')
    assert (section.tls, section.tls_verify, section.tls_server_name) == (True, True, "smsc.test")
    assert section.tls_ca_file == str(FILES / "ca.pem")


def test_nothing_of_tls_without_tls(faults):
    text = 'tls_ca_file = "ca.pem"\ntls_cert_file = "c.pem"\ntls_key_file = "k.pem"\ntls_server_name = "smsc.test"'
    found = faults(text)
    assert list(found) == [f"smpp.tls_{key}" for key in ("ca_file", "cert_file", "key_file", "server_name")]
    assert {allowed for _, allowed in found.values()} == {'nothing (""), because tls is false'}


@pytest.mark.parametrize(
    ("lines", "more", "key", "allowed"),
    [
        ([("tls_ca_file", "none.pem")], "", "tls_ca_file", "a file that exists"),
        ([("tls_ca_file", "gateway.key")], "", "tls_ca_file", "a file of certificates in PEM"),
        ([("tls_cert_file", "gateway.crt")], "", "tls_cert_file", "its key without a passphrase"),
        ([("tls_key_file", "gateway.key")], "", "tls_cert_file", "because tls_key_file is given"),
        ([("tls_ca_file", "ca.pem")], "tls_verify = false", "tls_ca_file", "because tls_verify is false"),
    ],
)
def test_files_that_cannot(faults, lines, more, key, allowed):
    ((found, (_, told)),) = faults(f"{pem(*lines)}\n{more}").items()
    assert found == f"smpp.{key}"
    assert allowed in told
