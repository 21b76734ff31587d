"""config.toml and the environment, read once, wholly, into frozen values; every fault is told at once.

`gateway.settings` says what each section may hold; rules between sections are here, in `_across`.
A variable `GATEWAY__SECTION__KEY` overrides a key: its value is read as TOML, else as text. Relative paths are
relative to the config file, whoever named them. A secret may come from a file (`*_file`); no secret is ever shown,
not in a repr and not in a fault.
`Fault` and `BadConfig` are the operator's faults, also those of the tariff sheet and the language files.
Must not be put here: reading the environment later on; what a part does with its section.
"""

import hashlib
import json
import tomllib
import types
from collections import abc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from zoneinfo import ZoneInfo

from annotated_types import Ge, Gt, Le, MinLen
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticUndefined

from gateway.settings import (
    SECTIONS,
    UNKNOWN_KEY,
    Broken,
    ClockSection,
    ControlSection,
    HttpSection,
    LogSection,
    NetworkSection,
    PolicySection,
    Section,
    ServiceSection,
    SmppSection,
    StoreSection,
    TariffSection,
    TemplateSection,
    nearest,
)
from handlers.policy import NOTIFICATIONS, NotificationRule, Policy, Tariffs

DEFAULT_FILE = Path("config.toml")
ENVIRONMENT_PREFIX = "GATEWAY__"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to correct: where it is, what was found there and what is allowed."""

    file: str
    key: str
    found: str
    allowed: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.key}" if self.key else self.file
        return f"{place}: found {self.found}; allowed: {self.allowed}"


class BadConfig(Exception):  # noqa: N818 - named for whose fault it is
    """The operator has something to correct; `faults` is never empty."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration. `rules` is the section `[policy]`; `overrides` names the variables that were set."""

    path: Path
    overrides: tuple[str, ...]
    service: ServiceSection
    http: HttpSection
    smpp: SmppSection
    store: StoreSection
    network: NetworkSection
    clock: ClockSection
    rules: PolicySection
    templates: TemplateSection
    tariffs: TariffSection
    control: ControlSection
    log: LogSection

    @classmethod
    def load(cls, path: Path, environ: Mapping[str, str]) -> "Config":
        """Read `path` and the environment over it; raises `BadConfig` with every fault."""
        found = read(path, environ)
        if found.faults:
            raise BadConfig(found.faults)
        return found.config()

    def policy(self, tariffs: Tariffs) -> Policy:
        return policy_of(self.service, self.rules, tariffs)

    def secrets(self) -> tuple[str, ...]:
        """Every secret value that is set: what no line of the log may hold."""
        held = [getattr(section, key) for section in (self.http, self.smpp) for key in _secret_keys(type(section))]
        return tuple(value for secret in held if (value := secret.get_secret_value()))


def policy_of(service: ServiceSection, rules: PolicySection, tariffs: Tariffs) -> Policy:
    """The operator's rules as handlers take them; the version is a fingerprint of every setting that decides."""
    settings = rules.model_dump(mode="json") | service.model_dump(mode="json")
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    own = {name: getattr(rules, name) for name in PolicySection.model_fields}
    changed: dict[str, NotificationRule] = {
        kind: replace(NOTIFICATIONS[kind], control=control)
        for kind, control in rules.notifications.items()
        if kind in NOTIFICATIONS
    }
    own |= {
        "unblock_words": frozenset(rules.unblock_words),
        "decline_words": frozenset(rules.decline_words),
        "notifications": types.MappingProxyType({**NOTIFICATIONS, **changed}),
    }
    return Policy(
        tariffs=tariffs,
        version=digest[:8],
        service_number=service.number,
        timezone=ZoneInfo(service.timezone),
        vat_pct=service.vat_pct,
        **own,
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read: the sections without a fault, and the faults of the others."""

    path: Path
    overrides: tuple[str, ...]
    sections: Mapping[str, Any]
    faults: list[Fault]

    def config(self) -> Config:
        named = {("rules" if name == "policy" else name): section for name, section in self.sections.items()}
        return Config(path=self.path, overrides=self.overrides, **named)


def read(path: Path, environ: Mapping[str, str]) -> Reading:
    """Every section judged by itself, so that the fault of one does not hide those of another."""
    faults: list[Fault] = []
    raw = _tables(path, faults)
    origin = _override(raw, environ, faults)
    context = {"folder": path.resolve().parent}
    sections: dict[str, Section] = {}
    for name, model in SECTIONS.items():
        fault = _fault_maker(path, name, model, origin)
        table = _with_secrets_read(raw.get(name, {}), model, context["folder"], fault, faults)
        section, broken = _judged(model, table, context)
        faults.extend(fault(*found) for found in broken)
        if not broken:
            sections[name] = section
    faults.extend(_fault_maker(path, name, SECTIONS[name], origin)(*found) for name, found in _across(sections))
    return Reading(path, tuple(sorted(set(origin.values()))), sections, faults)


def _judged(model: type[Section], table: dict[str, Any], context: dict[str, Any]) -> tuple[Section, list[Broken]]:
    """The section and what is wrong with it. A bad key stands at its default while the rules between keys look on."""
    broken: list[Broken] = []
    try:
        section = model.model_validate(table, context=context)
    except ValidationError as error:
        for detail in error.errors():
            broken.append(_explained(model, detail))
            key, *inner = detail["loc"]
            if inner and isinstance(table.get(str(key)), dict):
                table[str(key)] = {k: v for k, v in table[str(key)].items() if k != inner[0]}
            else:
                table.pop(str(key), None)
        section = model.model_validate(table, context=context)
    known = {key for key, _, _ in broken}
    return section, broken + [found for found in section.rules() if found[0] not in known]


def _across(sections: Mapping[str, Any]) -> Iterator[tuple[str, Broken]]:
    """Rules between sections. Fault points only where time is not real either."""
    control, clock = sections.get("control"), sections.get("clock")
    if control and clock and clock.mode != "virtual":
        for key in ("kill_at", "db_fault"):
            if getattr(control, key):
                yield "control", (key, getattr(control, key), '"", because clock.mode is not "virtual"')


def _tables(path: Path, faults: list[Fault]) -> dict[str, Any]:
    """The sections of the file; what is not a known section is a fault and left out."""
    tables: dict[str, Any] = {}
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        allowed = "a readable config file (name another with --config; `gateway config > config.toml` begins one)"
        faults.append(Fault(str(path), "", f"{reason}", allowed))
        return tables
    except tomllib.TOMLDecodeError as error:
        faults.append(Fault(str(path), "", f"{error}", "TOML 1.0"))
        return tables
    for name, table in raw.items():
        if name not in SECTIONS:
            faults.append(Fault(str(path), name, "unknown section", f"one of {', '.join(SECTIONS)}"))
        elif not isinstance(table, dict):
            faults.append(Fault(str(path), name, _shown(table), f"a section [{name}]"))
        else:
            tables[name] = table
    return tables


def _override(raw: dict[str, Any], environ: Mapping[str, str], faults: list[Fault]) -> dict[str, str]:
    """Lay the variables over the file. Answers where a key came from: dotted key → name of the variable."""
    origin: dict[str, str] = {}
    for variable in sorted(name for name in environ if name.upper().startswith(ENVIRONMENT_PREFIX)):
        section, _, rest = variable[len(ENVIRONMENT_PREFIX) :].lower().partition("__")
        keys = rest.split("__")
        if section not in SECTIONS or not all(keys):
            names = ", ".join(SECTIONS).upper()
            faults.append(
                Fault("environment", variable, "unknown section or no key", f"GATEWAY__SECTION__KEY of {names}")
            )
            continue
        table = raw.setdefault(section, {})
        for key in keys[:-1]:
            inner = table.get(key)
            table[key] = table = dict(inner) if isinstance(inner, dict) else {}
        table[keys[-1]] = _value(environ[variable], SECTIONS[section].model_fields.get(keys[0]))
        origin[".".join((section, *keys))] = variable
        # A secret set directly outranks the file's own `*_file` (the environment speaks last).
        if f"{section}.{keys[-1]}_file" not in origin:
            table.pop(f"{keys[-1]}_file", None)
    return origin


def _value(text: str, field: FieldInfo | None) -> object:
    """TOML, else text. A key that holds text keeps it as typed: "1330" is no number there."""
    try:
        parsed = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    value = parsed["value"]
    holds_text = field is not None and not isinstance(value, str) and _holds_text(field.annotation)
    return text if holds_text or len(parsed) > 1 else value


def _holds_text(annotation: object) -> bool:
    return annotation in (str, SecretStr) or get_origin(annotation) is Literal


def _secret_keys(model: type[Section]) -> list[str]:
    return [key for key, field in model.model_fields.items() if field.annotation is SecretStr]


def _with_secrets_read(
    table: dict[str, Any], model: type[Section], folder: Path, fault: Callable[..., Fault], faults: list[Fault]
) -> dict[str, Any]:
    """A secret named by `*_file` is what that file holds, without the final line end."""
    table = dict(table)
    for key in _secret_keys(model):
        name = table.get(f"{key}_file")
        if isinstance(name, str) and name:
            try:
                table[key] = (folder / name).read_text(encoding="utf-8").rstrip("\r\n")
            except (OSError, UnicodeDecodeError):
                faults.append(fault(f"{key}_file", name, "a readable file of UTF-8 text"))
                continue
            if not table[key]:
                faults.append(fault(f"{key}_file", "an empty file", "a file that holds the secret"))
    # Strict reading takes no text for a secret; and what is wrapped here can no longer be shown by mistake.
    secret = set(_secret_keys(model))
    return {key: SecretStr(v) if key in secret and isinstance(v, str) else v for key, v in table.items()}


def _fault_maker(
    path: Path, section: str, model: type[Section], origin: Mapping[str, str]
) -> Callable[[str, object, str], Fault]:
    secret = set(_secret_keys(model))

    def fault(key: str, found: object, allowed: str) -> Fault:
        dotted = f"{section}.{key}"
        shown = "(hidden)" if key in secret and found else UNKNOWN_KEY if found is UNKNOWN_KEY else _shown(found)
        if dotted in origin:
            return Fault("environment", origin[dotted], shown, allowed)
        return Fault(str(path), dotted, shown, allowed)

    return fault


def _explained(model: type[Section], detail: ErrorDetails) -> Broken:
    """One of pydantic's findings in our words: the field says itself what it allows."""
    key = ".".join(map(str, detail["loc"]))
    name = str(detail["loc"][0])
    if detail["type"] == "extra_forbidden":
        return key, UNKNOWN_KEY, f"the keys of this section{nearest(name, model.model_fields)}"
    if detail["type"] == "not_allowed":
        return name, detail["input"], detail["msg"]
    return key, detail["input"], _allowed(model.model_fields[name], deep=len(detail["loc"]) > 1)


def _allowed(field: FieldInfo, *, deep: bool) -> str:
    annotation = field.annotation
    if deep:  # inside a list or table: the type of its items is what is asked
        annotation = get_args(annotation)[1 if get_origin(annotation) is not tuple else 0]
    if get_origin(annotation) is Literal:
        return "one of " + ", ".join(f'"{value}"' for value in get_args(annotation))
    if field.description:
        return field.description
    allowed = _TYPE_NAMES.get(annotation) or _TYPE_NAMES.get(get_origin(annotation), "another value")
    return ", ".join((allowed, *filter(None, map(_bound, field.metadata))))


_TYPE_NAMES: Mapping[Any, str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text",
    SecretStr: "a text",
    tuple: "a list",
    abc.Mapping: "a table",
}


def _bound(rule: object) -> str:
    match rule:
        case Ge():
            return f"at least {rule.ge}"
        case Gt():
            return f"above {rule.gt}"
        case Le():
            return f"at most {rule.le}"
        case MinLen():
            return "not empty"
    return ""


def _shown(value: object) -> str:
    if value is PydanticUndefined:
        return "nothing"
    return json.dumps(value, ensure_ascii=False, default=str)
