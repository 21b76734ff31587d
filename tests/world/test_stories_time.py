"""What time does to a subscription: the month that ends, the limit that waits for it, texts that grow old, restarts.

Each test has a gateway of its own, since the virtual clock only goes forward.
"""

from datetime import datetime, timedelta

import pytest

from simulator.clock import AMSTERDAM
from simulator.faults import Fault
from tests.world.stage import MB, conversation, staged


def at(text):
    return datetime.fromisoformat(text).astimezone(AMSTERDAM)


def kinds(notices):
    return [item["kind"] for item in notices if item["state"] != "suppressed"]


def test_on_the_first_everything_begins_anew(run, tmp_path):
    async def played():
        async with staged(tmp_path) as stage:
            world = stage.world
            anna = world.handset(await stage.roamer(cost_limit_eur=100))
            await world.roam(anna, "US")
            await world.use(anna, megabytes=40)
            await world.change(anna, cost_limit_eur=30)
            seen = await stage.get(anna.number)
            assert (seen["cost"]["state"], seen["cost"]["pending_limit"]) == (
                "BLOCKED_100",
                {"eur": 30, "from": "2026-12-01"},
            )
            told = len(anna.inbox)
            # A second before midnight nothing has changed yet.
            await world.advance(to=at("2026-11-30T23:59:59+01:00"))
            assert (await stage.get(anna.number))["cost"]["state"] == "BLOCKED_100"
            assert world.network.policies[anna.number].outside_eu == "blocked"
            await world.advance(by=timedelta(seconds=1))
            seen = await stage.get(anna.number)
            assert (seen["period"], seen["cost"]) == (
                "2026-12",
                {"state": "OPEN", "charged_eur": "0.00", "limit_eur": 30, "pending_limit": None},
            )
            assert seen["usage"] == {"domestic_eu_bytes": 0, "outside_eu_bytes": 0, "leakage_bytes": 0}
            assert seen["data"]["outside_eu"] == "open"
            # The network hears of it within ten minutes.
            assert len(await world.advance(by=timedelta(minutes=10))) >= 1
            assert world.network.policies[anna.number].outside_eu == "open"
            assert len(anna.inbox) == told, conversation(anna)  # Q20: no text
            # The new limit counts, and its levels are armed again.
            lines = (await world.use(anna, megabytes=12)).lines
            assert ["€ 30" in line.text for line in lines] == [True]

    run(played())


def test_what_was_agreed_to_ends_with_the_month(run, tmp_path):
    async def played():
        async with staged(tmp_path, start=at("2026-11-30T20:00:00+01:00")) as stage:
            world = stage.world
            anna = world.handset(await stage.roamer())
            await world.roam(anna, "US")
            await world.use(anna, megabytes=40)
            await world.text(anna, "DOORGAAN")
            assert (await world.use(anna, megabytes=400)).lines == []
            await world.next_month()
            await world.use(anna, megabytes=20)
            seen = await stage.get(anna.number)
            assert (seen["cost"]["state"], seen["cost"]["charged_eur"]) == ("BLOCKED_100", "50.00")
            assert kinds(await stage.notices(anna.number)) == [
                "border_world_no_bundle",
                "cost_200_block",
                "cost_lifted_200",
                "cost_100_block",
            ]

    run(played())


def test_lasting_blocks_outlive_the_month(run, tmp_path):
    async def played():
        async with staged(tmp_path) as stage:
            number = await stage.roamer(bundle_gb=0, blocks={"data_outside_eu": True})
            await stage.world.next_month()
            assert (await stage.get(number))["data"]["reasons"] == ["ZERO_BUNDLE", "ADMIN_DATA_NON_EU"]

    run(played())


@pytest.mark.parametrize(
    ("start", "before", "first"),
    [
        # The month's last day has 25 hours, then 23; and the leap day.
        ("2027-10-30T12:00:00+02:00", "2027-10-31T23:59:59+01:00", "2027-11-01T00:00:00+01:00"),
        ("2030-03-30T12:00:00+01:00", "2030-03-31T23:59:59+02:00", "2030-04-01T00:00:00+02:00"),
        ("2028-02-28T12:00:00+01:00", "2028-02-29T23:59:59+01:00", "2028-03-01T00:00:00+01:00"),
        ("2026-12-31T12:00:00+01:00", "2026-12-31T23:59:59+01:00", "2027-01-01T00:00:00+01:00"),
    ],
)
def test_a_month_ends_at_midnight_in_amsterdam(run, tmp_path, start, before, first):
    async def played():
        async with staged(tmp_path, start=at(start)) as stage:
            world = stage.world
            anna = world.handset(await stage.roamer())
            await world.roam(anna, "US")
            await world.use(anna, megabytes=20)
            due = datetime.fromisoformat((await stage.http("GET", "/v1/quiet")).body["next_due"])
            assert at(first) <= due <= at(first) + timedelta(minutes=10)
            instants = await world.advance(to=at(before))
            assert at(first) not in instants
            assert (await stage.get(anna.number))["period"] == before[:7]
            # Used in the last second of the month, told in the first of the next: it belongs to the old one.
            last = stage.usage(anna.number, 2 * MB)
            await world.advance(to=at(first))
            assert (await stage.post(last)).result["outcome"] == "late"
            await stage.post(stage.usage(anna.number, MB))
            assert (await stage.get(anna.number))["cost"]["charged_eur"] == "2.50"
            old = await stage.get(anna.number, f"?period={before[:7]}")
            # In the block of that month it was leakage.
            assert (old["cost"]["charged_eur"], old["usage"]["leakage_bytes"]) == ("50.00", 2 * MB)
            await world.advance(by=timedelta(minutes=10))
            assert world.network.policies[anna.number].outside_eu == "open"

    run(played())


def test_the_hour_that_comes_twice_is_two_hours(run, tmp_path):
    async def played():
        async with staged(tmp_path, start=at("2027-10-31T02:30:00+02:00")) as stage:
            world = stage.world
            anna = world.handset(await stage.subscribed())
            assert len(await world.text(anna, "wat")) == 1
            await world.advance(by=timedelta(minutes=59))
            assert await world.text(anna, "wat nu") == []
            await world.advance(by=timedelta(minutes=1))
            assert (await stage.now()).isoformat() == "2027-10-31T02:30:00+01:00"
            assert len(await world.text(anna, "wat dan")) == 1  # Q65: an hour has passed, whatever the clock says

    run(played())


def test_a_text_that_found_no_smsc_expires(run, tmp_path):
    async def played():
        async with staged(tmp_path) as stage:
            world = stage.world
            anna = world.handset(await stage.roamer())
            refusal = await stage.unbind()
            await world.roam(anna, "BE")
            await world.use(anna, megabytes=1)
            world.network.roam(anna.number, "US", world.clock.now())
            await world.use(anna, megabytes=20)
            assert [item["state"] for item in await stage.notices(anna.number)] == [
                "pending",
                "suppressed",
                "pending",
            ]
            assert (await stage.http("GET", "/readyz")).body["delivery"] == "degraded"
            await world.advance(by=timedelta(hours=4) - timedelta(seconds=1))
            assert (await stage.notices(anna.number))[0]["state"] == "pending"
            await world.advance(by=timedelta(seconds=1))
            border, _, block = await stage.notices(anna.number)
            assert (border["kind"], border["state"], border["attempts"]) == ("border_eu", "expired", 0)
            assert (block["kind"], block["state"]) == ("cost_100_block", "pending")
            # Q51: the state counts, not the message; what is still worth sending goes out.
            assert world.network.policies[anna.number].outside_eu == "blocked"
            await stage.rebind(refusal)
            await world.settle()
            assert [line.text for line in anna.inbox] == [block["text"]], conversation(anna)

    run(played())


def test_a_newer_border_text_cancels_one_that_did_not_leave(run, tmp_path):
    async def played():
        async with staged(tmp_path) as stage:
            world = stage.world
            anna = world.handset(await stage.roamer())
            refusal = await stage.unbind()
            for place in ("BE", "FR", "US"):
                await world.roam(anna, place)
            await stage.rebind(refusal)
            await world.settle()
            states = [(item["kind"], item["state"]) for item in await stage.notices(anna.number)]
            assert states == [
                ("border_eu", "cancelled"),
                ("border_eu", "cancelled"),
                ("border_world_no_bundle", "delivered"),
            ]
            assert len(anna.inbox) == 1

    run(played())


def test_a_throttled_smsc_gets_every_text_once_and_in_order(run, tmp_path):
    async def played():
        async with staged(tmp_path) as stage:
            world = stage.world
            people = [world.handset(await stage.roamer(roaming_limit_mb=8)) for _ in range(4)]
            faults = [world.faults.arm(Fault("status", person.number, times=3)) for person in people]
            faults.append(world.faults.arm(Fault("status", times=5, every=2, status=0x14)))
            for person in people:
                batch = [stage.location(person.number, "310-410")]
                batch += [stage.usage(person.number, volume * MB) for volume in (8, 8, 4)]
                assert [result["outcome"] for result in (await stage.post_batch(batch)).results] == ["notified"] * 4
            await world.settle()
            assert [fault.hits for fault in faults] == [3, 3, 3, 3, 5]
            for person in people:
                notices = [item for item in await stage.notices(person.number) if item["state"] != "suppressed"]
                assert kinds(notices) == [
                    "border_world_no_bundle",
                    "roaming_limit_100",
                    "cost_80",
                    "cost_100_block",
                ]
                assert [line.text for line in person.inbox] == [item["text"] for item in notices]
                assert {item["state"] for item in notices} == {"delivered"}

    run(played())


@pytest.mark.parametrize("status", [0x08, 0x58, 0x14])
def test_an_expiring_text_is_not_sent_again(run, tmp_path, status):
    """A head in back-off holds its followers until it expires; then they go."""

    async def played():
        async with staged(tmp_path, GATEWAY__SMPP__RETRY_MIN_S="60", GATEWAY__SMPP__RETRY_MAX_S="60") as stage:
            world = stage.world
            anna = world.handset(await stage.roamer())
            world.faults.arm(Fault("status", anna.number, status=status))
            await world.roam(anna, "US")
            await world.use(anna, megabytes=16)
            assert anna.inbox == []
            await world.advance(by=timedelta(hours=4))
            border, cost = await stage.notices(anna.number)
            assert (border["state"], cost["state"]) == ("expired", "delivered")
            assert [line.text for line in anna.inbox] == [cost["text"]]

    run(played())


def test_a_restart_keeps_the_virtual_time(run, tmp_path):
    async def played():
        async with staged(tmp_path) as stage:
            world = stage.world
            anna = world.handset(await stage.roamer())
            await world.roam(anna, "US")
            await world.use(anna, megabytes=20)
            boot = (await stage.http("GET", "/v1/quiet")).body["boot"]
            await world.advance(to=at("2026-11-20T12:00:00+01:00"))
            # The later of clock.start and the last instant in the store: here the store's.
            await stage.restart()
            assert await stage.now() == at("2026-11-20T12:00:00+01:00")
            assert (await stage.http("GET", "/v1/quiet")).body["boot"] > boot
            assert (await stage.get(anna.number))["cost"]["state"] == "BLOCKED_100"
            assert len(await world.text(anna, "DOORGAAN")) == 1
            assert (await stage.http("GET", "/v1/quiet")).body["next_due"].startswith("2026-12-01T00:")
            await stage.kill()
            await stage.launch()
            assert await stage.now() == at("2026-11-20T12:00:00+01:00")
            # Here clock.start: the month change on the way is caught up with.
            world.clock.set(at("2026-12-05T08:00:00+01:00"))
            await stage.restart(GATEWAY__CLOCK__START="2026-12-05T08:00:00+01:00")
            await world.settle()
            assert await stage.now() == at("2026-12-05T08:00:00+01:00")
            seen = await stage.get(anna.number)
            assert (seen["period"], seen["cost"]["state"], seen["cost"]["charged_eur"]) == ("2026-12", "OPEN", "0.00")
            assert world.network.policies[anna.number].outside_eu == "open"

    run(played())


def test_a_month_that_began_while_it_was_down_is_caught_up_with(run, tmp_path):
    async def played():
        async with staged(tmp_path) as stage:
            world = stage.world
            anna = world.handset(await stage.roamer())
            await world.roam(anna, "US")
            await world.use(anna, megabytes=20)
            assert world.network.policies[anna.number].outside_eu == "blocked"
            await stage.kill()
            world.clock.set(at("2027-01-10T08:00:00+01:00"))
            await stage.launch(GATEWAY__CLOCK__START="2027-01-10T08:00:00+01:00")
            await world.settle()
            assert world.network.policies[anna.number].outside_eu == "open"
            assert (await stage.get(anna.number))["data"]["outside_eu"] == "open"

    run(played())
