"""config.toml and the environment → frozen values, or every fault at once."""

import tomllib
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from gateway import tariffs
from gateway.config import BadConfig, Config, Fault
from gateway.settings import SECTIONS
from handlers.policy import NOTIFICATIONS, Policy
from handlers.shortcodes import COMMANDS, STATES

ROOT = Path(__file__).parents[2]
SAMPLE = tariffs.load(tariffs.PACKAGED).tariffs


@pytest.fixture
def write(tmp_path):
    def write_config(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_config


def faults_of(path: Path, environ: dict[str, str] | None = None) -> list[Fault]:
    with pytest.raises(BadConfig) as caught:
        Config.load(path, environ or {})
    return caught.value.faults


def keys_of(path: Path, environ: dict[str, str] | None = None) -> list[str]:
    return [fault.key for fault in faults_of(path, environ)]


class TestTheFileOfTheProject:
    def test_it_loads(self):
        config = Config.load(ROOT / "config.toml", {})
        assert (config.service.number, config.http.port, config.smpp.window) == ("1330", 8330, 64)
        assert config.overrides == ()

    @pytest.mark.parametrize("name", SECTIONS)
    def test_it_shows_every_key_with_its_default(self, name):
        shown = tomllib.loads((ROOT / "config.toml").read_text(encoding="utf-8"))[name]
        assert set(shown) == set(SECTIONS[name].model_fields)
        assert SECTIONS[name].model_validate(shown).model_dump() == SECTIONS[name]().model_dump()

    def test_it_says_of_every_reading_what_it_is(self):
        """One line a key; an id in it names the question that it answers."""
        text = (ROOT / "config.toml").read_text(encoding="utf-8")
        section = text[text.index("[policy]") : text.index("[policy.notifications]")].splitlines()[1:]
        lines = dict(line.partition(" = ")[::2] for line in section if line)
        assert set(lines) == set(SECTIONS["policy"].model_fields) - {"notifications"}
        alone = {key for key, rest in lines.items() if "#" not in rest}
        assert alone == {"unknown_reply_per_day"}  # with the line above it

    def test_an_empty_file_is_all_defaults(self, write):
        config = Config.load(write(""), {})
        assert config.clock.start == datetime(2026, 11, 2, 8, tzinfo=UTC)
        assert config.rules.unblock_words[0] == "DOORGAAN"


class TestFaults:
    @pytest.mark.parametrize(
        ("section", "line", "key"),
        [
            ("service", 'number = "13x"', "number"),
            ("service", "number = 1330", "number"),
            ("service", 'timezone = "Europe/Amsterdm"', "timezone"),
            ("service", 'timezone = "../etc/passwd"', "timezone"),
            ("service", "vat_pct = 101", "vat_pct"),
            ("service", 'language = "Dutch"', "language"),
            ("http", "port = 65536", "port"),
            ("http", "port = true", "port"),
            ("http", 'host = ""', "host"),
            ("smpp", "port = 0", "port"),
            ("smpp", 'port = "2775"', "port"),
            ("smpp", 'system_id = "sixteen-letters!"', "system_id"),
            ("smpp", 'password = "ninechars"', "password"),
            ("smpp", 'bind = "both"', "bind"),
            ("smpp", "window = 0", "window"),
            ("smpp", "window = 1001", "window"),
            ("smpp", "enquire_link_s = 0", "enquire_link_s"),
            ("smpp", "response_timeout_s = -1", "response_timeout_s"),
            ("smpp", "reconnect_min_s = inf", "reconnect_min_s"),
            ("smpp", "reconnect_max_s = 0.1", "reconnect_max_s"),
            ("smpp", "retry_max_s = 0.1", "retry_max_s"),
            ("smpp", "tls = 1", "tls"),
            ("store", 'url = "postgres://db"', "url"),
            ("store", 'url = "sqlite:///"', "url"),
            ("store", 'url = "sqlite:///:memory:"', "url"),
            ("network", 'url = "ftp://network"', "url"),
            ("clock", 'mode = "real"', "mode"),
            ("clock", "start = 2026-11-02T09:00:00", "start"),
            ("clock", 'start = "tomorrow"', "start"),
            ("policy", 'cost_block_scope = "world"', "cost_block_scope"),
            ("policy", "reentry_quiet_s = -1", "reentry_quiet_s"),
            ("policy", "late_until_day = 31", "late_until_day"),
            ("policy", "gb_bytes = 1000", "gb_bytes"),
            ("policy", "unblock_words = []", "unblock_words"),
            ("policy", 'unblock_words = ["JA GRAAG"]', "unblock_words"),
            ("policy", 'unblock_words = ["INFO"]', "unblock_words"),
            ("policy", 'unblock_words = ["NEE"]', "unblock_words"),
            ("policy", 'decline_words = ["HELP"]', "decline_words"),
            ("policy", "second_warning_pct = 80", "second_warning_pct"),
            ("policy", "courtesy_pcts = [500, 300]", "courtesy_pcts"),
            ("policy", "lift_within_min = 0", "lift_within_min"),
            ("policy", 'info_url = "roam.example/"', "info_url"),
            ("policy", 'notifications = { cost_80 = "UIT" }', "notifications.cost_80"),
            ("policy", 'notifications = { cost_08 = "LIMIET" }', "notifications.cost_08"),
            ("control", 'kill_at = "here and there"', "kill_at"),
            ("log", 'format = "xml"', "format"),
            ("log", 'level = "trace"', "level"),
        ],
    )
    def test_each_is_told_with_its_place(self, write, section, line, key):
        path = write(f"[{section}]\n{line}\n")
        fault, *more = faults_of(path)
        assert (fault.file, fault.key) == (str(path), f"{section}.{key}")
        assert fault.found
        assert fault.allowed
        assert not more

    @pytest.mark.parametrize("key", ["unblock_words", "decline_words"])
    @pytest.mark.parametrize("word", sorted({*STATES, *(word.upper() for word in COMMANDS if " " not in word)}))
    def test_6_1_a_word_of_a_shortcode_lifts_and_declines_nothing(self, write, key, word):
        (fault,) = faults_of(write(f'[policy]\n{key} = ["{word.lower()}"]\n'))
        assert (fault.key, fault.found) == (f"policy.{key}", f'"{word}"')

    def test_the_message_says_what_was_found_and_what_is_allowed(self, write):
        path = write("[smpp]\nport = 70000\n")
        (fault,) = faults_of(path)
        assert str(fault) == (f"{path}: smpp.port: found 70000; allowed: a whole number, at least 1, at most 65535")

    def test_all_come_at_once_also_those_between_keys_of_a_faulty_section(self, write):
        path = write('[smpp]\nport = -1\npassword = "far too long"\n[log]\nlevel = "loud"\n[http]\nprot = 1\n')
        assert keys_of(path, {"GATEWAY__CLOCK__MODE": "fast"}) == [
            "http.prot",
            "smpp.port",
            "smpp.password",
            "GATEWAY__CLOCK__MODE",
            "log.level",
        ]

    def test_an_unknown_key_names_the_nearest(self, write):
        (fault,) = faults_of(write("[smpp]\nenquire_link = 30\n"))
        assert fault.found == "unknown key"
        assert "did you mean enquire_link_s?" in fault.allowed

    def test_an_unknown_kind_names_the_nearest(self, write):
        (fault,) = faults_of(write('[policy.notifications]\ncost80 = "LIMIET"\n'))
        assert "did you mean cost_80?" in fault.allowed

    def test_unknown_sections_and_loose_keys(self, write):
        assert keys_of(write("port = 1\nhttp = 2\n[sms]\nx = 1\n")) == ["port", "http", "sms"]

    def test_a_file_that_is_not_there(self, tmp_path):
        (fault,) = faults_of(tmp_path / "none.toml")
        assert fault.file.endswith("none.toml")
        assert "No such file" in fault.found

    def test_what_is_not_toml_is_told_with_its_line(self, write):
        (fault,) = faults_of(write("[http]\nport 8330\n"))
        assert "line 2" in fault.found

    def test_what_is_not_utf8(self, tmp_path):
        path = tmp_path / "config.toml"
        path.write_bytes(b"# caf\xe9\n")
        (fault,) = faults_of(path)
        assert fault.found == "not UTF-8"

    @pytest.mark.parametrize(
        "line",
        [
            *(f"second_warning_pct = {pct}" for pct in (-1, 1, 99, 100, 200, 201)),
            *("second_warning_pct = true", 'second_warning_pct = "180"', "second_warning_pct = 150.5"),
            *("courtesy_pcts = [200]", "courtesy_pcts = [500, 300]", "courtesy_pcts = [300, 300]"),
            *("courtesy_pcts = [0]", "courtesy_pcts = [-300]", "courtesy_pcts = 300", "courtesy_pcts = [300.5]"),
            *('courtesy_pcts = ["300"]', "notify_reset = 1", 'notify_reset = "yes"'),
            *("period_lift_spread_s = -1", "period_lift_spread_s = 90000", "period_lift_spread_s = 0.5"),
        ],
    )
    def test_an_option_with_a_value_that_makes_no_sense(self, write, line):
        key = line.partition(" ")[0]
        (fault,) = faults_of(write(f"[policy]\n{line}\n"))
        assert fault.key.startswith(f"policy.{key}")
        assert fault.allowed

    def test_the_message_of_an_option_names_its_range(self, write):
        path = write("[policy]\nsecond_warning_pct = 200\ncourtesy_pcts = [500, 300]\n")
        assert [str(fault).removeprefix(f"{path}: ") for fault in faults_of(path)] == [
            "policy.second_warning_pct: found 200; allowed: 0 (off) or 101 to 199",
            "policy.courtesy_pcts: found [500, 300]; allowed: percentages above 200, ascending",
        ]

    def test_fault_points_need_the_virtual_clock(self, write):
        text = '[control]\nkill_at = "after_event_commit:3"\ndb_fault = "locked"\n'
        assert keys_of(write(text)) == ["control.kill_at", "control.db_fault"]
        config = Config.load(write(text + '[clock]\nmode = "virtual"\n'), {})
        assert config.control.kill_at == "after_event_commit:3"


class TestWhoMayListen:
    """Beyond loopback only with every token and TLS; no combination gets around it."""

    @pytest.mark.parametrize(
        ("host", "token", "cert", "key"),
        list(product(["127.0.0.1", "::1", "localhost", "0.0.0.0", "gateway.lan"], *[[False, True]] * 3)),  # noqa: S104
    )
    def test_start_matrix(self, tmp_path, write, host, token, cert, key):  # noqa: PLR0917 - the columns of the table
        lines = ["[http]", f'host = "{host}"']
        if token:
            lines += [f'{name}_token = "t-0123456789"' for name in ("events", "portal", "control")]
        for given, name in ((cert, "tls_cert_file"), (key, "tls_key_file")):
            if given:
                (tmp_path / name).write_text("PEM", encoding="utf-8")
                lines.append(f'{name} = "{name}"')
        path = write("\n".join(lines))
        loopback = host in ("127.0.0.1", "::1", "localhost")
        expected = [f"http.{name}" for given, name in ((cert, "tls_cert_file"), (key, "tls_key_file")) if not given]
        if loopback and not (cert or key):
            expected = []
        if not loopback and not token:
            expected += [f"http.{name}_token" for name in ("events", "portal", "control")]
        if expected:
            assert keys_of(path) == expected
        else:
            assert Config.load(path, {}).http.loopback is loopback

    def test_one_token_missing_is_enough(self, write):
        text = '[http]\nhost = "10.0.0.1"\nevents_token = "a"\nportal_token = "b"\n'
        assert "http.control_token" in keys_of(write(text))

    def test_a_tls_file_must_exist(self, write):
        text = '[http]\ntls_cert_file = "no.pem"\ntls_key_file = "no.key"\n'
        assert keys_of(write(text)) == ["http.tls_cert_file", "http.tls_key_file"]


class TestEnvironment:
    @pytest.mark.parametrize(
        ("variable", "value", "section", "key", "expected"),
        [
            ("GATEWAY__SMPP__PORT", "2776", "smpp", "port", 2776),
            ("GATEWAY__SMPP__TLS", "true", "smpp", "tls", True),
            ("GATEWAY__SMPP__RECONNECT_MIN_S", "0.05", "smpp", "reconnect_min_s", 0.05),
            ("GATEWAY__SMPP__SYSTEM_ID", "esme", "smpp", "system_id", "esme"),
            ("GATEWAY__SMPP__SYSTEM_ID", '"esme"', "smpp", "system_id", "esme"),
            ("GATEWAY__SERVICE__NUMBER", "1331", "service", "number", "1331"),
            ("gateway__log__level", "debug", "log", "level", "debug"),
            ("GATEWAY__NETWORK__URL", "http://127.0.0.1:9/x", "network", "url", "http://127.0.0.1:9/x"),
            ("GATEWAY__POLICY__UNBLOCK_WORDS", '["ga", "JA"]', "rules", "unblock_words", ("GA", "JA")),
            (
                "GATEWAY__POLICY__NOTIFICATIONS__COST_80",
                "mandatory",
                "rules",
                "notifications",
                {"cost_80": "mandatory"},
            ),
            (
                "GATEWAY__CLOCK__START",
                "2026-03-29T01:30:00+01:00",
                "clock",
                "start",
                datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
            ),
        ],
    )
    def test_a_variable_overrides_a_key(  # noqa: PLR0917 - the columns of the table
        self, write, variable, value, section, key, expected
    ):
        config = Config.load(write("[smpp]\nport = 1\n"), {variable: value, "PATH": "/bin", "GATEWAY_LOG_KEY": "k"})
        assert getattr(getattr(config, section), key) == expected
        assert config.overrides == (variable,)

    def test_a_password_of_digits_stays_as_typed(self, write):
        config = Config.load(write(""), {"GATEWAY__SMPP__PASSWORD": "1_0"})
        assert config.smpp.password.get_secret_value() == "1_0"

    def test_text_cannot_smuggle_in_a_second_key(self, write):
        environ = {"GATEWAY__SMPP__PORT": "1\nwindow = 5"}
        assert keys_of(write(""), environ) == ["GATEWAY__SMPP__PORT"]

    @pytest.mark.parametrize(
        "variable", ["GATEWAY__SMS__PORT", "GATEWAY__SMPP", "GATEWAY__SMPP__", "GATEWAY__SMPP__PROT"]
    )
    def test_a_variable_for_nothing_is_a_fault(self, write, variable):
        (fault,) = faults_of(write(""), {variable: "1"})
        assert (fault.file, fault.key) == ("environment", variable)

    def test_one_kind_is_overridden_and_the_file_keeps_the_others(self, write):
        path = write('[policy.notifications]\nusage_80 = "LIMIET"\n')
        config = Config.load(path, {"GATEWAY__POLICY__NOTIFICATIONS__COST_80": "INFO"})
        assert config.rules.notifications == {"usage_80": "LIMIET", "cost_80": "INFO"}


class TestSecrets:
    SECRET = "hunter2!"

    def test_none_shows(self, write):
        config = Config.load(
            write(f'[smpp]\npassword = "{self.SECRET}"\n[http]\nevents_token = "{self.SECRET}"\n'), {}
        )
        assert self.SECRET not in repr(config)
        assert self.SECRET not in str(config.smpp)
        assert self.SECRET not in config.smpp.model_dump_json()
        assert config.secrets() == (self.SECRET, self.SECRET)

    @pytest.mark.parametrize("value", ['"hunter2hunter2"', "20080911"])
    def test_none_shows_in_a_fault(self, write, value):
        with pytest.raises(BadConfig) as caught:
            Config.load(write(f"[smpp]\npassword = {value}\n"), {})
        assert value.strip('"') not in str(caught.value)
        assert "(hidden)" in str(caught.value)

    @pytest.mark.parametrize(
        ("section", "key"),
        [("smpp", "password"), ("http", "events_token"), ("http", "portal_token"), ("http", "control_token")],
    )
    def test_one_may_come_from_a_file_beside_the_config(self, tmp_path, write, section, key):
        (tmp_path / "secret.txt").write_text(f"{self.SECRET}\n", encoding="utf-8")
        config = Config.load(write(f'[{section}]\n{key}_file = "secret.txt"\n'), {})
        assert getattr(getattr(config, section), key).get_secret_value() == self.SECRET

    def test_the_environment_outranks_the_files_file(self, tmp_path, write):
        (tmp_path / "secret.txt").write_text("other", encoding="utf-8")
        path = write('[smpp]\npassword_file = "secret.txt"\n')
        config = Config.load(path, {"GATEWAY__SMPP__PASSWORD": self.SECRET})
        assert config.smpp.password.get_secret_value() == self.SECRET

    def test_a_file_named_by_the_environment_outranks_the_key(self, tmp_path, write):
        (tmp_path / "secret.txt").write_text(self.SECRET, encoding="utf-8")
        config = Config.load(write('[smpp]\npassword = "other"\n'), {"GATEWAY__SMPP__PASSWORD_FILE": "secret.txt"})
        assert config.smpp.password.get_secret_value() == self.SECRET

    @pytest.mark.parametrize("content", [None, "", "\n"])
    def test_a_file_without_it_is_a_fault(self, tmp_path, write, content):
        if content is not None:
            (tmp_path / "secret.txt").write_text(content, encoding="utf-8")
        assert keys_of(write('[http]\nevents_token_file = "secret.txt"\n')) == ["http.events_token_file"]


class TestPaths:
    def test_relative_ones_start_at_the_config_file(self, tmp_path, write, monkeypatch):
        path = write('[store]\nurl = "sqlite:///data/g.db"\n[templates]\nfolder = "t"\n[tariffs]\nfile = "s.toml"\n')
        monkeypatch.chdir("/")
        config = Config.load(path, {})
        assert config.store.path == tmp_path / "data/g.db"
        assert (config.templates.folder, config.tariffs.file) == (str(tmp_path / "t"), str(tmp_path / "s.toml"))

    def test_the_default_database_too(self, tmp_path, write):
        assert Config.load(write(""), {}).store.path == tmp_path / "gateway.db"

    def test_absolute_ones_stay(self, write):
        assert Config.load(write('[store]\nurl = "sqlite:////var/g.db"\n'), {}).store.path == Path("/var/g.db")

    def test_a_relative_config_path(self, tmp_path, write, monkeypatch):
        write("")
        monkeypatch.chdir(tmp_path)
        assert Config.load(Path("config.toml"), {}).store.path == tmp_path / "gateway.db"


class TestPolicy:
    def test_the_defaults_are_those_of_the_rules(self, write):
        assert Config.load(write(""), {}).policy(SAMPLE).__class__ is Policy
        built, plain = Config.load(write(""), {}).policy(SAMPLE), Policy(SAMPLE)
        for name in Policy.__dataclass_fields__:
            if name != "version":
                assert getattr(built, name) == getattr(plain, name), name

    def test_every_setting_arrives(self, write):
        text = """
            [service]
            number = "1331"
            timezone = "Europe/Brussels"
            vat_pct = 20
            [policy]
            cost_block_scope = "out_of_bundle"
            cap_scope = "subscription"
            reentry_quiet_s = 0
            late_until_day = 10
            gb_bytes = 1073741824
            mo_repeat_s = 5
            unblock_words = ["verder"]
            decline_words = []
            border_long_form = true
            unknown_reply_per_hour = 2
            unknown_reply_per_day = 4
            lift_within_min = 5
            second_warning_pct = 180
            courtesy_pcts = [300, 500]
            notify_reset = true
            period_lift_spread_s = 0
            info_url = "tarief.example/x"
        """
        config = Config.load(write(text), {})
        policy = config.policy(SAMPLE)
        assert (policy.service_number, policy.timezone.key, policy.vat_pct) == ("1331", "Europe/Brussels", 20)
        assert policy.unblock_words == {"VERDER"}
        assert policy.decline_words == frozenset()
        for name in ("cost_block_scope", "cap_scope", "reentry_quiet_s", "late_until_day", "gb_bytes", "mo_repeat_s"):
            assert getattr(policy, name) == getattr(config.rules, name) != getattr(Policy(SAMPLE), name)
        for name in ("second_warning_pct", "courtesy_pcts", "notify_reset", "period_lift_spread_s"):
            assert getattr(policy, name) == getattr(config.rules, name) != getattr(Policy(SAMPLE), name)
        for name in ("border_long_form", "unknown_reply_per_hour", "unknown_reply_per_day", "lift_within_min"):
            assert getattr(policy, name) == getattr(config.rules, name) != getattr(Policy(SAMPLE), name)
        assert policy.info_url == "tarief.example/x"

    def test_an_override_changes_who_controls_a_kind_and_nothing_else(self, write):
        policy = Config.load(write('[policy.notifications]\ncost_80 = "mandatory"\n'), {}).policy(SAMPLE)
        changed = {kind for kind, rule in policy.notifications.items() if rule != NOTIFICATIONS[kind]}
        assert changed == {"cost_80"}
        assert policy.notifications["cost_80"].control == "mandatory"
        assert policy.notifications["cost_80"].fields == NOTIFICATIONS["cost_80"].fields

    def test_the_version_tells_settings_apart(self, write):
        versions = {
            Config.load(write(text), {}).policy(SAMPLE).version
            for text in ("", "[policy]\nmo_repeat_s = 31\n", "[service]\nvat_pct = 20\n", "[smpp]\nport = 5\n")
        }
        assert len(versions) == 3
