"""The vocabulary: closed, whole in both languages, each example its own phrase and no other."""

import asyncio
from types import SimpleNamespace

import pytest

from simulator.faultnames import FAULTS, find_fault
from simulator.scenarios import checks, matching
from simulator.scenarios.acts import Call
from simulator.scenarios.interpret import Interpreter, Understood, Wrong
from simulator.scenarios.lint import check_file
from simulator.scenarios.reading import Step, find_files
from simulator.scenarios.scene import Failure
from simulator.scenarios.speech import BLOCKS, REASONS, SENTENCES
from simulator.scenarios.tables import EXAMPLES
from simulator.scenarios.vocabulary import VOCABULARY

PHRASES = {phrase.id: phrase for phrase in VOCABULARY}
PEOPLE = ["Anna", "Bram", "Cees", "Dora"]
LIBRARY = "simulator/scenarios/library"
PLANNED = {*(str(number) for number in range(1, 56))}
"""The ids that the design of the language gives its phrases."""


def phrases_of(step_kind, language, text):
    """Every phrase of that kind whose expression fits."""
    fitting = [one for one in VOCABULARY if one.kind == step_kind]
    return [one.id for one in fitting if matching.match(one.expression(language), text) is not None]


def test_every_planned_phrase_is_there_once():
    assert len(PHRASES) == len(VOCABULARY)
    assert sorted(PLANNED - set(PHRASES)) == []


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("phrase", VOCABULARY, ids=lambda phrase: phrase.id)
def test_an_example_is_its_own_phrase_only(phrase, language):
    assert phrases_of(phrase.kind, language, phrase.example(language)) == [phrase.id]


def read_example(phrase, language, rows):
    introduces = phrase.id in ("2", "3", "4", "5")
    step = Step(phrase.kind, "Als", phrase.example(language), 1, 0, rows, tuple(range(2, 2 + len(rows))))
    return Interpreter(language, [] if introduces else list(PEOPLE)).read(step)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("phrase", VOCABULARY, ids=lambda phrase: phrase.id)
def test_an_example_can_be_read_with_its_table(phrase, language):
    rows = EXAMPLES.get(phrase.table.rstrip("?"), {}).get(language, ())
    read = read_example(phrase, language, rows)
    assert isinstance(read, Understood), read
    assert read.phrase is phrase


@pytest.mark.parametrize("phrase", VOCABULARY, ids=lambda phrase: phrase.id)
def test_a_table_stands_where_it_belongs(phrase):
    without, under = read_example(phrase, "nl", ()), read_example(phrase, "nl", (("een", "twee"),))
    assert isinstance(without, Wrong) == (bool(phrase.table) and not phrase.table.endswith("?"))
    if not phrase.table:
        assert under == Wrong("Onder deze stap hoort geen tabel.")
    if isinstance(without, Wrong):
        assert without.message.startswith("Onder deze stap hoort een tabel")


@pytest.mark.parametrize("phrase", VOCABULARY, ids=lambda phrase: phrase.id)
def test_both_languages_take_the_same_values(phrase):
    """And in the same order: a handler takes them by place."""
    kinds = [
        [value.kind for value in matching.match(phrase.expression(language), phrase.example(language))]
        for language in ("nl", "en")
    ]
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("ontvangt Anna geen smsjes", "krijgt/ontvangt {naam} geen sms"),
        ("kan Anna niet internet", "kan {naam} niet internetten"),
        ('krijgt Anna bericht "grensbericht"', "krijgt/ontvangt {naam} het bericht {string}"),
    ],
)  # fmt: skip
def test_a_mistyped_step_is_most_like_the_right_one(text, nearest):
    own = [phrase.nl for phrase in VOCABULARY if phrase.kind == "then"]
    assert nearest in matching.nearest(text, own)


def test_what_is_like_nothing_is_like_nothing():
    assert matching.nearest("de zon schijnt", ["krijgt {naam} geen sms"]) == []


def test_every_phrase_is_used_by_a_scenario_of_the_library():
    files, missing = find_files([LIBRARY])
    assert not missing
    used = set()
    for path, _ in files:
        ready, faults = check_file(path)
        assert not faults, faults
        for one in ready:
            for step in one.steps:
                used |= {step.phrase.id, *(inner.phrase.id for inner in step.inner)}
    assert set(PHRASES) == used


def test_each_fault_has_a_name_in_each_language():
    for language in ("nl", "en"):
        assert all(find_fault(one.name(language), language) is one for one in FAULTS)
    assert find_fault("SMSC zwijgt", "en") is None
    assert find_fault("smsc.silent", "en") is not None


def test_sentences_have_the_same_blanks_in_both_languages():
    import string

    def blanks(text):
        return {field for _, field, _, _ in string.Formatter().parse(text) if field}

    assert [key for key, (dutch, english) in SENTENCES.items() if blanks(dutch) != blanks(english)] == []
    for table in (REASONS, BLOCKS):
        for column in (0, 1):
            words = [pair[column] for pair in table.values()]
            assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("ready", "body", "state"),
    [
        (True, {"delivery": "ok"}, "healthy"),
        (True, {"delivery": "degraded"}, "degraded"),
        (False, {"intake": "failed"}, "not_ready"),
    ],
)
def test_health_is_what_a_load_balancer_is_told(ready, body, state):
    async def readiness():
        return ready, body

    pair = SimpleNamespace(down=False, client=SimpleNamespace(readiness=readiness))
    scene = SimpleNamespace(language="nl", pair=pair)
    for one in ("healthy", "degraded", "not_ready"):
        check = checks.health_is(scene, Call(()), state=one)
        if one == state:
            asyncio.run(check)
        else:
            with pytest.raises(Failure) as failed:
                asyncio.run(check)
            assert failed.value.key == "wrong_health"
