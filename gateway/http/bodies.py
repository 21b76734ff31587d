"""JSON bodies of the portal and of the clock, checked: shape, types and ranges, every fault at once.

Pydantic holds the fields; its words are turned into ours: a JSON Pointer, what was found, what is allowed. Types are
strict: "50", 50.0 and true are no 50. In a merge patch null means "as if never set", so it is allowed exactly where a
field may be unset. What depends on the stored subscription (409, B5, A11) is judged behind the engine.
Must not be put here: HTTP; the events (`cloudevents`); rules beyond what one body can break by itself.
"""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, NoReturn

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from gateway.http.members import IMSI, NUMBER, imsi, instant, msisdn, sound_text
from gateway.http.problems import Problem, expected, pointer
from gateway.items import FieldError
from handlers.policy import BUNDLE_SIZES_GB, COST_LIMITS_EUR

# Nothing that is meant has half of it; it bounds the work that a hostile body can cause.
JSON_DEPTH_MAX = 16
CUSTOMER_CHARS_MAX = 128
# One subscription, some handsets, watches and Combi SIMs.
SIMS_MAX = 32
# Far above any bundle; a volume stays within the store's integers.
VOLUME_GB_MAX = 1_000_000
VOLUME_MB_MAX = VOLUME_GB_MAX * 1000
# A century: further ahead there is no calendar worth playing.
ADVANCE_MAX_S = 100 * 366 * 86_400
# Well before the calendar of the machine ends, where local time cannot be told any more.
CLOCK_YEAR_MAX = 2999

# Months whose begin and end are instants of the calendar, in any zone.
PERIOD = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def read_json(raw: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """The value of a JSON document (RFC 8259); of a repeated key the last one counts. `Problem` 400 if it is none."""
    with suppress(orjson.JSONDecodeError):  # the quicker one, which says less of what is wrong
        return orjson.loads(raw)
    try:
        return _DECODER.decode(raw.decode())
    except UnicodeDecodeError as fault:
        raise Problem(400, f"The body is not UTF-8: byte {fault.start} is {raw[fault.start]:#04x}.") from None
    except json.JSONDecodeError as fault:
        place = f"line {fault.lineno}, column {fault.colno}"
        raise Problem(400, f"The body is not JSON: {fault.msg} at {place}.") from None
    except ValueError as fault:
        raise Problem(400, f"The body is not JSON: {str(fault).partition(';')[0]}.") from None
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> Problem:
    return Problem(400, f"The body is nested more than {JSON_DEPTH_MAX} levels deep.")


def refuse_depth(value: object, levels: int = JSON_DEPTH_MAX) -> None:
    """`Problem` 400 if objects and arrays stand inside each other more than `levels` deep."""
    nodes: list[Any] = [value] if isinstance(value, dict | list) else []
    for _ in range(levels):
        children = (child for node in nodes for child in (node.values() if isinstance(node, dict) else node))
        nodes = [child for child in children if isinstance(child, dict | list)]
        if not nodes:
            return
    raise _too_deep()


def _one_of(allowed: tuple[int | str, ...]) -> Callable[[Any], int | str]:
    def read(value: object) -> int | str:
        # By type as well: to Python, true is 1 and 15.0 is 15.
        for choice in allowed:
            if type(value) is type(choice) and value == choice:
                return choice
        raise ValueError(expected(value, "one of " + ", ".join(map(str, allowed))))

    return read


def customer(value: object) -> str:
    return "" if value == "" else sound_text(value, CUSTOMER_CHARS_MAX)


def _clock_instant(value: object) -> datetime:
    at = instant(value)
    if at.year > CLOCK_YEAR_MAX:
        raise ValueError(expected(value, f"an instant up to the year {CLOCK_YEAR_MAX}"))
    return at


@dataclass(frozen=True, slots=True)
class Context:
    """What a body is checked against besides itself: the number in the path, the languages there are texts in."""

    msisdn: str
    languages: frozenset[str]


def _language(value: str, info: ValidationInfo[Context]) -> str:
    languages = info.context.languages
    if value not in languages:
        raise ValueError(expected(value, "one of " + ", ".join(sorted(languages))))
    return value


Msisdn = Annotated[str, PlainValidator(msisdn), WithJsonSchema(dict(NUMBER))]
Imsi = Annotated[str, PlainValidator(imsi), WithJsonSchema({"type": "string", "pattern": f"^{IMSI.pattern}$"})]
ClockInstant = Annotated[
    datetime, PlainValidator(_clock_instant), WithJsonSchema({"type": "string", "format": "date-time"})
]
Customer = Annotated[
    str, PlainValidator(customer), WithJsonSchema({"type": "string", "maxLength": CUSTOMER_CHARS_MAX})
]
Language = Annotated[str, StringConstraints(max_length=16), AfterValidator(_language)]
# A16
BundleGb = Annotated[
    int | str, PlainValidator(_one_of(BUNDLE_SIZES_GB)), WithJsonSchema({"enum": list(BUNDLE_SIZES_GB)})
]
# G3
CostLimitEur = Annotated[
    int, PlainValidator(_one_of(COST_LIMITS_EUR)), WithJsonSchema({"type": "integer", "enum": list(COST_LIMITS_EUR)})
]
VolumeGb = Annotated[float, Field(gt=0, le=VOLUME_GB_MAX, allow_inf_nan=False)]
VolumeMb = Annotated[int, Field(gt=0, le=VOLUME_MB_MAX)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SimBody(Body):
    """A Combi SIM has its own number, the others have the subscription's.

    `imsi` is null for a primary SIM that was never named, as GET shows it.
    """

    imsi: Imsi | None
    role: Literal["primary", "combi", "multisim"] = "primary"
    msisdn: Msisdn | None = None


class BundleBody(Body):
    enabled: bool = False
    max_per_month: Annotated[int, Field(ge=1, le=10)] = 10  # B13


class BundlesBody(Body):
    """WORLD goes with none of the others: 409 (B5)."""

    A: BundleBody = BundleBody()
    B: BundleBody = BundleBody()
    ROW: BundleBody = BundleBody()
    WORLD: BundleBody = BundleBody()


class BlocksBody(Body):
    data_outside_eu: bool = False
    data_eu: bool = False
    roaming: bool = False
    premium: bool = False
    international_calls: bool = False
    zero_bundle_lifted: bool = False


class PreferencesBody(Body):
    BERICHT: bool = True
    INFO: bool = True
    LIMIET: bool = True


def _sim_fault(at: tuple[int | str, ...], message: str) -> PydanticCustomError:
    # Braces would be read as fields of a template.
    return PydanticCustomError("sims", "{message}", {"at": at, "message": message})


def _sims_together(sims: list[SimBody], info: ValidationInfo[Context]) -> list[SimBody]:
    """One primary; no IMSI twice; D4: Multisim SIMs share the number, A12: a Combi SIM has one of its own."""
    if not 0 < len(sims) <= SIMS_MAX:
        raise _sim_fault((), f"found {len(sims)} SIMs, allowed are 1 to {SIMS_MAX}")
    context = info.context
    imsis: set[str] = set()
    numbers = {context.msisdn}
    for index, sim in enumerate(sims):
        if sim.imsi is None and sim.role != "primary":
            raise _sim_fault((index, "imsi"), expected(None, "an IMSI: only the primary SIM may be without"))
        if sim.imsi in imsis:
            raise _sim_fault((index, "imsi"), "is the IMSI of an earlier SIM in this list")
        if sim.imsi is not None:
            imsis.add(sim.imsi)
        if sim.role != "combi":
            if sim.msisdn not in (None, context.msisdn):
                raise _sim_fault((index, "msisdn"), expected(sim.msisdn, f"the subscription's own, {context.msisdn}"))
        elif sim.msisdn is None or sim.msisdn in numbers:
            raise _sim_fault((index, "msisdn"), expected(sim.msisdn, "a number of the Combi SIM's own"))
        else:
            numbers.add(sim.msisdn)
    primaries = sum(sim.role == "primary" for sim in sims)
    if primaries != 1:
        raise _sim_fault((), f"found {primaries} SIMs with the role primary, allowed is exactly one")
    return sims


Sims = Annotated[list[SimBody], Field(json_schema_extra={"minItems": 1, "maxItems": SIMS_MAX})]


class SubscriptionBody(Body):
    """What the portal sets. Everything may be left out; what is left out keeps its value, or has its default."""

    customer: Customer = ""
    language: Language = "nl"
    type: Literal["voice_data", "data_only"] = "voice_data"
    bundle_gb: BundleGb = 15
    sims: Annotated[Sims, AfterValidator(_sims_together)] = []
    sms_capable: bool = True
    notify_msisdn: Msisdn | None = None
    m2m: bool = False
    cost_limit_eur: CostLimitEur = 50
    hard_cap: bool = False
    usage_alert_gb: VolumeGb | None = None
    roaming_limit_mb: VolumeMb | None = None
    bundles: BundlesBody = BundlesBody()
    blocks: BlocksBody = BlocksBody()
    preferences: PreferencesBody = PreferencesBody()


class AdvanceBody(Body):
    """Exactly one: the instant to go to, or the seconds to go on by."""

    to: ClockInstant | None = None
    by_s: Annotated[float, Field(ge=0, le=ADVANCE_MAX_S, allow_inf_nan=False)] | None = None


# What GET shows beside what is set. It is refused, not passed over: who sends it may believe that it does something.
READ_ONLY = frozenset({"msisdn", "period", "cost", "usage", "bundle_instances", "data", "location"})
# Pydantic's kinds of fault that have words of our own.
_WORDS = {
    "extra_forbidden": "is not a field here; /openapi.json lists them",
    "missing": "is missing",
}


def _message(fault: ErrorDetails) -> str:
    """Pydantic's sentence in our form: what was found, what is allowed."""
    kind, given, text = fault["type"], fault["input"], fault["msg"]
    if kind == "value_error":
        return str(fault.get("ctx", {})["error"])
    if kind in ("model_type", "model_attributes_type"):
        return expected(given, "an object")
    if kind == "extra_forbidden" and fault["loc"][-1] in READ_ONLY and len(fault["loc"]) == 1:
        return "is read-only: GET shows it, other fields change it"
    allowed = text.removeprefix("Input should be ")
    if kind == "sims" or allowed == text:
        return _WORDS.get(kind, text)
    return expected(given, f"a number {allowed}" if allowed.startswith(("greater", "less")) else allowed)


def _pointer(fault: ErrorDetails) -> str:
    at: tuple[int | str, ...] = fault.get("ctx", {}).get("at", ()) if fault["type"] == "sims" else ()
    return pointer(*fault["loc"], *at)


def _unprocessable(fault: ValidationError) -> Problem:
    errors = [FieldError(_pointer(one), _message(one)) for one in fault.errors(include_url=False)]
    return Problem(422, "The body breaks what is allowed; see errors.", code="invalid", errors=errors)


def subscription_changes(body: object, context: Context) -> Mapping[str, Any]:
    """The fields that were given, in the portal's shape; SIMs whole, with the numbers they have. `Problem` 422."""
    try:
        read = SubscriptionBody.model_validate(body, context=context)
    except ValidationError as fault:
        raise _unprocessable(fault) from None
    changes = read.model_dump(exclude_unset=True)
    if "sims" in changes:
        changes["sims"] = [{**sim.model_dump(), "msisdn": sim.msisdn or context.msisdn} for sim in read.sims]
    return changes


def advance(body: object) -> AdvanceBody:
    """`Problem` 422."""
    try:
        read = AdvanceBody.model_validate(body)
    except ValidationError as fault:
        raise _unprocessable(fault) from None
    if (read.to is None) is (read.by_s is None):
        given = "neither" if read.to is None else "both"
        error = FieldError("", f"found {given}, allowed is exactly one of to and by_s")
        raise Problem(422, "The body breaks what is allowed; see errors.", code="invalid", errors=[error])
    return read


def period(text: str) -> str:
    """A calendar month; else ValueError."""
    if PERIOD.fullmatch(text):
        return text
    raise ValueError(expected(text, 'a calendar month, as "2026-11"'))


def whole_number(text: str, low: int, high: int) -> int:
    """A number of a query; else ValueError."""
    if re.fullmatch(r"[0-9]{1,9}", text) and low <= int(text) <= high:
        return int(text)
    raise ValueError(expected(text, f"a whole number from {low} to {high}"))


def seconds(text: str, high: float) -> float:
    """Seconds of a query, fractions allowed; else ValueError."""
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) and float(text) <= high:
        return float(text)
    raise ValueError(expected(text, f"seconds from 0 to {high:g}"))


def cursor(text: str) -> str:
    """A cursor that an earlier answer could have given; else ValueError."""
    # "+" in a query means a space; a cursor may be a number.
    text = text.replace(" ", "+")
    if re.fullmatch(r"[A-Za-z0-9_.:=+~-]{1,128}", text):
        return text
    raise ValueError(expected(text, "the cursor of an earlier answer"))


def after(text: str) -> str:
    """A cursor over what is numbered; else ValueError."""
    if re.fullmatch(r"[0-9]{1,18}", text):
        return text
    raise ValueError(expected(text, "the cursor of an earlier answer"))
