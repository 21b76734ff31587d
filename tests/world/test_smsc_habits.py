"""Our gateway at SMSCs of every habit: each receipt profile, each form of a text, TLS, limits, handsets away."""

from datetime import timedelta
from pathlib import Path

import pytest

from simulator.accounts import Account
from simulator.mo import FORMS
from simulator.profiles import PROFILES
from simulator.reach import Reach
from simulator.smsc import SmscSettings
from simulator.tls import server_context
from simulator.world import WorldSettings
from tests.world.stage import WAIT_S, conversation, staged

FILES = Path(__file__).parents[1] / "gateway" / "smpp" / "certificates"


async def states(stage, number):
    return [item["state"] for item in await stage.notices(number) if item["state"] != "suppressed"]


def settings(**limits):
    granted = Account(system_id="gateway", password="secret", **limits)
    return WorldSettings(accounts={"gateway": granted}, smsc=SmscSettings(receipt_delay_s=0), settle_timeout_s=WAIT_S)


# --- receipts


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("whose", ["account", "number"])
def test_a_receipt_of_every_make_is_understood(stage, run, profile, whose):
    async def played():
        handset = stage.world.handset(await stage.subscribed())
        choice = stage.world.smsc.centre.profiles
        if whose == "account":
            choice.choose(profile, account="gateway")
        else:
            choice.choose(profile, number=handset.number)
        before = stage.world.counters.receipts_out
        try:
            lines = await stage.world.text(handset, "HELP")
            assert ["Codes voor 1330" in line.text for line in lines] == [True], conversation(handset)
            assert await states(stage, handset.number) == ["submitted" if profile == "never" else "delivered"]
            came = stage.world.counters.receipts_out - before
            assert came == {"never": 0, "twice": 2}.get(profile, 1)
        finally:
            choice.choose("standard", account="gateway")
            choice.forget(number=handset.number)

    run(played())


@pytest.mark.parametrize("profile", sorted(set(PROFILES) - {"never"}))
def test_a_failure_of_every_make_is_understood(stage, run, profile):
    async def played():
        handset = stage.world.handset(await stage.subscribed())
        stage.world.smsc.centre.profiles.choose(profile, number=handset.number)
        await stage.world.switch(handset, on=False)
        await stage.world.text(handset, "HELP")
        assert await states(stage, handset.number) == ["submitted"]
        # A text's validity is at most two days (Q51).
        await stage.world.advance(by=timedelta(days=2, seconds=1))
        assert await states(stage, handset.number) == ["expired"]
        await stage.world.switch(handset, on=True)
        assert handset.inbox == []

    run(played())


# --- texts


@pytest.mark.parametrize("form", FORMS)
def test_a_text_of_every_form_is_read(stage, run, form):
    async def played():
        handset = stage.world.handset(await stage.subscribed())
        vendor = [(0x1401, b"\x0a\xff")]
        for text in ("info uit", "info" + " " * 200 + "aan"):
            lines = await stage.world.text(handset, text, form=form, tlvs=vendor)
            assert len(lines) == 1, conversation(handset)
        for line, word in zip(handset.inbox, ("UIT", "AAN"), strict=True):
            assert f"INFO staat nu {word}" in line.text

    run(played())


# --- handsets


@pytest.mark.parametrize(("reach", "after_s"), [("off", 0), ("full", 0), ("roaming", 30), ("detached", 60)])
def test_a_handset_that_is_away_gets_its_text_later(stage, run, reach, after_s):
    async def played():
        world = stage.world
        handset = world.handset(await stage.subscribed())
        await world.put(handset, Reach(reach))
        assert await world.text(handset, "HELP") == []
        assert await states(stage, handset.number) == ["submitted"]
        if reach != "roaming":
            await world.put(handset, Reach.ON)
        began = world.clock.now()
        if after_s:
            assert handset.inbox == []
            await world.advance(by=timedelta(seconds=after_s))
        (line,) = handset.inbox
        assert (line.at - began, await states(stage, handset.number)) == (timedelta(seconds=after_s), ["delivered"])

    run(played())


# --- limits and TLS


@pytest.mark.parametrize("limits", [{"rate_per_s": 100.0, "burst": 1}, {"window": 2, "answer_s": 0.005}])
def test_an_account_with_limits_gets_all_its_texts_out_in_order(run, tmp_path, limits):
    async def played():
        async with staged(tmp_path, settings=settings(**limits)) as stage:
            people = [stage.world.handset(await stage.subscribed()) for _ in range(6)]
            for person in people:
                for text in ("INFO UIT", "BERICHT UIT"):
                    stage.world.smsc.post_mo(person.number, "1330", text)
            await stage.world.settle()
            for person in people:
                said = [line.text for line in person.inbox]
                assert len(said) == 2, conversation(person)
                assert "INFO staat nu UIT" in said[0]
                assert await states(stage, person.number) == ["delivered"] * 2
            # What was refused came again.
            assert stage.world.counters.submits_in > 12

    run(played())


def test_a_text_over_the_smscs_own_tls(run, tmp_path):
    async def played():
        tls = server_context(FILES / "smsc.pem", None, FILES / "ca.pem")
        chosen = WorldSettings(tls=tls, smsc=SmscSettings(receipt_delay_s=0), settle_timeout_s=WAIT_S)
        env = {
            "GATEWAY__SMPP__TLS": "true",
            "GATEWAY__SMPP__TLS_CA_FILE": str(FILES / "ca.pem"),
            "GATEWAY__SMPP__TLS_CERT_FILE": str(FILES / "gateway.crt"),
            "GATEWAY__SMPP__TLS_KEY_FILE": str(FILES / "gateway.key"),
            "GATEWAY__SMPP__TLS_SERVER_NAME": "smsc.test",
        }
        async with staged(tmp_path, settings=chosen, **env) as stage:
            handset = stage.world.handset(await stage.subscribed())
            lines = await stage.world.text(handset, "HELP")
            assert ["Codes voor 1330" in line.text for line in lines] == [True]
            assert await states(stage, handset.number) == ["delivered"]

    run(played())
