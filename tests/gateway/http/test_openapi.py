"""The API's description: valid, complete, and in step with what the readers take."""

from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from gateway.http.api import ApiSettings, build
from gateway.http.cloudevents import TYPES, read_event
from gateway.http.openapi import ROUTES, describe
from gateway.items import EventItem
from tests.gateway.http.test_bodies import WHOLE
from tests.gateway.http.test_camara import BAD, CAMARA, GOOD, camara
from tests.gateway.http.test_cloudevents import BAD_MEMBERS
from tests.gateway.served import LATEST, NUMBER, Back, location, serving, usage

DOCUMENT = describe(frozenset({"nl", "en"}))


def _fits(name: str, value: Any) -> bool:
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return bool(jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(value))


def test_document_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(DOCUMENT).validate()


def test_every_component_is_a_valid_schema_and_all_references_lead_somewhere() -> None:
    for name in DOCUMENT["components"]["schemas"]:
        _fits(name, {})


def test_what_is_served_is_what_is_described() -> None:
    app = build(Back().services(), ApiSettings())
    served = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource}
    described = {(route.method, route.path) for route in ROUTES}
    assert served == described | {("HEAD", path) for method, path in described if method == "GET"}
    listed = {(verb.upper(), path) for path, verbs in DOCUMENT["paths"].items() for verb in verbs}
    assert listed == described


def test_document_is_served_to_anyone() -> None:
    with serving(events_token="e", portal_token="p", control_token="c") as api:
        assert api.call("GET", "/openapi.json").json == DOCUMENT


def test_every_operation_names_its_errors_as_problems() -> None:
    for verbs in DOCUMENT["paths"].values():
        for operation in verbs.values():
            responses = operation["responses"]
            assert "default" in responses
            for status, response in responses.items():
                if not status.startswith("2"):
                    assert "application/problem+json" in response["content"]


def test_event_types_are_described() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    names = [ref["$ref"].rpartition("/")[2] for ref in schemas["Event"]["oneOf"]]
    kinds = [kind for name in names for kind in schemas[name]["properties"]["type"]["enum"]]
    assert sorted(kinds) == sorted(TYPES)
    assert {usage(1)["type"], location(1)["type"], *CAMARA.values()} == set(kinds)


@pytest.mark.parametrize(
    "event",
    [
        usage(1),
        usage(1, bytes=None, session="s", total_bytes=1),
        usage(1, started_at="2026-11-02T08:00:00+01:00") | {"traceparent": "x"},
        location(1),
        *(camara(kind, **data) for kind, data in GOOD),
    ],
)
def test_events_that_are_taken_fit_the_description(event: Any) -> None:
    assert isinstance(read_event(event, LATEST, "", "204"), EventItem)
    assert _fits("Event", event)


@pytest.mark.parametrize(
    "data",
    # Beyond a schema: that a slice begins before it ends, and that 1.0 is written 1.
    [data for data, _ in BAD_MEMBERS if data not in ({"started_at": "2026-11-02T09:00:01+01:00"}, {"bytes": 1.0})],
)
def test_events_that_are_refused_do_not_fit_the_description(data: dict[str, Any]) -> None:
    assert not _fits("Event", usage(1, **data))


@pytest.mark.parametrize(("kind", "data"), [row[:2] for row in BAD])
def test_camara_events_that_are_refused_do_not_fit_the_description(kind: str, data: dict[str, Any]) -> None:
    assert not _fits("Event", camara(kind, **data))


def test_portal_bodies_fit_the_description() -> None:
    assert _fits("SubscriptionBody", {})
    assert _fits("SubscriptionBody", WHOLE)
    assert not _fits("SubscriptionBody", WHOLE | {"language": "fr"})
    assert not _fits("SubscriptionBody", {"sims": []})
    assert _fits("SubscriptionBody", {"sims": [{"imsi": None, "role": "primary", "msisdn": NUMBER}]})
    assert not _fits("SubscriptionBody", {"cost_limit_eur": 40})
    assert not _fits("SubscriptionBody", {"nope": 1})
