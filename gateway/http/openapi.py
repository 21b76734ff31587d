"""The table of routes, and the description of the API made from it (OpenAPI 3.1).

The server registers exactly the rows of `ROUTES`, so what is described is what is served. Bodies come from the models
that check them, events from the tables that read them, answers from models that only describe.
Must not be put here: anything that handles a request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic.json_schema import models_json_schema

from gateway.http import problems
from gateway.http.answers import MODELS
from gateway.http.bodies import CUSTOMER_CHARS_MAX, PERIOD
from gateway.http.cloudevents import ATTRIBUTES, REQUIRED, TYPES
from gateway.http.members import NUMBER, EventType

Scope = Literal["open", "events", "portal", "control"]

BATCH_EVENTS_MAX = 10_000
PAGE_MAX = 1000
PAGE_DEFAULT = 100
WAIT_MAX_S = 60
QUIET_DEFAULT_S = 5

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
EVENT = "application/cloudevents+json"
EVENT_BATCH = "application/cloudevents-batch+json"
METRICS_TEXT = "text/plain; version=0.0.4"


Schema = Mapping[str, Any]


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


@dataclass(frozen=True, slots=True)
class Route:
    """One operation: what it takes (media type → schema) and what it answers (status → what it means, schema name)."""

    method: str
    path: str
    operation: str
    scope: Scope
    summary: str
    answers: Mapping[int, tuple[str, str]]
    takes: Mapping[str, Schema] | None = None
    query: Mapping[str, Schema] | None = None
    errors: tuple[int, ...] = ()
    media_type: str = JSON


_CURSOR: Schema = {"type": "string"}
_LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": PAGE_DEFAULT}
_PERIOD: Schema = {"type": "string", "pattern": f"^{PERIOD.pattern}$"}
_AFTER: Schema = {"type": "string", "pattern": "^[0-9]{1,18}$"}
_PAGE: Mapping[str, Schema] = {"after": _AFTER, "limit": _LIMIT}
_READ = (401, 403, 404, 422)
_WRITE = (400, 401, 403, 409, 413, 415, 422, 503)
_ONE = "/v1/subscriptions/{msisdn}"
_SEEN = {200: ("The subscription.", "SubscriptionView")}

ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/v1/events",
        "post_events",
        "events",
        "Take events; the answer comes after the commit. Of a batch, one event's fault stops no other; a single event "
        "that is rejected answers 422, a conflict 409. In binary mode the attributes are ce-* headers.",
        {200: ("What came of each event.", "EventAnswers")},
        takes={EVENT: _ref("Event"), EVENT_BATCH: _ref("EventBatch"), JSON: _ref("EventData")},
        errors=_WRITE,
    ),
    Route(
        "GET",
        "/v1/subscriptions",
        "list_subscriptions",
        "portal",
        "List subscriptions.",
        {200: ("A page; cursor is null on the last one.", "SubscriptionsPage")},
        query={"customer": {"type": "string"}, "cursor": _CURSOR, "limit": _LIMIT},
        errors=(401, 403, 422),
    ),
    Route(
        "PUT",
        _ONE,
        "put_subscription",
        "portal",
        "Create, or change what is given.",
        {200: ("Changed.", "SubscriptionView"), 201: ("Created.", "SubscriptionView")},
        takes={JSON: _ref("SubscriptionBody")},
        errors=_WRITE,
    ),
    Route(
        "PATCH",
        _ONE,
        "patch_subscription",
        "portal",
        "Change what is given (JSON merge patch, RFC 7396).",
        _SEEN,
        takes={MERGE_PATCH: _ref("SubscriptionBody"), JSON: _ref("SubscriptionBody")},
        errors=(*_WRITE, 404),
    ),
    Route(
        "GET",
        _ONE,
        "get_subscription",
        "portal",
        "Read the settings and the counters of a period.",
        _SEEN,
        query={"period": _PERIOD},
        errors=_READ,
    ),
    Route(
        "DELETE",
        _ONE,
        "delete_subscription",
        "portal",
        "Erase the personal data; counts stay.",
        {204: ("Erased.", "")},
        errors=(401, 403, 404, 422, 503),
    ),
    Route(
        "GET",
        f"{_ONE}/notifications",
        "get_notifications",
        "portal",
        "The texts sent and not sent, in order of decision. With wait_s it waits for the first one after the cursor.",
        {200: ("A page.", "NotificationsPage")},
        query={**_PAGE, "wait_s": {"type": "number", "minimum": 0, "maximum": WAIT_MAX_S}},
        errors=_READ,
    ),
    Route(
        "GET",
        f"{_ONE}/decisions",
        "get_decisions",
        "portal",
        "Why: each event judged and the rules looked at.",
        {200: ("A page.", "DecisionsPage")},
        query=_PAGE,
        errors=_READ,
    ),
    Route(
        "GET",
        f"{_ONE}/spending-limit",
        "get_spending_limit",
        "portal",
        "The limits of the current month in the shape of 3GPP TS 29.594 (SpendingLimitStatus). Policy counters: "
        "outside_eu_cost (the cost state), cost_limit (whole euro), outside_eu_volume and domestic_eu_volume (where a "
        "roaming limit or usage alert is set), bundle:A, bundle:B, bundle:ROW, bundle:WORLD (where enabled or "
        "activated). A pending status is that of the 1st, at its first instant.",
        {200: ("The counters and their statuses.", "SpendingLimitStatus")},
        errors=_READ,
    ),
    Route(
        "GET",
        "/v1/customers/{customer}/pools",
        "get_pools",
        "portal",
        "Shared bundles: the customer's subscriptions by size of bundle, with their use at home and in the EU. 0 GB "
        "and unlimited share nothing. Once no record of the month can come any more it is closed, and an overrun is "
        "shared out in proportion to use.",
        {200: ("The pools, by size.", "CustomerPools")},
        query={"period": _PERIOD},
        errors=_READ,
    ),
    Route("GET", "/livez", "get_livez", "open", "The process turns.", {200: ("It does.", "Status")}, errors=(403,)),
    Route(
        "GET",
        "/readyz",
        "get_readyz",
        "open",
        "Events can be taken.",
        {200: ('They can; "delivery": "degraded" while no SMSC is bound.', "Status")},
        errors=(403, 503),
    ),
    Route(
        "GET",
        "/metrics",
        "get_metrics",
        "control",
        "Metrics in Prometheus text.",
        {200: ("Metrics.", "")},
        errors=(401, 403),
        media_type=METRICS_TEXT,
    ),
    Route(
        "GET",
        "/v1/clock",
        "get_clock",
        "control",
        "The business clock.",
        {200: ("Its instant and its mode.", "Clock")},
        errors=(401, 403),
    ),
    Route(
        "POST",
        "/v1/clock/advance",
        "advance_clock",
        "control",
        "Virtual clock only: run everything that falls due, in order, and answer when quiet.",
        {200: ("The new instant.", "Clock")},
        takes={JSON: _ref("AdvanceBody")},
        errors=(400, 401, 403, 409, 413, 415, 422, 503, 504),
    ),
    Route(
        "GET",
        "/v1/quiet",
        "get_quiet",
        "control",
        "Answer when nothing is under way.",
        {200: ("The counts of this boot.", "Quiet")},
        query={"timeout_s": {"type": "number", "minimum": 0, "maximum": WAIT_MAX_S, "default": QUIET_DEFAULT_S}},
        errors=(401, 403, 422, 504),
    ),
    Route(
        "GET", "/openapi.json", "get_openapi", "open", "This description.", {200: ("OpenAPI 3.1.", "")}, errors=(403,)
    ),
)

# What a status means wherever it occurs.
_MEANINGS: Mapping[int, str] = {
    400: "The body is not JSON.",
    401: "The bearer token is missing or wrong.",
    403: "The Host or Origin is not this machine's, while the service is on loopback.",
    404: "There is no such subscription, or nobody with this customer.",
    409: "It contradicts what is stored, or the state of the service.",
    413: f"The body or the batch is too large ({BATCH_EVENTS_MAX} events).",
    415: "The content type is not taken here.",
    422: "It is understood and not allowed; errors gives the places.",
    503: "Not now: nothing was taken; Retry-After says when.",
    504: "Still under way after its time; open or detail names what.",
}


def _data_schema(event_type: EventType) -> Schema:
    together = {"allOf": list(event_type.together)} if event_type.together else {}
    return {
        "type": "object",
        "description": event_type.summary,
        "properties": {name: member.schema for name, member in event_type.members.items()},
        "required": sorted(event_type.required),
        "additionalProperties": False,
        **together,
    }


def _event_schemas() -> dict[str, Any]:
    schemas: dict[str, Any] = {}
    events, data = [], []
    for name, event_type in {row.name: row for row in TYPES.values()}.items():
        kinds = [kind for kind, row in TYPES.items() if row is event_type]
        data.append(_ref(f"{name}Data"))
        events.append(_ref(name))
        schemas[f"{name}Data"] = _data_schema(event_type)
        properties = {key: member.schema for key, member in ATTRIBUTES.items()}
        schemas[name] = {
            "type": "object",
            "description": f"{event_type.summary} CloudEvents 1.0; extension attributes are allowed.",
            "properties": properties | {"type": {"enum": kinds}, "data": data[-1]},
            "required": sorted(REQUIRED),
        }
    schemas["Event"] = {"oneOf": events}
    schemas["EventData"] = {"anyOf": data}
    schemas["EventBatch"] = {"type": "array", "items": _ref("Event"), "maxItems": BATCH_EVENTS_MAX}
    return schemas


def _responses(route: Route) -> dict[str, Any]:
    flow = {"X-Flow-Id": {"schema": {"type": "string"}, "description": "As given, or made here; it is in the logs."}}
    responses: dict[str, Any] = {}
    for status, (meaning, model) in route.answers.items():
        schema = _ref(model) if model else {} if route.media_type == JSON else {"type": "string"}
        content = {} if status == 204 else {"content": {route.media_type: {"schema": schema}}}
        responses[str(status)] = {"description": meaning, "headers": flow, **content}
    problem = {"content": {problems.MEDIA_TYPE: {"schema": _ref("ProblemDetails")}}, "headers": flow}
    for status in sorted(route.errors):
        responses[str(status)] = {"description": _MEANINGS[status], **problem}
    responses["default"] = {"description": "Any other error.", **problem}
    return responses


def _operation(route: Route) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = []
    if "{msisdn}" in route.path:
        parameters.append({"name": "msisdn", "in": "path", "required": True, "schema": NUMBER})
    if "{customer}" in route.path:
        schema = {"type": "string", "minLength": 1, "maxLength": CUSTOMER_CHARS_MAX}
        parameters.append({"name": "customer", "in": "path", "required": True, "schema": schema})
    parameters.extend({"name": name, "in": "query", "schema": schema} for name, schema in (route.query or {}).items())
    operation: dict[str, Any] = {
        "operationId": route.operation,
        "summary": route.summary,
        "tags": [route.scope],
        "security": [] if route.scope == "open" else [{"bearer": []}],
        "responses": _responses(route),
    }
    if parameters:
        operation["parameters"] = parameters
    if route.takes:
        content = {media: {"schema": schema} for media, schema in route.takes.items()}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def describe(languages: frozenset[str]) -> dict[str, Any]:
    """The whole document; `languages` are those there are texts in."""
    _, models = models_json_schema(
        [(model, "validation") for model in MODELS], ref_template="#/components/schemas/{model}"
    )
    schemas = models["$defs"]
    for model in ("SubscriptionBody", "SubscriptionView"):
        schemas[model]["properties"]["language"]["enum"] = sorted(languages)
        # Without sims there is one, made of the path's number; an empty list is not the same.
        schemas[model]["properties"]["sims"].pop("default", None)
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "SMS shortcode and notification gateway 1330", "version": "1"},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas | _event_schemas(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "One token per tag; none if not set."}
            },
        },
    }
