"""The HTTP half of the wire: what goes out, what is counted, what is told of an error."""

import aiohttp
import pytest

from simulator.clock import START
from simulator.gateway_client import GatewayClient, GatewayError, Tokens

ANNA = "+31610000001"
EVENT = {"id": "u-1"}


@pytest.fixture
def asked(echo_gateway, run):
    """Runs a story with a client and the gateway that answers it."""

    def _asked(story, **tokens):
        async def _story():
            async with echo_gateway() as gateway, GatewayClient(gateway.url, Tokens(**tokens)) as client:
                await story(gateway, client)

        run(_story())

    return _asked


def test_events_go_structured_or_as_a_batch_and_are_counted(asked):
    async def story(gateway, client):
        assert await client.post_event(EVENT) == {"id": "u-1", "status": "accepted"}
        assert len(await client.post_events([EVENT, EVENT])) == 2
        kinds = [kind for _, _, kind, _, _ in gateway.requests]
        assert kinds == ["application/cloudevents+json", "application/cloudevents-batch+json"]
        assert (client.counters.events_out, client.counters.unanswered) == (3, 0)

    asked(story)


@pytest.mark.parametrize("status", [409, 422])
def test_a_single_event_that_is_refused_is_a_result(asked, status):
    async def story(gateway, client):
        gateway.answers["/v1/events"] = (status, {"results": [{"id": "u-1", "status": "rejected"}]})
        assert (await client.post_event(EVENT))["status"] == "rejected"
        gateway.answers["/v1/events"] = (status, {"title": "no", "status": status})
        assert (await client.post_event(EVENT))["title"] == "no"
        assert not client.uncertain

    asked(story)


def test_every_verb_goes_to_its_place_with_its_token(asked):
    async def story(gateway, client):
        for path in ("notifications", "decisions"):
            gateway.answers[f"/v1/subscriptions/{ANNA}/{path}"] = (200, {"items": [], "cursor": None})
        gateway.answers["/v1/subscriptions"] = (200, {"items": [{"msisdn": ANNA}]})
        gateway.answers["/readyz"] = (503, {"intake": "no"})
        await client.put_subscription(ANNA, {"language": "nl"})
        await client.patch_subscription(ANNA, {"hard_cap": True})
        await client.delete_subscription(ANNA)
        await client.subscription(ANNA, "2026-10")
        assert await client.subscriptions("acme") == [{"msisdn": ANNA}]
        assert await client.notifications(ANNA) == await client.decisions(ANNA) == []
        await client.post_event(EVENT)
        await client.clock()
        await client.advance(START)
        assert await client.quiet(1) == (True, {**gateway_vector(gateway)})
        assert await client.is_alive()
        assert await client.readiness() == (False, {"intake": "no"})
        tokens = {path: headers.get("Authorization") for _, path, _, _, headers in gateway.requests}
        assert tokens[f"/v1/subscriptions/{ANNA}"] == tokens["/v1/subscriptions"] == "Bearer portal"
        assert tokens["/v1/events"] == "Bearer events"
        assert tokens["/v1/clock/advance"] == tokens["/v1/quiet"] == tokens["/v1/clock"] == "Bearer control"
        assert tokens["/livez"] is None
        assert ("PATCH", "application/merge-patch+json") in [(m, kind) for m, _, kind, _, _ in gateway.requests]

    asked(story, events="events", portal="portal", control="control")


def gateway_vector(gateway):
    return {"boot": 1, **gateway.counts, "busy": 0, "next_due": None, "retry_in_s": None}


def test_all_pages_are_read(asked):
    async def story(gateway, client):
        pages = [{"items": [1, 2], "cursor": "2"}, {"items": [3], "cursor": "3"}, {"items": [], "cursor": "3"}]
        path = f"/v1/subscriptions/{ANNA}/notifications"

        class Pages(dict):
            def __getitem__(self, key):
                return (200, pages.pop(0))

        gateway.answers = Pages({path: None})
        assert await client.notifications(ANNA) == [1, 2, 3]

    asked(story)


def test_an_error_says_what_the_gateway_said(asked):
    async def story(gateway, client):
        errors = [{"pointer": "/cost_limit_eur", "message": "7 is none of the ten"}]
        gateway.answers[f"/v1/subscriptions/{ANNA}"] = (422, {"title": "bad", "detail": "no", "errors": errors})
        with pytest.raises(GatewayError) as caught:
            await client.put_subscription(ANNA, {"cost_limit_eur": 7})
        told = f"PUT /v1/subscriptions/%2B{ANNA[1:]} → 422: no; /cost_limit_eur: 7 is none of the ten"
        assert (str(caught.value), caught.value.status) == (told, 422)

    asked(story)


def test_what_was_refused_whole_or_never_answered_leaves_the_sums_uncertain(asked):
    async def story(gateway, client):
        gateway.answers["/v1/events"] = (503, {"title": "full"})
        with pytest.raises(GatewayError):
            await client.post_events([EVENT])
        assert client.uncertain
        client.uncertain = False
        await gateway.runner.cleanup()
        with pytest.raises(aiohttp.ClientError):
            await client.post_event(EVENT)
        assert (client.uncertain, client.counters.unanswered) == (True, 0)

    asked(story)


def test_tokens_are_not_shown():
    assert "hidden" not in repr(GatewayClient("http://x", Tokens("hidden", "hidden", "hidden")))
