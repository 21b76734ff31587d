"""The vocabulary: closed, whole in both languages, each example its own phrase and no other."""

import asyncio
import re
from types import SimpleNamespace

import pytest

from simulator import countries
from simulator.faultnames import FAULTS, find_fault
from simulator.places import UnknownPlace
from simulator.scenarios import checks, likeness, matching
from simulator.scenarios.acts import Call
from simulator.scenarios.catalogue import load
from simulator.scenarios.interpret import INTRODUCING, Interpreter, Understood, Wrong
from simulator.scenarios.lint import check_file
from simulator.scenarios.reading import Step, find_files
from simulator.scenarios.scene import Failure
from simulator.scenarios.speech import BLOCKS, REASONS, SENTENCES
from simulator.scenarios.tables import EXAMPLES
from simulator.scenarios.vocabulary import VOCABULARY
from simulator.scenarios.wording import SORTS, could_be_said

PHRASES = {phrase.id: phrase for phrase in VOCABULARY}
PEOPLE = ["Anna", "Bram", "Cees", "Dora"]
FILLED = {
    language: {"amount": amount, "date": date, "place": place, "bundle": "A", "link": "roam.example", "code": "INFO",
               "clause": load(language).clauses["works"]}
    for language, amount, date, place in (
        ("nl", "€ 3,03", "31-3", "Turkije"),
        ("en", "€3.03", "31 Mar", "Canada"),
        ("de", "3,03 €", "31. März", "Kanada"),
        ("fr", "3,03 €", "31/3", "Canada"),
    )
}  # fmt: skip
"""What may stand in a field, by its sort."""
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
    introduces = phrase.id in {*INTRODUCING, "5"}
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
    ("kind", "language", "text", "nearest"),
    [
        ("then", "nl", "ontvangt Anna geen smsjes", "39"),
        ("then", "nl", "kan Anna niet internet", "47-not"),
        ("then", "nl", 'krijgt Anna bericht "grensbericht"', "33"),
        ("then", "nl", "Anna krijgt geen melding omdat INFO uit staat", "41"),
        ("when", "nl", "Sanne landt in Turkije", "13"),
        ("when", "nl", 'Sanne stuurt "INFO UIT"', "16"),
        ("when", "en", "Mike lands in Egypt", "13"),
        ("when", "en", "Mike sends INFO UIT", "16"),
        ("given", "en", "a subscriber Mike with bundel B", "76"),
        ("given", "nl", 'een klant Sanne met limiet € 50 en bundel "B"', "77"),
        ("then", "en", "Mike receives no texts, because INFO is off", "41"),
        ("then", "en", "Mike doesn't get any message", "39"),
    ],
)  # fmt: skip
def test_a_step_nobody_knows_is_most_like_the_right_one(kind, language, text, nearest):
    own = {one.expression(language): one.id for one in VOCABULARY if one.kind == kind}
    assert own[likeness.nearest(text, own)[0]] == nearest


@pytest.mark.parametrize("text", ["de zon schijnt", "Mike calls 112", "Mike is ill", "€ 40", ""])
def test_what_is_like_nothing_is_like_nothing(text):
    for language in ("nl", "en"):
        assert likeness.nearest(text, [phrase.expression(language) for phrase in VOCABULARY]) == []


def test_an_unknown_step_is_told_with_an_example_and_where_all_are():
    wrong = Interpreter("en", ["Mike"]).read(Step("when", "And", "Mike lands in Egypt", 1, 0))
    assert wrong == Wrong(
        "I do not know this step. It is most like:\n"
        "  And {name} travels to {country}\n"
        "      e.g.: And Anna travels to Canada\n"
        "All phrases: simulator steps --language en (or simulator steps WORD)"
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Anna receives no text, because INFO is off"),
        ("en", 'Anna gets a message with "INFO is now OFF"'),
        ("en", "nobody receives a text"),
        ("nl", "krijgt Anna geen bericht"),
        ("nl", "ontvangt niemand een bericht"),
    ],
)
def test_getting_a_text_may_be_said_in_either_word(language, text):
    assert isinstance(Interpreter(language, ["Anna"]).read(Step("then", "Dan", text, 1, 0)), Understood)


@pytest.mark.parametrize(
    "first",
    [
        Step("given", "Given", "Mike is a customer", 1, 0),
        Step("when", "When", "a subscriber Mike", 1, 0),
        Step("given", "Given", "these customers", 1, 0, (("name",), ("Mike",)), (2, 3)),
    ],
)
def test_whom_an_unreadable_step_may_have_brought_in_is_not_missed_later(first):
    interpreter = Interpreter("en")
    assert isinstance(interpreter.read(first), Wrong)
    assert isinstance(interpreter.read(Step("when", "When", "Mike travels to Canada", 4, 0)), Understood)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_alias_of_a_country_is_a_place_and_takes_no_name_of_the_sheet(language):
    told = [(alias, key) for key, aliases in countries.ALIASES[language].items() for alias in aliases]
    assert len({alias.casefold() for alias, _ in told}) == len(told)
    for alias, key in told:
        with pytest.raises(UnknownPlace):
            countries.places().find(alias)
        plmn = countries.plmn_of(alias, language)
        assert plmn is not None, alias
        assert countries.places().at(plmn).key == key
        step = Step("given", "Given", f"Anna is in {alias}", 1, 0)
        assert Interpreter(language, ["Anna"]).read(step).call.values[1] == plmn


@pytest.mark.parametrize(
    ("language", "name", "iso"),
    [
        *(("nl", name, "US") for name in ("VS", "de VS", "Amerika")),
        *(("nl", name, "GB") for name in ("Engeland", "UK")),
        *(("nl", name, "AE") for name in ("Verenigde Arabische Emiraten", "de Verenigde Arabische Emiraten", "Dubai")),
        *(("nl", name, "CW") for name in ("Curaçao", "Curacao")),
        *(("en", name, "GB") for name in ("the UK", "Great Britain", "England")),
        *(("en", name, code) for name, code in (("Turkey", "TR"), ("USA", "US"), ("Holland", "NL"))),
        ("en", "Czech Republic", "CZ"),
    ],
)  # fmt: skip
def test_a_country_has_the_names_that_anyone_writes(language, name, iso):
    step = Step("given", "Given", f"Anna is in {name}", 1, 0)
    assert countries.places().at(Interpreter(language, ["Anna"]).read(step).call.values[1]).iso == iso


def test_a_country_that_is_none_gets_no_foolish_proposal():
    for name in ("Narnia", "Atlantis", "Utopia", "Xyz"):
        assert countries.near(name, "nl") == countries.near(name, "en") == []
    assert countries.near("Canda", "en") == ["Canada"]
    wrong = Interpreter("nl", ["Anna"]).read(Step("given", "Gegeven", "Anna is in Narnia", 1, 0))
    assert wrong.message == 'Het land "Narnia" ken ik niet. Alle landen: simulator steps --countries'


@pytest.mark.parametrize(
    "words",
    [
        *("Turkije: data", "€ 40,00", "€40.00", "Canada", "Canada: data € 3,03/MB, bel € 1,09", "Staten: data"),
        *("INFO staat nu UIT", "De limiet van € 50,00 (excl. btw) blijft gelden", "Het VK", "40,00 van"),
        *("3,03 €", "limit (excl. VAT) still applies", "Codes for 1330", "roam.example/US"),
    ],
)  # fmt: skip
def test_what_a_template_says_with_its_fields_filled_may_be_quoted(words):
    assert could_be_said(words)


@pytest.mark.parametrize(
    "words",
    [
        *("INFO staat nu uitt", "Narnia: data", "Narnia", "uitt", "€ 40,0x", "€ 40.00", "Turkije: dataa"),
        *("Turkije: Canada", "Hallo", "31 februari"),
    ],
)  # fmt: skip
def test_what_no_template_could_ever_say_is_a_typing_error(words):
    assert not could_be_said(words)


def test_every_text_of_the_templates_may_be_quoted_whole():
    for language in ("nl", "en", "de", "fr"):
        for text in load(language).texts.values():
            fields = {field: SORTS.get(field, "number") for field in re.findall(r"\{(\w+)\}", text)}
            filled = text.format(**{field: FILLED[language].get(sort, "7") for field, sort in fields.items()})
            assert could_be_said(filled), filled


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
