"""Every kind of notification once, from end to end: what led to it, the text on the handset, and what data may do.

Each row plays over SMPP and HTTP against a gateway process; the last step brings the text. The figures follow from
the sample sheet: zone A costs € 2.50 a MB excluding VAT, so € 50 are 20 MB, and border tariffs are 21 % higher.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from handlers.policy import NOTIFICATIONS
from tests.world.stage import OPTION_B, conversation, new_imsi, new_number, staged

LINE = {"bundles": OPTION_B}
ENGLISH = LINE | {"language": "en"}
NO_OPTION = {"bundles": {"B": {"enabled": False}}}
ONE_BUNDLE = {"bundles": {"B": {"enabled": True, "max_per_month": 1}}}
BLOCKED = (("roam", "US"), ("use", 20))
TWICE = (*BLOCKED, ("text", "DOORGAAN"), ("use", 20))


@dataclass(frozen=True, kw_only=True)
class Story:
    """`steps` lead to `kind`, alone unless `beside` names others; `said` stands in the text. The rest is how the
    portal shows the subscription afterwards.
    """

    settings: dict[str, Any] = field(default_factory=lambda: LINE)
    steps: tuple[tuple[str, Any], ...]
    said: tuple[str, ...]
    beside: tuple[str, ...] = ()
    outside_eu: str = "open"
    eu: str = "open"
    cost: tuple[str, str] = ("OPEN", "0.00")
    language: str = "nl"


STORIES: dict[str, Story] = {
    # --- at a border
    "border_eu": Story(steps=(("roam", "BE"),), said=("Belgie", "als thuis", "112", "roam.example/BE", "INFO UIT")),
    "border_eu_emergency": Story(
        settings=LINE | {"preferences": {"INFO": False}},
        steps=(("roam", "DE"),),
        said=("Duitsland", "112", "roam.example/DE/112"),
        beside=("border_eu:preference:INFO",),
    ),
    "border_eu_data_off": Story(
        settings=LINE | {"blocks": {"data_eu": True}},
        steps=(("roam", "FR"),),
        said=("Frankrijk", "data staat uit", "112", "INFO UIT"),
        eu="blocked",
    ),
    "border_world_bundle": Story(
        steps=(("roam", "JP"),),
        said=("Japan", "7,5 GB", "1,94/min", "1,09/min", "0,42", "incl. btw", "INFO UIT"),
    ),
    "border_world_no_bundle": Story(
        steps=(("roam", "US"),),
        said=("Verenigde Staten", "3,03/MB", "1,09/min", "0,54/min", "0,30", "incl. btw", "limiet € 50", "INFO UIT"),
    ),
    "border_world_data_off": Story(
        settings=NO_OPTION,
        steps=(("roam", "310-260"),),
        said=("Verenigde Staten", "data is uit", "1,09/min", "0,54/min", "0,30", "incl. btw", "INFO UIT"),
        outside_eu="blocked",
    ),
    "border_world_blocked": Story(
        steps=(*BLOCKED, ("roam", "CA")),
        said=("Canada", "geblokkeerd", "€ 50", "3,03/MB", "DOORGAAN", "INFO UIT"),
        outside_eu="blocked",
        cost=("BLOCKED_100", "50.00"),
    ),
    "border_no_realtime": Story(
        steps=(("roam", "438-02"),),
        said=("Turkmenistan", "€ 50", "werkt hier niet", "excl. btw|ex btw"),
        beside=("border_world_no_bundle",),
    ),
    "border_non_terrestrial": Story(
        steps=(("roam", "901-12"),),
        said=("12,10/MB", "4,84/min", "0,73", "incl. btw", "vliegtuigstand", "INFO UIT"),
    ),
    "border_combi": Story(
        steps=(("combi", "US"),),
        said=("Combi SIM", "Verenigde Staten", "3,03/MB", "INFO UIT"),
    ),
    # --- volumes
    "usage_80": Story(
        settings=LINE | {"usage_alert_gb": 2},
        steps=(("use", 1599), ("use", 1)),
        said=("80%", "2 GB", "1,6 GB", "BERICHT UIT"),
    ),
    "usage_100": Story(
        settings=LINE | {"usage_alert_gb": 2},
        steps=(("roam", "BE"), ("use", 1700), ("use", 300)),
        said=("100%", "2 GB", "BERICHT UIT"),
    ),
    "roaming_limit_80": Story(
        settings=LINE | {"roaming_limit_mb": 10},
        steps=(("roam", "US"), ("use", 8)),
        said=("80%", "10 MB", "LIMIET UIT"),
        cost=("OPEN", "20.00"),
    ),
    "roaming_limit_100": Story(
        settings=LINE | {"roaming_limit_mb": 10, "cost_limit_eur": 200},
        steps=(("roam", "US"), ("use", 9), ("use", 1)),
        said=("10 MB", "100%", "Data werkt door", "€ 200", "excl. btw|ex btw"),
        cost=("OPEN", "25.00"),
    ),
    # --- bundles: B has 7.5 GB
    "bundle_activated": Story(
        steps=(("roam", "JP"), ("use", 1)),
        said=("B", "7,5 GB", "€ 35", "excl. btw", "30-11", "Nog 9"),
    ),
    "bundle_80": Story(
        steps=(("roam", "JP"), ("use", 5999.999), ("use", 0.001)),
        said=("80%", "1,5 GB", "€ 35", "9", "BERICHT UIT"),
    ),
    "bundle_80_last": Story(
        settings=ONE_BUNDLE,
        steps=(("roam", "JP"), ("use", 5999), ("use", 1)),
        said=("80%", "1 van 1", "1,5 GB", "geblokkeerd", "BERICHT UIT"),
    ),
    "bundle_renewed": Story(
        steps=(("roam", "JP"), ("use", 7000), ("use", 500)),
        said=("100%", "7,5 GB", "€ 35", "30-11", "Nog 8"),
    ),
    "bundle_renewed_many": Story(
        steps=(("roam", "JP"), ("use", 1), ("use", 16_000)),
        said=("2 bundels", "7,5 GB", "€ 35", "30-11", "Nog 7"),
        beside=("bundle_80:superseded",),
    ),
    "bundle_ended": Story(
        steps=(("roam", "JP"), ("use", 7000), ("portal", NO_OPTION), ("use", 500)),
        said=("100%", "geen nieuwe"),
        outside_eu="blocked",
    ),
    "bundle_cap_reached": Story(
        settings=ONE_BUNDLE,
        steps=(("roam", "JP"), ("use", 7000), ("use", 500)),
        said=("Maximum bereikt (1)", "geblokkeerd tot 1-12", "Nog 0"),
    ),
    # --- costs
    "cost_80": Story(
        steps=(("roam", "US"), ("use", 15.999), ("use", 0.001)),
        said=("80%", "€ 50", "€ 40", "excl. btw", "LIMIET UIT"),
        cost=("OPEN", "40.00"),
    ),
    "cost_100_block": Story(
        steps=(("roam", "US"), ("use", 19.999), ("use", 0.001)),
        said=("€ 50", "geblokkeerd", "€ 100", "€ 2,50/MB", "excl. btw", "DOORGAAN", "op de 1e"),
        outside_eu="blocked",
        cost=("BLOCKED_100", "50.00"),
    ),
    "cost_100_block_hard": Story(
        settings=LINE | {"hard_cap": True},
        steps=BLOCKED,
        said=("€ 50", "excl. btw", "geblokkeerd tot 1-12", "organisatie"),
        beside=("cost_80:superseded",),
        outside_eu="blocked",
        cost=("BLOCKED_100", "50.00"),
    ),
    "cost_200_block": Story(
        steps=TWICE,
        said=("€ 100", "weer geblokkeerd", "DOORGAAN", "€ 2,50/MB", "ZONDER limiet", "1-12"),
        outside_eu="blocked",
        cost=("BLOCKED_200", "100.00"),
    ),
    "cost_lifted_100": Story(
        steps=(*BLOCKED, ("text", "DOORGAAN")),
        said=("opgeheven", "€ 2,50/MB", "€ 100", "€ 50", "excl. btw"),
        cost=("OPEN", "50.00"),
    ),
    "cost_lifted_200": Story(
        steps=(*TWICE, ("text", "Verder!")),
        said=("t/m 30-11", "€ 2,50/MB", "excl. btw", "GEEN limiet", "€ 100"),
        cost=("OPEN_REST_OF_MONTH", "100.00"),
    ),
    "cost_unblocked_admin": Story(
        steps=(*BLOCKED, ("portal", {"cost_limit_eur": 100})),
        said=("€ 100", "excl. btw", "werkt weer", "€ 50", "€ 2,50/MB"),
        cost=("OPEN", "50.00"),
    ),
    # --- answers to DOORGAAN and NEE
    "lift_refused_hard_cap": Story(
        settings=LINE | {"hard_cap": True},
        steps=(*BLOCKED, ("text", "JA")),
        said=("€ 50", "excl. btw", "organisatie", "1-12"),
        outside_eu="blocked",
        cost=("BLOCKED_100", "50.00"),
    ),
    "lift_refused_other": Story(
        settings=LINE | {"blocks": {"data_outside_eu": True}},
        steps=(("text", "doorgaan"),),
        said=("niet per sms", "beheerder"),
        outside_eu="blocked",
    ),
    "lift_partial": Story(
        steps=(*BLOCKED, ("portal", {"blocks": {"data_outside_eu": True}}), ("text", "DOORGAAN")),
        said=("Kostenblokkade opgeheven", "€ 2,50/MB", "€ 50", "excl. btw", "data blijft uit"),
        outside_eu="blocked",
        cost=("OPEN", "50.00"),
    ),
    "nothing_to_lift": Story(
        steps=(("roam", "US"), ("use", 4), ("text", "DOORGAAN")),
        said=("geen blokkade", "€ 10", "€ 50", "excl. btw", "HELP"),
        cost=("OPEN", "10.00"),
    ),
    "lift_declined": Story(
        steps=(*BLOCKED, ("text", "Nee.")),
        said=("blijft geblokkeerd tot 1-12", "DOORGAAN"),
        outside_eu="blocked",
        cost=("BLOCKED_100", "50.00"),
    ),
    # --- shortcodes
    "pref_bericht_on": Story(
        settings=LINE | {"preferences": {"BERICHT": False}},
        steps=(("text", "bericht aan"),),
        said=("BERICHT staat nu AAN", "BERICHT UIT"),
    ),
    "pref_bericht_off": Story(steps=(("text", "BERICHT UIT"),), said=("BERICHT staat nu UIT", "BERICHT AAN")),
    "pref_info_on": Story(
        settings=ENGLISH | {"preferences": {"INFO": False}},
        steps=(("text", "info on"),),
        said=("INFO is now ON", "INFO UIT"),
        language="en",
    ),
    "pref_info_off": Story(steps=(("text", "uit info"),), said=("INFO staat nu UIT", "112", "INFO AAN")),
    "pref_limiet_on": Story(
        settings=LINE | {"preferences": {"LIMIET": False}, "cost_limit_eur": 2000},
        steps=(("text", "LIMIETAAN"),),
        said=("LIMIET staat nu AAN", "80%", "€ 2000", "excl. btw"),
    ),
    "pref_limiet_off": Story(
        steps=(("text", "‘Limiet – uit’"),),
        said=("LIMIET staat nu UIT", "€ 50", "excl. btw", "LIMIET AAN"),
    ),
    "pref_already": Story(steps=(("text", "INFO AAN"),), said=("INFO stond al AAN", "HELP")),
    "status": Story(
        settings=LINE | {"preferences": {"LIMIET": False}},
        steps=(("text", "limiet?"),),
        said=("LIMIET staat UIT", "LIMIET AAN of LIMIET UIT"),
    ),
    "help": Story(
        settings=ENGLISH,
        steps=(("text", "?"),),
        said=("BERICHT", "INFO", "LIMIET", "DOORGAAN", "HELP", "lift block"),
        language="en",
    ),
    "unknown": Story(steps=(("text", "ik wil geen info aan"),), said=("kennen we niet", "HELP")),
}
LONG_FORM = "border_eu_vas"
"""Sent only where the configuration asks for the long form; it has a test of its own."""
OPTIONS = {"cost_second_warning", "cost_courtesy", "period_reset"}
"""Likewise: Q9, Q10, Q20."""


def test_every_kind_has_its_story():
    told = STORIES.keys() | {LONG_FORM} | OPTIONS
    assert not NOTIFICATIONS.keys() - told, f"no story in STORIES of: {', '.join(sorted(NOTIFICATIONS.keys() - told))}"
    assert not told - NOTIFICATIONS.keys(), f"stories of no kind: {', '.join(sorted(told - NOTIFICATIONS.keys()))}"


async def act(world, handset, combi, step):
    verb, value = step
    match verb:
        case "roam":
            await world.roam(handset, value)
        case "combi":
            await world.roam(combi, value)
        case "use":
            await world.use(handset, megabytes=value)
        case "text":
            await world.text(handset, value)
        case "portal":
            await world.change(handset, **value)


@pytest.mark.parametrize("kind", STORIES)
def test_a_kind_from_its_cause_to_the_handset(stage, run, kind):
    story = STORIES[kind]

    async def played():
        world, number = stage.world, new_number()
        handset, combi = world.handset(number), world.handset(new_number())
        sims = [
            {"imsi": new_imsi(), "role": "primary"},
            {"imsi": new_imsi(), "role": "combi", "msisdn": combi.number},
        ]
        assert (await stage.put(number, {"sims": sims} | story.settings)).status == 201
        for step in story.steps[:-1]:
            await act(world, handset, combi, step)
        told = len(await stage.notices(number))
        await act(world, handset, combi, story.steps[-1])
        notices = (await stage.notices(number))[told:]
        named = [item["kind"] + (f":{item['reason']}" if item["reason"] else "") for item in notices]
        assert sorted(named) == sorted([kind, *story.beside]), conversation(handset)
        item = next(item for item in notices if item["kind"] == kind)
        assert (item["state"], item["to"], item["language"]) == ("delivered", number, story.language)
        assert (item["parts"], item["encoding"]) == (1, "gsm7")
        assert item["text"] in [line.text for line in handset.inbox if line.peer == "1330"], conversation(handset)
        assert combi.inbox == []
        for piece in story.said:
            assert any(choice in item["text"] for choice in piece.split("|")), (piece, item["text"])
        seen = await stage.get(number)
        assert (seen["data"]["eu"], seen["data"]["outside_eu"]) == (story.eu, story.outside_eu)
        assert (seen["cost"]["state"], seen["cost"]["charged_eur"]) == story.cost
        # The network was told the same.
        policy = world.network.policies[number]
        assert (policy.eu, policy.outside_eu) == (story.eu, story.outside_eu)

    run(played())


def test_the_long_form_adds_the_premium_numbers(run, tmp_path):
    async def played():
        async with staged(tmp_path, GATEWAY__POLICY__BORDER_LONG_FORM="true") as stage:
            handset = stage.world.handset(await stage.subscribed())
            lines = await stage.world.roam(handset, "BE")
            assert len(lines) == 2
            first, second = await stage.notices(handset.number)
            assert [first["kind"], second["kind"]] == ["border_eu", LONG_FORM]
            assert [line.text for line in lines] == [first["text"], second["text"]]
            for piece in ("0900", "roam.example/BE", "INFO UIT"):
                assert piece in second["text"]

    run(played())


def test_the_kinds_that_are_options(run, tmp_path):
    """Q9, Q10, Q20: one subscriber goes through all of them, another is blocked when the month ends."""
    env = {"SECOND_WARNING_PCT": "180", "COURTESY_PCTS": "[300, 500]", "NOTIFY_RESET": "true"}

    async def played():
        async with staged(tmp_path, **{f"GATEWAY__POLICY__{key}": value for key, value in env.items()}) as stage:
            world = stage.world
            anna = world.handset(await stage.roamer(language="fr"))
            bram = world.handset(await stage.roamer(language="de"))
            for step in (*BLOCKED, ("text", "DOORGAAN")):
                await act(world, anna, None, step)
            (line,) = (await world.use(anna, megabytes=16)).lines
            assert "frais de données hors UE : 90,00 €. Dès 100,00 € (HT)" in line.text
            await world.use(anna, megabytes=4)
            await world.text(anna, "DOORGAAN")
            (line,) = (await world.use(anna, megabytes=20)).lines
            assert "150,00 € (HT). AUCUNE limite jusqu'au 1/12 ; données à 2,50 €/Mo" in line.text
            for step in BLOCKED:
                await act(world, bram, None, step)
            heard = len(anna.inbox), len(bram.inbox)
            await world.next_month()
            await world.advance(by=timedelta(minutes=10))
            assert (len(anna.inbox), len(bram.inbox)) == (heard[0], heard[1] + 1), conversation(bram)
            assert bram.inbox[-1].text.startswith("Neuer Monat: Daten außerhalb der EU sind wieder frei.")
            assert world.network.policies[bram.number].outside_eu == "open"
            told = {item["kind"] for one in (anna, bram) for item in await stage.notices(one.number)}
            assert told >= OPTIONS

    run(played())
