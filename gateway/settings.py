"""The sections of config.toml: every key with its default, unit and bounds, as one frozen model each.

A rule between fields of one section is in that section's `rules`; rules between sections are in `gateway.config`.
Must not be put here: reading files or the environment.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from gateway.faultpoints import DB_FAULT_NAMES, POINTS
from gateway.smpp.settings import BindAs
from gateway.smpp.tls import broken_files
from handlers.policy import NOTIFICATIONS, Control
from handlers.shortcodes import COMMANDS, STATES

# key of the section, what was found, what is allowed
Broken = tuple[str, object, str]
UNKNOWN_KEY = "unknown key"


def nearest(name: str, among: Mapping[str, Any]) -> str:
    close = get_close_matches(name, among, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _not_allowed(allowed: str) -> PydanticCustomError:
    return PydanticCustomError("not_allowed", "{allowed}", {"allowed": allowed})


def _resolved(text: str, info: ValidationInfo) -> str:
    """A path of the config file, seen from the folder that file is in; "" stays "nothing"."""
    return str(info.context["folder"] / text) if text and info.context else text


def _resolved_url(url: str, info: ValidationInfo) -> str:
    scheme, _, path = url.partition("sqlite:///")
    if scheme or not path or path.startswith(":"):
        raise _not_allowed("sqlite:///PATH")
    return f"sqlite:///{_resolved(path, info)}"


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _instant(value: object) -> object:
    """RFC 3339 text, or the date-time that TOML made of it; without an offset it would not say which instant."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, datetime) or found.tzinfo is None:
        raise _not_allowed("a date-time with offset, such as 2026-11-02T09:00:00+01:00")
    return found


def _words(words: tuple[str, ...]) -> tuple[str, ...]:
    # Texts are compared without accents and case (rules 6.1), so a word with anything else could never match.
    upper = tuple(word.upper() for word in words)
    if not all(re.fullmatch(r"[A-Z0-9]+", word) for word in upper):
        raise _not_allowed("words of the letters A-Z and digits")
    return upper


def _status_ranges(value: object) -> object:
    """Statuses (0x401, "0x401") and ranges of them ("0x400-0x4FF") as pairs, ends included."""
    if not isinstance(value, list | tuple):
        return value
    ranges = []
    for one in value:
        found = re.fullmatch(r"(0[xX][0-9A-Fa-f]{1,8}|\d{1,10})(?:-(0[xX][0-9A-Fa-f]{1,8}|\d{1,10}))?", str(one))
        first = int(found[1], 0) if found else 0
        last = int(found[2], 0) if found and found[2] else first
        if not 0 < first <= last <= 0xFFFFFFFF:
            raise _not_allowed('statuses above 0, such as 0x401 or "0x400-0x4FF"')
        ranges.append((first, last))
    return tuple(ranges)


StatusRanges = Annotated[tuple[tuple[int, int], ...], BeforeValidator(_status_ranges)]
FilePath = Annotated[str, AfterValidator(_resolved)]
Words = Annotated[tuple[str, ...], BeforeValidator(_tuple), AfterValidator(_words)]
Percentages = Annotated[tuple[int, ...], BeforeValidator(_tuple)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Section(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_default=True, allow_inf_nan=False, hide_input_in_errors=True
    )

    def rules(self) -> Iterator[Broken]:
        """What is wrong between the fields of this section."""
        yield from ()


class ServiceSection(Section):
    number: str = Field("1330", pattern=r"^\d{3,8}$", description="3 to 8 digits")
    language: str = Field("nl", pattern=r"^[a-z]{2,3}$", description="a language code such as nl")
    timezone: str = "Europe/Amsterdam"
    vat_pct: int = Field(21, ge=0, le=100)

    def rules(self) -> Iterator[Broken]:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield "timezone", self.timezone, "a zone of the IANA database, such as Europe/Amsterdam"


class HttpSection(Section):
    host: str = Field("127.0.0.1", min_length=1)
    port: int = Field(8330, ge=0, le=65535)
    events_token: SecretStr = SecretStr("")
    events_token_file: FilePath = ""
    portal_token: SecretStr = SecretStr("")
    portal_token_file: FilePath = ""
    control_token: SecretStr = SecretStr("")
    control_token_file: FilePath = ""
    tls_cert_file: FilePath = ""
    tls_key_file: FilePath = ""

    @property
    def loopback(self) -> bool:
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def rules(self) -> Iterator[Broken]:
        for key in ("tls_cert_file", "tls_key_file"):
            path = getattr(self, key)
            if path and not Path(path).is_file():
                yield key, path, "a file that exists"
            elif not path and not self.loopback:
                yield key, "", "a file, because http.host is not a loopback address"
            elif not path and (self.tls_cert_file or self.tls_key_file):
                yield key, "", "a file, because the other half of the pair is given"
        # No token means no authentication, which is for loopback only.
        for key in ("events_token", "portal_token", "control_token"):
            if not self.loopback and not getattr(self, key).get_secret_value():
                yield key, "", "a token, because http.host is not a loopback address"


class SmppSection(Section):
    host: str = Field("127.0.0.1", min_length=1)
    port: int = Field(2775, ge=1, le=65535)
    # SMPP 3.4 §5.2.1: at most 16 octets with the closing NUL
    system_id: str = Field("gateway", pattern=r"^[!-~]{1,15}$", description="1 to 15 ASCII characters")
    password: SecretStr = SecretStr("secret")
    password_file: FilePath = ""
    bind: BindAs = "transceiver"
    binds: int = Field(1, ge=1, le=16)
    window: int = Field(64, ge=1, le=1000)
    rate_per_s: float = Field(0, ge=0, le=1_000_000)
    rate_burst: int = Field(0, ge=0, le=1_000_000)
    session_init_s: Seconds = 30
    enquire_link_s: Seconds = 30
    inactivity_s: float = Field(0, ge=0, le=86_400)
    response_timeout_s: Seconds = 10
    reconnect_min_s: Seconds = 0.5
    reconnect_max_s: Seconds = 30
    retry_min_s: Seconds = 0.5
    retry_max_s: Seconds = 30
    reconcile_s: float = Field(0, ge=0, le=3600)
    permanent_statuses: StatusRanges = ()
    temporary_statuses: StatusRanges = ()
    mo_undecided_max: int = Field(256, ge=1, le=10_000)
    mo_per_min: int = Field(0, ge=0, le=60_000)
    tls: bool = False
    tls_ca_file: FilePath = ""
    tls_cert_file: FilePath = ""
    tls_key_file: FilePath = ""
    tls_server_name: str = Field("", pattern=r"^[A-Za-z0-9.:-]*$", description="a host name")
    tls_verify: bool = True

    def rules(self) -> Iterator[Broken]:
        # SMPP 3.4 §5.2.2: at most 9 octets with the closing NUL
        if not re.fullmatch(r"[!-~]{0,8}", self.password.get_secret_value()):
            yield "password", "(hidden)", "at most 8 ASCII characters (SMPP 3.4 §5.2.2)"
        for what in ("reconnect", "retry"):
            least, most = getattr(self, f"{what}_min_s"), getattr(self, f"{what}_max_s")
            if most < least:
                yield f"{what}_max_s", most, f"at least {what}_min_s ({least:g})"
        if self.rate_burst and not self.rate_per_s:
            yield "rate_burst", self.rate_burst, "0, because rate_per_s is 0 (no bound)"
        yield from self._tls_rules()

    def _tls_rules(self) -> Iterator[Broken]:
        if not self.tls:
            for key in ("tls_ca_file", "tls_cert_file", "tls_key_file", "tls_server_name"):
                if getattr(self, key):
                    yield key, getattr(self, key), 'nothing (""), because tls is false'
            return
        if self.tls_key_file and not self.tls_cert_file:
            yield "tls_cert_file", "", "a file, because tls_key_file is given"
        if self.tls_ca_file and not self.tls_verify:
            yield "tls_ca_file", self.tls_ca_file, 'nothing (""), because tls_verify is false'
        for which, found, allowed in broken_files(self.tls_ca_file, self.tls_cert_file, self.tls_key_file):
            yield f"tls_{which}_file", found, allowed


class StoreSection(Section):
    url: Annotated[str, AfterValidator(_resolved_url)] = "sqlite:///gateway.db"

    @property
    def path(self) -> Path:
        """The database file."""
        return Path(self.url.removeprefix("sqlite:///"))


class NetworkSection(Section):
    url: str = Field("", pattern=r"^(https?://[^\s/]\S*)?$", description='"" or an http(s) address')


class ClockSection(Section):
    mode: Literal["system", "virtual", "shifted"] = "system"
    start: Annotated[datetime, BeforeValidator(_instant)] = datetime.fromisoformat("2026-11-02T09:00:00+01:00")


class PolicySection(Section):
    """`[policy]`: the readings of the ambiguous rules, each a field of `handlers.policy.Policy`."""

    cost_block_scope: Literal["outside_eu", "out_of_bundle"] = "outside_eu"
    cap_scope: Literal["category", "subscription"] = "category"
    reentry_quiet_s: int = Field(14_400, ge=0)
    late_until_day: int = Field(15, ge=1, le=28)
    ahead_max_s: int = Field(300, ge=0, le=3600)
    gb_bytes: int = Field(1_000_000_000, ge=1_000_000_000, le=1_073_741_824)
    mo_repeat_s: int = Field(30, ge=0)
    unblock_words: Words = Field(("DOORGAAN", "JA", "YES", "VERDER", "CONTINUE", "DEBLOKKEER"), min_length=1)
    decline_words: Words = ("NEE", "NO")
    second_warning_pct: int = 0
    courtesy_pcts: Percentages = ()
    notify_reset: bool = False
    period_lift_spread_s: int = Field(600, ge=0, le=86_400)
    border_long_form: bool = False
    unknown_reply_per_hour: int = Field(1, ge=0)
    unknown_reply_per_day: int = Field(3, ge=0)
    lift_within_min: int = Field(15, ge=1, le=99)
    info_url: str = Field(
        "roam.example", pattern=r"^[a-z0-9./:-]*[a-z0-9]$", description="an address without a final /"
    )
    notifications: Mapping[str, Control] = Field(default_factory=dict)

    def rules(self) -> Iterator[Broken]:
        # Rules 6.1: a shortcode is read before these words, so one that is both would never lift or decline.
        reserved = {*STATES, *(word.upper() for text in COMMANDS for word in text.split())}
        for word in self.unblock_words:
            if word in {*reserved, *self.decline_words}:
                yield "unblock_words", word, "a word that is not a shortcode and not one of decline_words"
        yield from (("decline_words", word, "no shortcode") for word in self.decline_words if word in reserved)
        # Q9, Q10: levels of the ladder, which the description leaves out.
        if self.second_warning_pct and not 100 < self.second_warning_pct < 200:
            yield "second_warning_pct", self.second_warning_pct, "0 (off) or 101 to 199"
        if list(self.courtesy_pcts) != sorted({pct for pct in self.courtesy_pcts if pct > 200}):
            yield "courtesy_pcts", list(self.courtesy_pcts), "percentages above 200, ascending"
        for kind in self.notifications:
            if kind not in NOTIFICATIONS:
                yield f"notifications.{kind}", UNKNOWN_KEY, f"a notification kind{nearest(kind, NOTIFICATIONS)}"


class TemplateSection(Section):
    folder: FilePath = ""


class TariffSection(Section):
    file: FilePath = ""


class ControlSection(Section):
    kill_at: str = ""
    db_fault: str = ""

    def rules(self) -> Iterator[Broken]:
        for key, names in (("kill_at", POINTS), ("db_fault", DB_FAULT_NAMES)):
            value = getattr(self, key)
            if value and not re.fullmatch(rf"({'|'.join(names)})(:[1-9]\d*)?", value):
                yield key, value, f'"" or one of {", ".join(names)}, with :n for its n-th passing'


class LogSection(Section):
    format: Literal["json", "console"] = "json"
    level: Literal["debug", "info", "warning", "error"] = "info"


SECTIONS: Mapping[str, type[Section]] = {
    "service": ServiceSection,
    "http": HttpSection,
    "smpp": SmppSection,
    "store": StoreSection,
    "network": NetworkSection,
    "clock": ClockSection,
    "policy": PolicySection,
    "templates": TemplateSection,
    "tariffs": TariffSection,
    "control": ControlSection,
    "log": LogSection,
}
