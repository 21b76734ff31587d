"""The door where faults are armed: by any of their names, within their scopes, and what it refuses."""

import json

import aiohttp
import pytest

from simulator.faultnames import FAULTS
from simulator.faults import Fault
from simulator.handset import Handset

ANNA = "+31610000001"


@pytest.fixture
def asked(played, run):
    """Asks the door of a world with Anna in it, one request after the other; their answers."""

    def _asked(*requests, prepare=lambda _: None):
        async def story():
            async with played() as (world, _), aiohttp.ClientSession() as http:
                world.handsets[ANNA] = Handset(ANNA, "Anna")
                prepare(world)
                found = []
                for method, path, *body in requests:
                    async with http.request(
                        method, world.control.url + path, json=body[0] if body else None
                    ) as response:
                        found.append((response.status, json.loads(await response.text())))
                return found

        return run(story())

    return _asked


@pytest.mark.parametrize("name", ["smsc.throttle", "SMSC zegt: te druk", "SMSC SAYS: too busy"])
def test_a_fault_goes_by_any_of_its_names(asked, name):
    ((status, one),) = asked(("POST", "/faults", {"fault": name, "phone": "anna", "times": 3}))
    assert status == 200
    assert one == {
        "fault": "smsc.throttle", "nl": "SMSC zegt: te druk", "en": "SMSC says: too busy", "phone": "Anna", "times": 3,
        "every": 1, "probability": 1.0, "hits": 0,
    }  # fmt: skip


def test_what_is_armed_what_is_over_and_what_there_is(asked):
    answers = asked(
        ("POST", "/faults", {"fault": "smsc.throttle", "phone": "Anna"}),
        ("POST", f"/handsets/{ANNA}/texts", {"text": "HELP"}),
        ("POST", "/faults", {"fault": "smsc.dlr_never", "times": None, "every": 2, "probability": 0.5}),
        ("GET", "/faults"),
        ("DELETE", "/faults/smsc.dlr_never"),
        ("DELETE", "/faults"),
    )
    listed, cleared, none = (answer for _, answer in answers[3:])
    assert [(one["fault"], one["hits"]) for one in listed["spent"]] == [("smsc.throttle", 1)]
    assert [(one["fault"], one["times"], one["every"]) for one in listed["armed"]] == [("smsc.dlr_never", None, 2)]
    assert [one["id"] for one in listed["faults"]] == [one.id for one in FAULTS]
    assert listed["numbers"][0]["digits"] == "9001"
    assert [one["fault"] for one in cleared["cleared"]] == ["smsc.dlr_never"]
    assert none == {"cleared": []}


def test_a_span_without_a_number_of_times_is_all_of_that_time(asked):
    _, (_, one) = asked(
        ("POST", "/faults", {"fault": "smsc.slow", "times": 1, "for_s": 5}),
        ("POST", "/faults", {"fault": "smsc.slow", "for_s": 5}),
    )
    assert one["times"] is None


def test_what_somebody_else_armed_is_shown_by_its_effect(asked):
    ((_, listed),) = asked(("GET", "/faults"), prepare=lambda world: world.faults.arm(Fault("silent", ANNA)))
    assert [(one["fault"], one["phone"]) for one in listed["armed"]] == [("silent", "Anna")]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"fault": "smsc.throtle"}, "did you mean smsc.throttle"),
        ({"fault": "qqqq"}, "GET /faults lists them"),
        ({"fault": ""}, "fault: a text is needed"),
        ({"fault": "smsc.throttle", "phone": "Bob"}, "nobody is called 'Bob'"),
        ({"fault": "smsc.bind_refused", "phone": "Anna"}, "no fault of a single phone"),
        ({"fault": "gw.restart"}, "needs a gateway of our own"),
        ({"fault": "smsc.slow", "every": 0}, "every: a number above 0"),
        ({"fault": "smsc.slow", "times": "3"}, "times: a number above 0"),
        ({"fault": "smsc.slow", "probability": 2}, "at most 1"),
        ({"fault": "smsc.slow", "colour": 2}, "unknown colour"),
    ],
)
def test_what_is_refused(asked, body, told):
    ((status, problem),) = asked(("POST", "/faults", body))
    assert (status, told in problem["detail"]) == (422, True), problem
