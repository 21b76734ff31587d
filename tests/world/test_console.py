"""Every verb of the console against a running pair: a real gateway, the played world and its control door."""

import asyncio
import itertools
import json

import pytest
from click.testing import CliRunner

from simulator.__main__ import main
from simulator.handset import Handset

NAMES = itertools.count(1)


@pytest.fixture
def typed(stage, run):
    """What a person types, at the stage's door: exit code, output and errors."""

    def _typed(*words, at=None):
        door = at or stage.world.control.url

        async def story():
            stage.world.gateway = stage.child
            return await asyncio.to_thread(CliRunner().invoke, main, [*words, "--at", door])

        found = run(story())
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exc_info
        return found.exit_code, found.stdout, found.stderr

    return _typed


@pytest.fixture
def answered(typed):
    """The same with --json: the answer of a verb that did what it should."""

    def _answered(*words):
        code, told, errors = typed(*words, "--json")
        assert code == 0, (told, errors)
        answer = json.loads(told)
        assert (answer.pop("verb"), answer.pop("ok")) == (words[0], True)
        return answer

    return _answered


@pytest.fixture
def anna(stage, run):
    """Somebody with a name and a subscription with option B; nobody had the name before."""

    async def story():
        name = f"Anna{next(NAMES)}"
        number = await stage.roamer(cost_limit_eur=10)
        stage.world.handsets[number] = Handset(number, name)
        return name

    return run(story())


def test_text_prints_the_conversation_and_its_flow(typed, answered, anna):
    code, told, _ = typed("text", anna.lower(), "INFO UIT")
    assert code == 0
    first, second, third = told.splitlines()
    assert first == f"  {anna.lower()} → 1330   INFO UIT"
    assert second.startswith(f"  1330 → {anna.lower()}   INFO staat nu UIT.")
    assert third.startswith("  (settled in ")
    assert " ms · 1 segment · flow f" in third
    answer = answered("text", anna, "HELP")
    assert answer["replies"][0]["text"].startswith("Codes voor 1330")
    assert answer["told"][0] | {"at": 0, "flow_id": 0, "text": 0, "why": 0} == {
        "at": 0, "kind": "help", "name": "hulp", "outcome": "sent", "reason": "", "why": 0, "state": "delivered",
        "text": 0, "parts": 1, "event": {"type": "sms.received", "source": "smpp", "id": ""}, "flow_id": 0,
    }  # fmt: skip


def test_silence_has_its_words(typed, anna):
    typed("text", anna, "HELP")
    told = typed("text", anna, "HELP")[1]
    assert "(no text: duplicate_mo)" in told
    assert "simulator clock +1m\n" in told
    number = f"+3169000{next(NAMES):04}"
    for words in (("text", number, "DOORGAAN"), ("roam", number, "US")):
        assert f"  (no answer: 1330 has no subscription of {number})\n" in typed(*words)[1]


def test_a_fault_that_strikes_meanwhile_is_named(typed, answered, anna):
    answered("fault", "arm", "smsc.throttle", "--next", "2", "--phone", anna)
    code, told, _ = typed("text", anna, "HELP")
    assert (code, "  (fault smsc.throttle (SMSC says: too busy) struck 2 times)\n" in told) == (0, True)
    assert "struck" not in typed("text", anna, "INFO")[1]


def test_roam_takes_a_country_in_either_language(answered, typed, anna):
    assert "Verenigde Staten" in answered("roam", anna, "United States")["replies"][0]["text"]
    assert answered("phone", anna)["place"] == "United States"
    assert answered("roam", anna, "Nederland")["replies"] == []
    code, told, _ = typed("roam", anna, "Verenigde", "Staten")
    assert code == 0
    assert "(no text: reentry_quiet)" in told
    code, _, errors = typed("roam", anna, "Kanada")
    assert code == 2
    assert "Did you mean Canada" in errors


def test_use_says_what_it_cost(typed, answered, anna):
    answered("roam", anna, "US")
    assert answered("use", anna, "4", "MB")["told"][0]["kind"] == "cost_100_block"
    code, told, _ = typed("use", anna, "500kB")
    assert code == 0
    assert "the network refused the data: it is blocked here by the cost limit\n" in told
    assert answered("use", anna, "500kB")["blocked"] is True
    assert typed("use", anna, "4XB")[0] == 2


def test_why_gives_the_reason_of_a_text_and_of_silence(typed, answered, anna):
    answered("roam", anna, "US")
    answered("use", anna, "3.2MB")
    (item,) = answered("why", anna, "cost_80")["items"]
    assert (item["outcome"], item["kind"], item["name"]) == ("sent", "cost_80", "kostenlimiet 80%")
    assert any("€ 8.00" in why for why in item["why"])
    code, told, _ = typed("why", anna, "kostenlimiet 80%")
    assert code == 0
    assert "cost_80 · kostenlimiet 80%" in told
    assert "event usage-" in told
    code, _, errors = typed("why", anna, "cost_81")
    assert (code, "did you mean cost_80?" in errors) == (2, True)
    assert len(answered("why", anna, "--limit", "1")["items"]) == 1


def test_phone_lists_shows_makes_and_switches(stage, typed, answered, anna):
    name = f"Eva{next(NAMES)}"
    made = answered("phone", "add", name, "--limit", "30", "--option", "B", "--language", "en")
    assert made["subscription"]["cost_limit_eur"] == 30
    assert made["subscription"]["bundles"]["B"]["enabled"] is True
    assert {anna, name} <= {one["name"] for one in answered("phone")["items"]}
    assert name in typed("phone")[1]
    typed("phone", name, "off")
    assert answered("phone", name)["reach"] == "off"
    code, told, _ = typed("roam", name, "US")
    assert "is on its way: submitted" in told
    answered("reach", name, "on")
    code, told, _ = typed("phone", name)
    assert code == 0
    assert "1330 → " in told
    assert stage.world.person(name).number == made["number"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("phone", "add", "0612"), "a name that begins with a letter"),
        (("phone", "add", "Eva", "+31610000099", "--option", "X"), "allowed are A, B, ROW, WORLD"),
        (("phone", "add", "Zoe", "--language", "xx"), "allowed are nl, en, de, fr"),
        (("phone", "+31610000099", "of"), "did you mean off?"),
        (("phone", "a", "b", "c", "d"), "phone takes nothing"),
        (("text", "Nobodyy", "HELP"), "nobody is called 'Nobodyy'"),
        (("text", "0612345678", "HELP"), "is no number"),
        (("why", "Nobodyy"), "nobody is called"),
        (("clock", "too", "2027-01-01"), "did you mean to?"),
        (("clock", "+3x"), "is no span"),
        (("clock", "to", "yesterday"), "is no moment"),
        (("clock", "to", "2020-01-01"), "can not go back"),
        (("receipts", "decimal"), "either --system-id or --number"),
        (("flow", "f0-0"), "no line of flow 'f0-0'"),
        (("fault", "arm", "smsc.throtle"), "did you mean smsc.throttle"),
        (("fault", "arm", "gw.kill"), "needs a gateway of our own"),
        (("fault", "arm", "smsc.bind_refused", "--phone", "+31610000098"), "no fault of a single phone"),
        (("fault", "arm", "smsc.slow", "--for", "long"), "is no span"),
        (("fault", "arm", "smsc.slow", "--next", "2", "--until-cleared"), "exclude each other"),
    ],
)
def test_a_slip_of_the_pen_is_answered_with_what_is_allowed(typed, words, told):
    code, output, errors = typed(*words)
    assert (code, output) == (2, "")
    assert told in errors
    code, output, _ = typed(*words, "--json")
    answer = json.loads(output)
    assert (code, answer["ok"], answer["verb"]) == (2, False, words[0])
    assert told in answer["error"]


def test_clock_streams_each_instant(stage, typed, answered, anna):
    before = answered("clock")["now"]
    assert answered("clock", "now")["clock"] == "virtual"
    answered("roam", anna, "US")
    answered("use", anna, "4MB")
    moved = answered("clock", "next-month")
    assert moved["from"] >= before
    lifted = [one for instant in moved["instants"] for one in instant["policies"]]
    after = answered("clock", "+1h")
    lifted += [one for instant in after["instants"] for one in instant["policies"]]
    number = stage.world.person(anna).number
    assert [one["outside_eu"] for one in lifted if one["msisdn"] == number] == ["open"]
    code, told, _ = typed("clock", "+1d")
    assert code == 0
    assert " → " in told.splitlines()[-1]
    assert "due instant" in told.splitlines()[-1]
    assert answered("advance", "60")["took_ms"] >= 0
    start = answered("clock")["now"]
    answered("clock", "to", "2028-01-01", "10:15")
    assert answered("clock")["now"] == "2028-01-01T10:15:00+01:00" > start


def test_status_and_doctor_say_how_it_stands(typed, answered):
    found = answered("status")
    assert found["gateway"]["ready"] is True
    assert [one["system_id"] for one in found["smsc"]["sessions"]] == ["gateway"]
    code, told, _ = typed("status")
    assert code == 0
    for piece in ("Gateway     http", "ready", "bound: gateway (transceiver)", "virtual", "0 armed"):
        assert piece in told
    code, told, _ = typed("doctor")
    assert code == 0, told
    assert "another program (control)" not in told
    for piece in ("✓ python", "✓ gateway check", "✓ serve or demo", "✓ SMPP           bound: gateway"):
        assert piece in told
    code, told, _ = typed("doctor", "--json", at="http://127.0.0.1:9")
    found = {one["what"]: one["mark"] for one in json.loads(told)["findings"]}
    assert (code, found["serve or demo"]) == (0, "⚠")


def test_a_fault_is_armed_strikes_and_is_over(typed, answered, anna):
    code, told, _ = typed("fault", "arm", "smsc.throttle", "--next", "3", "--phone", anna)
    assert code == 0
    assert told == f"  armed smsc.throttle (SMSC says: too busy) next 3, of {anna}   hits 0/3\n"
    assert answered("status")["faults_armed"] == 1
    assert len(answered("text", anna, "HELP")["replies"]) == 1
    found = answered("fault", "list")
    assert (found["armed"], found["spent"][-1]["hits"]) == ([], 3)
    assert "faults" not in found, "what else could be armed is for --all"
    assert answered("fault", "list", "--all")["faults"]
    assert "  over  smsc.throttle" in typed("fault", "list")[1]
    answered("fault", "arm", "SMSC", "zegt:", "te", "druk", "--until-cleared", "--every", "2", "--probability", "0.5")
    (armed,) = answered("fault", "list")["armed"]
    assert (armed["fault"], armed["times"], armed["every"], armed["probability"]) == ("smsc.throttle", None, 2, 0.5)
    code, told, _ = typed("fault", "clear", "SMSC says: too busy")
    assert (code, "cleared smsc.throttle" in told) == (0, True)
    assert typed("fault", "clear")[1] == "  nothing was armed\n"
    answered("fault", "arm", "smsc.dlr_never", "--for", "10m")
    assert answered("fault", "list")["armed"][0]["times"] is None
    answered("clock", "+11m")
    assert answered("fault", "list")["armed"] == []


def test_faults_and_numbers_are_listed(typed):
    told = typed("fault", "list", "--all")[1]
    assert "smsc.throttle          SMSC zegt: te druk | SMSC says: too busy" in told
    assert "(in scenarios only)" in told
    assert "…9001   " in CliRunner().invoke(main, ["fault", "numbers"]).output
    numbers = json.loads(CliRunner().invoke(main, ["fault", "numbers", "--json"]).output)["numbers"]
    assert numbers[0]["digits"] == "9001"


def test_receipts_are_changed(stage, typed, anna):
    number = stage.world.person(anna).number
    code, told, _ = typed("receipts", "never", "--number", number)
    assert (code, told) == (0, f"  receipts of {number}: never\n")


def test_tail_and_flow_show_the_gateways_log(typed, answered, anna):
    flow = answered("text", anna, "HELP")["told"][0]["flow_id"]
    code, told, _ = typed("flow", flow)
    assert code == 0
    assert "┌" in told
    assert "decided: send help" in told
    assert {"mo.received", "mt.submitted"} <= {one["event"] for one in answered("flow", flow)["lines"]}
    code, told, _ = typed("tail")
    assert code == 0
    assert flow in told
    code, told, _ = typed("tail", "--flow", flow, "--event", "mt.*", "--json")
    assert {json.loads(line)["event"] for line in told.splitlines()} >= {"mt.submitted", "mt.accepted"}


def test_where_nobody_answers(typed):
    for words in (("text", "Anna", "HELP"), ("phone",), ("clock",), ("status",), ("why", "Anna"), ("tail",)):
        code, _, errors = typed(*words, at="http://127.0.0.1:9")
        assert code == 2, words
        assert "http://127.0.0.1:9 does not answer" in errors


def test_a_verb_that_is_not_there(typed):
    code, _, errors = typed("stat")
    assert code == 2
    assert "Did you mean status?" in errors
