"""The language files: what every text must hold by law, that it fits, and that a faulty file is told of."""

import re
import shutil
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import fitting, tariffs, texts
from gateway.check import check
from gateway.config import BadConfig
from gateway.fitting import faults
from gateway.http.bodies import Context, subscription_changes
from gateway.smpp.alphabet import outside_gsm7, septets
from gateway.texts import PACKAGED, PHRASES, Texts
from handlers.effects import Phrase
from handlers.policy import FIELDS, NOTIFICATIONS, NotificationRule, Policy
from handlers.subscription import CATEGORIES

SHEET = tariffs.load(tariffs.PACKAGED)
POLICY = Policy(SHEET.tariffs)
TEXTS = Texts.load(PACKAGED, SHEET, POLICY)
KINDS = [(kind, language) for kind in NOTIFICATIONS for language in TEXTS.languages]

SAMPLE = {
    "land": "US",
    "url": "roam.example/US",
    "bundel": "A",
    "gb": 30 * 10**9,
    "used": 25_500_000_000,
    "limiet_mb": 500_000_000,
    "mb": 3_025_000,
    "uit": 1_089_000,
    "in_": 544_500,
    "sms": 302_500,
    "limiet": 50_000_000,
    "limiet2": 100_000_000,
    "eur": 41_234_999,
    "datum": datetime(2026, 11, 30, 23, 0, tzinfo=UTC),
    "tot": datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC),
    "pct": 80,
    "min": 15,
    "suffix": "5678",
    "code": "INFO",
    "grens": Phrase("limit", (("limiet", 50_000_000),)),
    "regel": Phrase("combi_rate", (("mb", 3_025_000),)),
    "werking": Phrase("works"),
    "verder": Phrase("on_to_limit", (("limiet", 50_000_000),)),
    "reden": Phrase("reason_BUNDLE_CAP"),
    "stand": Phrase("on"),
    "left": 1_500_000_000,
    "prijs": 50_000_000,
    "rest": 7,
    "max": 10,
    "n": 3,
    "nr": 4,
    "vervolg": Phrase(next((name for name, (place, _) in PHRASES.items() if place == "vervolg"), "")),
}


def sample(kind: str, language: str, **changes: object) -> str:
    values = SAMPLE | changes
    lacking = [name for name in NOTIFICATIONS[kind].fields if name not in values]
    assert not lacking, f"SAMPLE in {__file__} has no value of {', '.join(lacking)} (of {kind})"
    return TEXTS.render(kind, language, tuple((name, values[name]) for name in NOTIFICATIONS[kind].fields))


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(PACKAGED, tmp_path / "t", ignore=shutil.ignore_patterns("__*"))
    return tmp_path / "t"


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults_of(folder: Path):
    with pytest.raises(BadConfig) as caught:
        Texts.load(folder, SHEET, POLICY)
    return caught.value.faults


class TestEveryText:
    def test_fits_with_the_longest_values_at_every_place(self):
        assert faults(TEXTS, SHEET, POLICY, every_place=True) == []

    def test_the_quick_proof_tries_the_longest_of_all_the_places(self):
        tight = Policy(SHEET.tariffs, info_url="roam.example/a-very-long-way-to-the-tariffs")
        quick = {fault.key for fault in faults(TEXTS, SHEET, tight)}
        assert quick == {fault.key for fault in faults(TEXTS, SHEET, tight, every_place=True)} != set()

    @pytest.mark.parametrize(("kind", "language"), KINDS)
    def test_reads_as_one_sms_with_all_its_fields(self, kind, language):
        text = sample(kind, language)
        assert not outside_gsm7(text)
        place = f"{language}.toml: kind.{kind}.text"
        assert (septets(text) or 999) <= 160, f"{place}: {septets(text)} septets; a text that we ship takes one part"
        assert text == text.strip()
        assert "  " not in text
        assert ".." not in text

    @pytest.mark.parametrize(("kind", "language"), KINDS)
    def test_has_a_public_name(self, kind, language):
        assert TEXTS.public_name(kind, language)


def words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


# How each language writes what the law asks for. A language that we ship needs a row here.
@dataclass(frozen=True)
class Wording:
    """`money` and `per_mb` as patterns of an amount; words of which a text must hold one, or none.

    `everyday` are words that a text of this language is full of and that mean nothing in the others.
    """

    money: str
    per_mb: str
    including: tuple[str, ...]
    excluding: tuple[str, ...]
    free: tuple[str, ...]
    limit: str
    costs: tuple[str, ...]
    day: str
    everyday: frozenset[str]
    decimal: str = ","


WORDINGS = {
    "nl": Wording(
        money="€ {}",
        per_mb="€ {}/MB",
        including=("incl. btw",),
        excluding=("excl. btw", "ex btw"),
        free=("gratis",),
        limit="limiet",
        costs=("kost", "betaal", "extra", "tarief", "reken", "€"),
        day="30-11",
        everyday=words_of("naar wordt niet geen krijgt berichten meer buiten voor nog"),
    ),
    "en": Wording(
        money="€{}",
        per_mb="€{}/MB",
        including=("incl. VAT",),
        excluding=("excl. VAT", "ex VAT"),
        free=("free",),
        limit="limit",
        costs=("cost", "charge", "pay", "extra", "rate", "bill", "€"),
        day="30 Nov",
        everyday=words_of("you your the text outside not and bundle"),
        decimal=".",
    ),
    "de": Wording(
        money="{} €",
        per_mb="{} €/MB",
        including=("inkl. MwSt", "inkl MwSt"),
        excluding=("exkl. MwSt", "netto"),
        free=("kostenlos", "gratis"),
        limit="Limit",
        costs=("kost", "zahl", "extra", "tarif", "rechnung", "€"),
        day="30. Nov",
        everyday=words_of("Sie Ihr Ihre und nicht außerhalb der ist für von"),
    ),
    "fr": Wording(
        money="{} €",
        per_mb="{} €/Mo",
        including=("TTC",),
        excluding=("HT",),
        free=("gratuit",),
        limit="limite",
        costs=("frais", "cout", "pay", "supplément", "tarif", "factur", "€"),
        day="30/11",
        everyday=words_of("vous votre les des hors au données pour est"),
    ),
}
# A language without a row is told of once, by a test of its own, and not by each of those that would need the row.
WORDED = [language for language in TEXTS.languages if language in WORDINGS]
MONEY = {name for name, kind in FIELDS.items() if kind == "money"}
PRICE, RUNNING, LIMIT, TWICE = "3,03", "41,23", "50,00", "100,00"


def written(language: str, amount: str, *, per_mb: bool = False) -> str:
    wording = WORDINGS[language]
    return (wording.per_mb if per_mb else wording.money).format(amount.replace(",", wording.decimal))


def kinds_of(control: str) -> list[str]:
    return [kind for kind, rule in NOTIFICATIONS.items() if rule.control == control]


def test_every_language_has_its_wording_here():
    lacking = [f"templates/{language}.toml" for language in TEXTS.languages if language not in WORDINGS]
    assert not lacking, f"no row in WORDINGS of tests/gateway/test_texts.py for {', '.join(lacking)}"
    gone = [language for language in WORDINGS if language not in TEXTS.languages]
    assert not gone, f"a row in WORDINGS of tests/gateway/test_texts.py, but no file, for {', '.join(gone)}"


# The kinds by what the checklist says of them.
EU_BORDER = ("border_eu", "border_eu_emergency", "border_eu_data_off")
OTHER_BORDER = sorted({kind for kind in NOTIFICATIONS if kind.startswith("border_")} - {*EU_BORDER})
REPLY_LIFTS = ("cost_100_block", "cost_200_block", "border_world_blocked")
NO_REPLY_LIFTS = ("cost_100_block_hard", "bundle_cap_reached", "lift_refused_hard_cap", "lift_refused_other")
LIFTS = ("cost_lifted_100", "cost_lifted_200", "cost_unblocked_admin", "lift_partial")


@pytest.mark.parametrize("language", WORDED)
class TestWhatTheLawAsks:
    """Rules 3, the checklist, over every language and every kind."""

    @pytest.mark.parametrize("kind", kinds_of("INFO"))
    def test_each_border_text_says_how_to_stop_it(self, language, kind):
        assert "INFO UIT" in sample(kind, language)  # Art. 13(1)

    @pytest.mark.parametrize(("control", "kind"), [(c, k) for c in ("BERICHT", "LIMIET") for k in kinds_of(c)])
    def test_so_does_each_other_text_with_a_switch(self, language, control, kind):
        assert f"{control} UIT" in sample(kind, language)  # Art. 14(4)

    @pytest.mark.parametrize("kind", sorted({*kinds_of("mandatory")} - {"help", "status"}))
    def test_a_text_without_a_switch_offers_none_but_the_one_it_confirms(self, language, kind):
        """What cannot be switched off must not say that it can."""
        offered = {code for code in ("BERICHT", "INFO", "LIMIET") if f"{code} UIT" in sample(kind, language)}
        assert offered == (
            {kind.split("_")[1].upper()} if kind.startswith("pref_") and kind.endswith("_on") else set()
        )

    @pytest.mark.parametrize("kind", EU_BORDER)
    def test_each_eu_border_text_has_the_emergency_number_free_of_charge(self, language, kind):
        text = sample(kind, language)
        assert "112" in text  # Art. 15
        assert any(word in text for word in WORDINGS[language].free)

    @pytest.mark.parametrize("kind", ["border_eu_emergency", "border_eu", "border_eu_data_off", "border_eu_vas"])
    def test_and_the_link(self, language, kind):
        assert "roam.example/US" in sample(kind, language)

    @pytest.mark.parametrize("kind", OTHER_BORDER)
    def test_others_do_not_speak_of_it(self, language, kind):
        assert "112" not in sample(kind, language, suffix="0000")

    def test_who_switches_tariffs_off_is_told_that_112_stays(self, language):
        assert "112" in sample("pref_info_off", language)  # Q4

    def test_who_switches_warnings_off_is_told_that_the_limit_stays(self, language):
        assert written(language, LIMIT) in sample("pref_limiet_off", language)  # Q3

    @pytest.mark.parametrize("kind", REPLY_LIFTS)
    def test_a_block_that_a_reply_lifts_names_the_word_and_the_price(self, language, kind):
        text = sample(kind, language)
        assert "DOORGAAN" in text
        assert written(language, PRICE, per_mb=True) in text

    @pytest.mark.parametrize("kind", NO_REPLY_LIFTS)
    def test_one_that_no_reply_lifts_does_not(self, language, kind):
        text = sample(kind, language)
        assert "DOORGAAN" not in text
        assert "/M" not in text

    @pytest.mark.parametrize("kind", LIFTS)
    def test_a_lift_names_the_price_and_the_running_amount(self, language, kind):
        text = sample(kind, language)
        assert written(language, PRICE, per_mb=True) in text  # Rec. 50
        assert written(language, RUNNING) in text

    @pytest.mark.parametrize("kind", [kind for kind, rule in NOTIFICATIONS.items() if MONEY & {*rule.fields, "x"}])
    def test_each_text_with_an_amount_says_with_or_without_vat(self, language, kind):
        text = sample(kind, language)
        names = MONEY & set(NOTIFICATIONS[kind].fields)
        border = kind.startswith("border_")
        if names - {"limiet", "limiet2"} and border:
            assert any(word in text for word in WORDINGS[language].including)
        if not border or "limiet" in names:
            assert any(word in text for word in WORDINGS[language].excluding)
        if not border:
            assert not any(word in text for word in WORDINGS[language].including)

    @pytest.mark.parametrize("name", [name for name, (_, fields) in PHRASES.items() if MONEY & set(fields)])
    def test_so_does_each_clause(self, language, name):
        template = TEXTS.by_language[language].phrases[name]
        text = template.render((("limiet", 50_000_000), ("mb", 3_025_000)))
        assert any(word in text for word in (*WORDINGS[language].including, *WORDINGS[language].excluding))

    def test_twice_the_limit_is_what_is_named_so(self, language):
        text = sample("cost_200_block", language, eur=987_654_321)
        assert f"{WORDINGS[language].limit} ({written(language, TWICE)})" in text
        assert written(language, "987,65") in text

    def test_outside_the_eu_tariffs_are_whole(self, language):
        text = sample("border_world_no_bundle", language)
        for amount in ("3,03", "1,09", "0,54", "0,30"):
            assert written(language, amount) in text

    @pytest.mark.parametrize("kind", ["usage_80", "usage_100"])
    def test_a5_the_usage_alert_does_not_claim_that_anything_costs_more(self, language, kind):
        """Others of the same customer may have volume left, so its end is no begin of costs."""
        text = sample(kind, language).casefold()
        assert [word for word in WORDINGS[language].costs if word in text] == []

    @pytest.mark.parametrize("kind", [kind for kind in NOTIFICATIONS if kind.startswith("bundle_")])
    def test_b15_each_bundle_text_says_how_many_are_left(self, language, kind):
        assert re.search(r"\b6\b", sample(kind, language, rest=6))

    @pytest.mark.parametrize("kind", ["bundle_activated", "bundle_renewed", "bundle_renewed_many"])
    def test_b20_a_bundle_text_names_its_last_day(self, language, kind):
        assert WORDINGS[language].day in sample(kind, language)

    @pytest.mark.parametrize("kind", NOTIFICATIONS)
    def test_no_other_language_slips_in(self, language, kind):
        """The codes are one for all languages; words beside them are not."""
        words = set(re.findall(r"\w+", sample(kind, language))) - WORDINGS[language].everyday
        strange = {other: words & wording.everyday for other, wording in WORDINGS.items() if other != language}
        found = [f"{', '.join(sorted(ones))} (everyday in {other})" for other, ones in strange.items() if ones]
        assert not found, (
            f"{language}.toml: kind.{kind}.text holds {'; '.join(found)}: another language, or no such word"
        )


class TestValues:
    @pytest.mark.parametrize(
        ("ueur", "nl", "en"),
        [
            (0, "€ 0,00", "€0.00"),
            (4_999, "€ 0,00", "€0.00"),
            (5_000, "€ 0,01", "€0.01"),
            (544_500, "€ 0,54", "€0.54"),
            (3_025_000, "€ 3,03", "€3.03"),
            (50_000_000, "€ 50,00", "€50.00"),
            (99_994_999, "€ 99,99", "€99.99"),
            (99_995_000, "€ 100,00", "€100.00"),
            (5_000_000_000, "€ 5000,00", "€5000.00"),
        ],
    )
    def test_money_is_rounded_half_up_to_cents(self, ueur, nl, en):
        assert nl in sample("nothing_to_lift", "nl", eur=ueur, limiet=1)
        assert en in sample("nothing_to_lift", "en", eur=ueur, limiet=1)

    @pytest.mark.parametrize(
        ("volume", "nl", "en"),
        [
            (0, "0 GB", "0 GB"),
            (30 * 10**9, "30 GB", "30 GB"),
            (7_500_000_000, "7,5 GB", "7.5 GB"),
            (100 * 10**9, "100 GB", "100 GB"),
            (1_234_999_999, "1,23 GB", "1.23 GB"),
            (1_235_000_000, "1,24 GB", "1.24 GB"),
            (1_050_000_000, "1,05 GB", "1.05 GB"),
            (999_999_999, "1 GB", "1 GB"),
        ],
    )
    def test_volumes_are_in_gb_with_at_most_two_decimals(self, volume, nl, en):
        assert f"({nl})" in sample("usage_80", "nl", used=volume)
        assert f"({en})" in sample("usage_80", "en", used=volume)

    def test_a_gb_is_what_the_configuration_says(self):
        binary = Texts.load(PACKAGED, SHEET, Policy(SHEET.tariffs, gb_bytes=2**30))
        fields = (("pct", 80), ("gb", 2**30), ("used", 2**29))
        assert "1 GB" in binary.render("usage_80", "nl", fields)
        assert "(0,5 GB)" in binary.render("usage_80", "nl", fields)

    def test_megabytes(self):
        assert "500 MB" in sample("roaming_limit_80", "nl")
        assert "0,5 MB" in sample("roaming_limit_80", "nl", limiet_mb=500_000)

    @pytest.mark.parametrize(
        ("at", "nl", "en"),
        [
            # Q21: the day in Amsterdam; the first is an hour into December there.
            (datetime(2026, 11, 30, 23, 0, tzinfo=UTC), "1-12", "1 Dec"),
            (datetime(2026, 11, 30, 22, 59, 59, 999_999, tzinfo=UTC), "30-11", "30 Nov"),
            (datetime(2027, 3, 31, 22, 0, tzinfo=UTC), "1-4", "1 Apr"),
        ],
    )
    def test_dates(self, at, nl, en):
        assert f"tot {nl}." in sample("lift_declined", "nl", datum=at)
        assert f"until {en}." in sample("lift_declined", "en", datum=at)

    def test_places_have_a_name_in_each_language(self):
        assert "Verenigde Staten" in sample("border_world_no_bundle", "nl")
        assert "United States" in sample("border_world_no_bundle", "en")

    def test_a_place_that_is_not_on_the_sheet(self):
        assert sample("border_world_no_bundle", "nl", land="mcc999").startswith("Het buitenland: ")
        assert " is nu hier: het buitenland. " in sample("border_combi", "nl", land="mcc999")
        assert sample("border_world_no_bundle", "en", land="mcc999").startswith("A network abroad: ")

    def test_a_clause_has_fields_of_its_own(self):
        assert "Geen bundel; limiet € 50,00 ex btw. Stop: INFO UIT naar 1330" in sample("border_world_no_bundle", "nl")
        none = sample("border_world_no_bundle", "nl", grens=Phrase("no_limit"))
        assert "Geen bundel; deze maand geen limiet. Stop" in none

    def test_a_switch_is_named_in_the_reader_language(self):
        assert sample("status", "nl") == "INFO staat AAN. Wijzigen? Sms INFO AAN of INFO UIT naar 1330."
        assert sample("status", "en").startswith("INFO is ON.")

    def test_there_is_no_space_but_the_plain_one(self):
        for kind, language in KINDS:
            assert all(char == " " or not char.isspace() for char in sample(kind, language))


numbers = st.integers(0, 10**15)
amounts = st.one_of(numbers, st.sampled_from([0, 50_000_000]))
by_type = {
    "bundle": st.sampled_from(CATEGORIES),
    "place": st.one_of(st.sampled_from(sorted(SHEET.names["en"])), st.text(max_size=8)),
    "word": st.text(st.characters(exclude_characters="{}"), max_size=20),
    "volume": numbers,
    "megabytes": numbers,
    "money": amounts,
    "date": st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    "number": numbers,
}


def values_for(name: str) -> st.SearchStrategy:
    if FIELDS[name] != "phrase":
        return by_type[FIELDS[name]]
    phrases = [(phrase, fields) for phrase, (field, fields) in PHRASES.items() if field == name]
    return st.one_of(
        st.builds(
            Phrase, st.just(phrase), st.tuples(*(st.tuples(st.just(inner), values_for(inner)) for inner in inners))
        )
        for phrase, inners in phrases
    )


class TestProperties:
    @given(st.data(), st.sampled_from(KINDS))
    def test_no_value_leaves_a_field_open(self, data, kind_and_language):
        kind, language = kind_and_language
        fields = NOTIFICATIONS[kind].fields
        drawn = tuple((name, data.draw(values_for(name), label=name)) for name in fields)
        text = TEXTS.render(kind, language, drawn)
        assert "{" not in text
        assert "}" not in text

    @given(st.text())
    def test_a_value_is_never_read_as_a_template(self, word):
        for hostile in (word, "{limiet}", "{0.__class__}", "%s", "%(x)d"):
            fields = (("code", hostile), ("stand", Phrase("on")))
            text = TEXTS.render("pref_already", "en", fields)
            assert text == f"{hostile} was already ON. Nothing changed. Text HELP to 1330 for all codes."


class TestFaultyFiles:
    @pytest.mark.parametrize(
        ("old", "new", "key"),
        [
            ("{reden}.", "{x.__class__}.", "kind.lift_refused_other.text"),
            ("{reden}.", "{0}.", "kind.lift_refused_other.text"),
            ("{reden}.", "{}.", "kind.lift_refused_other.text"),
            ("{reden}.", "{reden!r}.", "kind.lift_refused_other.text"),
            ("{reden}.", "{reden:>9}.", "kind.lift_refused_other.text"),
            ("{reden}.", "{{reden}}.", "kind.lift_refused_other.text"),
            ("{reden}.", "{reden", "kind.lift_refused_other.text"),
            ("{reden}.", "{limiet}.", "kind.lift_refused_other.text"),
            ("Welcome to {land}.", "Welcome to {country}.", "kind.border_eu.text"),
            ("Welcome to", "Welcome ŝo", "kind.border_eu.text"),
            ("Welcome to {land}", "Welcome to\u00a0{land}", "kind.border_eu.text"),
            ("[kind.cost_80]", "[kind.cost_81]", "kind.cost_80"),
            ("[kind.cost_80]", "[kind.cost_81]", "kind.cost_81"),
            ('no_limit = "no limit this month"', "", "phrases.no_limit"),
            ('no_limit = "no limit this month"', 'no_limit = "no {limiet}"', "phrases.no_limit"),
            ('on = "ON"', 'on = "ON"\nup = "UP"', "phrases.up"),
            ('rest = "remaining"', "", "labels.rest"),
            ('rest = "remaining"', 'rest = "left"', "labels.rest"),
            ('language = "en"', 'language = "nl"', "meta.language"),
            ('name = "English"', "", "meta.name"),
            ('money = "€{amount}"', 'money = "€"', "format.money"),
            ('decimal = "."', 'decimal = ""', "format.decimal"),
            ('date = "{day} {month}"', 'date = "{day}"', "format.date"),
            ('"Nov", "Dec"', '"Nov"', "format.months"),
            ('name = "status"', 'name = ""', "kind.status.name"),
            ('name = "status"', 'nam = "status"', "kind.status.nam"),
            ("[labels]", "[label]", "label"),
            ("parts_max = 1", "parts_max = 4", "kind.border_eu.parts_max"),
        ],
    )
    def test_each_fault_is_told_with_its_place(self, folder, old, new, key):
        change(folder, "en.toml", old, new)
        found = [fault for fault in faults_of(folder) if fault.key == key]
        assert found
        assert found[0].file == str(folder / "en.toml")
        assert found[0].found
        assert found[0].allowed

    def test_a_kind_that_a_file_does_not_have_is_told_as_the_table_that_it_is(self, folder):
        change(folder, "en.toml", "[kind.cost_80]", "[kind.cost_81]")
        fault = next(fault for fault in faults_of(folder) if fault.key == "kind.cost_80")
        assert fault.found == "no such table"
        assert fault.allowed == "[kind.cost_80] with name, text and parts_max, as in every language file"

    @pytest.mark.parametrize("unit", [None, "colour"])
    def test_a_field_without_a_unit_is_told_before_any_file_is_read(self, tmp_path, monkeypatch, unit):
        monkeypatch.setattr(texts, "FIELDS", {**FIELDS, "tint": unit} if unit else FIELDS)
        rule = NotificationRule("mandatory", 60, ("code", "tint"))
        with pytest.raises(BadConfig) as caught:
            Texts.load(tmp_path, SHEET, replace(POLICY, notifications={**NOTIFICATIONS, "no_kind_of_ours": rule}))
        (fault,) = caught.value.faults
        assert (fault.file, fault.key, fault.found) == (
            "handlers/policy.py",
            "NOTIFICATIONS.no_kind_of_ours",
            "{tint}",
        )
        assert fault.allowed.startswith("a field of FIELDS, with its unit (money, ")

    @pytest.mark.parametrize("unit", sorted(set(FIELDS.values())))
    def test_a_new_field_of_any_unit_is_tried_with_a_long_value(self, folder, monkeypatch, unit):
        for module in (texts, fitting):
            monkeypatch.setattr(module, "FIELDS", {**FIELDS, "tint": unit})
            monkeypatch.setattr(module, "PHRASES", {**PHRASES, "tinted": ("tint", ())})
        for path in folder.glob("*.toml"):
            change(folder, path.name, "[labels]", 'tinted = "tinted"\n\n[labels]\ntint = "tint"')
        for path in folder.glob("*.toml"):
            text = path.read_text(encoding="utf-8")
            costs = '[kind.no_kind_of_ours]\nname = "nothing"\ntext = "{tint}"\nparts_max = 1\n\n[phrases]'
            path.write_text(text.replace("[phrases]", costs), encoding="utf-8")
        rule = NotificationRule("mandatory", 60, ("tint",))
        policy = replace(POLICY, notifications={**NOTIFICATIONS, "no_kind_of_ours": rule})
        assert faults(Texts.load(folder, SHEET, policy), SHEET, policy) == []

    def test_the_fields_of_the_kind_are_named(self, folder):
        change(folder, "en.toml", "{reden}.", "{cause}.")
        fault = next(fault for fault in faults_of(folder) if fault.key == "kind.lift_refused_other.text")
        assert (fault.found, fault.allowed) == ("{cause}", "{reden}")

    def test_a_character_that_would_triple_the_price_is_named(self, folder):
        change(folder, "nl.toml", "Welkom in", "Wélkom ïn")
        (fault,) = faults_of(folder)
        assert fault.found == "ï"

    def test_all_faults_of_all_files_come_at_once(self, folder):
        change(folder, "en.toml", "[kind.help]", "[kind.hulp]")
        change(folder, "nl.toml", 'decimal = ","', 'decimal = ",,"')
        assert {fault.key for fault in faults_of(folder)} >= {"kind.help", "kind.hulp", "format.decimal"}

    def test_a_field_that_one_language_leaves_out(self, folder):
        change(folder, "nl.toml", "Stand nu: {eur}.", "")
        (fault,) = faults_of(folder)
        assert fault.key == "kind.cost_lifted_200"
        assert "{eur}" in fault.found + fault.allowed

    def test_an_empty_folder_and_a_broken_file(self, tmp_path):
        assert faults_of(tmp_path)[0].found == "no language file"
        (tmp_path / "nl.toml").write_text("[meta\n", encoding="utf-8")
        assert "line 1" in faults_of(tmp_path)[0].found

    def test_a_text_that_is_too_long_is_told_whole(self, folder):
        change(folder, "en.toml", "We do not know this code. ", "We do not know this code." * 6 + " ")
        texts = Texts.load(folder, SHEET, POLICY)
        (fault,) = faults(texts, SHEET, POLICY)
        assert fault.key == "kind.unknown.text"
        assert fault.found.startswith("189 septets")

    def test_a_reply_that_would_lift_nothing(self, folder):
        """Q6: the words are the operator's, and the texts must name one of them."""
        other = Policy(SHEET.tariffs, unblock_words=frozenset({"VERDER", "JA"}))
        found = faults(Texts.load(folder, SHEET, other), SHEET, other)
        assert {fault.key for fault in found} == {f"kind.{kind}.text" for kind in (*REPLY_LIFTS, "lift_declined")}
        assert {fault.allowed for fault in found} == {"one of unblock_words: JA, VERDER"}
        for path in folder.glob("*.toml"):
            path.write_text(path.read_text(encoding="utf-8").replace("DOORGAAN", "VERDER"), encoding="utf-8")
        assert faults(Texts.load(folder, SHEET, other), SHEET, other) == []

    def test_two_parts_are_fine_where_the_file_allows_them(self, folder):
        long = "We do not know this code. " * 6
        change(folder, "en.toml", "We do not know this code. ", long)
        change(folder, "en.toml", 'codes."\nparts_max = 1\n\n# Clauses', 'codes."\nparts_max = 2\n\n# Clauses')
        assert faults(Texts.load(folder, SHEET, POLICY), SHEET, POLICY) == []


class TestLanguages:
    @pytest.mark.parametrize("source", TEXTS.languages)
    def test_a_language_is_one_file(self, folder, source):
        """Under a name that nothing has ever heard of it is read, proven, chosen and rendered like the others."""
        text = (folder / f"{source}.toml").read_text(encoding="utf-8")
        text = text.replace(f'language = "{source}"', 'language = "fy"').replace("[places]", '[places]\nQQ = "Nearne"')
        (folder / "fy.toml").write_text(text, encoding="utf-8")
        config = folder.parent / "config.toml"
        config.write_text(f'[service]\nlanguage = "fy"\n[templates]\nfolder = "{folder.name}"\n', encoding="utf-8")
        loaded = check(config, {}, every_place=True)
        assert loaded.texts.languages == tuple(sorted({*TEXTS.languages, "fy"}))
        for kind, rule in NOTIFICATIONS.items():
            fields = tuple((name, SAMPLE[name]) for name in rule.fields if name != "land")
            fields += (("land", "mcc999"),) if "land" in rule.fields else ()
            assert loaded.texts.render(kind, "fy", fields) == TEXTS.render(kind, source, fields)
            assert loaded.texts.public_name(kind, "fy") == TEXTS.public_name(kind, source)
        changes = {"language": "fy"}
        assert subscription_changes(changes, Context("+31612345678", frozenset(loaded.texts.languages))) == changes

    def test_a_language_that_is_gone_falls_back(self):
        assert TEXTS.render("unknown", "fy", ()) == TEXTS.render("unknown", "en", ())
        assert TEXTS.public_name("border_eu", "fy") == "border notice"

    def test_a_name_may_be_shared(self):
        names = {TEXTS.public_name(kind, "nl") for kind in NOTIFICATIONS if kind.startswith("border_world")}
        assert names == {"grensbericht"}

    def test_the_languages_are_the_files_each_with_a_name_of_its_own(self):
        assert TEXTS.languages == tuple(sorted(path.stem for path in PACKAGED.glob("*.toml")))
        names = [language.name for language in TEXTS.by_language.values()]
        assert len(set(names)) == len(names)
        assert {"Deutsch", "English", "Français", "Nederlands"} <= set(names)

    @pytest.mark.parametrize("kind", NOTIFICATIONS)
    def test_no_text_was_left_in_another_language(self, kind):
        speakers: dict[str, list[str]] = {}
        for language in TEXTS.languages:
            speakers.setdefault(sample(kind, language), []).append(language)
        alike = [" and ".join(languages) for languages in speakers.values() if len(languages) > 1]
        assert not alike, f"kind.{kind}.text is the same in {', '.join(alike)}"

    def test_the_number_is_the_one_of_the_service(self):
        other = Policy(SHEET.tariffs, service_number="4321")
        texts = Texts.load(PACKAGED, SHEET, other)
        for kind, language in KINDS:
            fields = tuple((name, SAMPLE[name]) for name in NOTIFICATIONS[kind].fields)
            assert "1330" not in texts.render(kind, language, fields), (kind, language)
        assert "4321" in texts.render("help", "fr", ())


class TestPlaces:
    @pytest.mark.parametrize("language", TEXTS.languages)
    def test_every_place_of_the_sheet_has_a_name_in_every_language(self, language):
        """A name that is missing would be the English one; the files that we ship leave that to nobody."""
        own = tomllib.loads((PACKAGED / f"{language}.toml").read_text(encoding="utf-8")).get("places", {})
        named, places = {*own, *SHEET.names.get(language, {})}, set(SHEET.names["en"])
        table = f"[places] of templates/{language}.toml"
        assert not places - named, f"{table} lacks {', '.join(sorted(places - named))}"
        assert not named - places, f"{table} has what is not on the sheet: {', '.join(sorted(named - places))}"

    @pytest.mark.parametrize(
        ("language", "germany", "states"),
        [
            ("nl", "Duitsland", "Verenigde Staten"),
            ("en", "Germany", "United States"),
            ("de", "Deutschland", "USA"),
            ("fr", "Allemagne", "États-Unis"),
        ],
    )
    def test_a_country_is_called_as_the_reader_calls_it(self, language, germany, states):
        assert germany in sample("border_eu", language, land="DE")
        assert states in sample("border_world_no_bundle", language, land="US")

    @pytest.mark.parametrize("language", TEXTS.languages)
    def test_every_bundle_has_a_name_in_every_language(self, language):
        """One whose name differs between Dutch and English is called something in every other language too."""
        own = tomllib.loads((PACKAGED / f"{language}.toml").read_text(encoding="utf-8")).get("bundles", {})
        names = SHEET.bundle_names
        worded = {category for category in CATEGORIES if names["nl"][category] != names["en"][category]}
        named = {*own, *names.get(language, {})}
        assert not worded - named, f"[bundles] of templates/{language}.toml lacks {', '.join(sorted(worded - named))}"

    @pytest.mark.parametrize(
        ("language", "world", "rest"),
        [
            ("nl", "Bundel Wereld", "bundel Rest"),
            ("en", "Bundle World", "bundle Rest of World"),
            ("de", "Paket Welt", "Paket Rest der Welt"),
            ("fr", "Pack Monde", "pack Reste du monde"),
        ],
    )
    def test_a_bundle_is_called_as_the_reader_calls_it(self, language, world, rest):
        next_ = Phrase("ended_bundle", (("bundel", "ROW"),))
        text = sample("bundle_ended", language, bundel="WORLD", vervolg=next_)
        assert world in text
        assert rest in text

    def test_the_sheet_names_it_first_then_the_file_then_the_sheet_in_english(self, folder):
        names = {**SHEET.text_names, "de": {"US": "Amerika"}}
        change(folder, "de.toml", 'CA = "Kanada"\n', "")
        texts = Texts.load(folder, replace(SHEET, text_names=names), POLICY)
        assert [texts.by_language["de"].places[place] for place in ("US", "FR", "CA")] == [
            *("Amerika", "Frankreich", "Canada"),
        ]

    @pytest.mark.parametrize("name", ["Vereinigte Staaten", "Curaçao", "", 7])
    def test_a_name_that_does_not_fit_a_text_is_told_of(self, folder, name):
        written_name = f'"{name}"' if isinstance(name, str) else str(name)
        change(folder, "de.toml", 'US = "USA"', f"US = {written_name}")
        (fault,) = faults_of(folder)
        assert fault.key == "places.US"

    def test_the_table_may_be_left_out_but_is_a_table(self, folder):
        text = (folder / "de.toml").read_text(encoding="utf-8")
        (folder / "de.toml").write_text(text[: text.index("[places]")], encoding="utf-8")
        texts = Texts.load(folder, SHEET, POLICY)
        assert "United States" in texts.render("border_combi", "de", (*COMBI[:1], ("land", "US"), *COMBI[1:]))
        (folder / "de.toml").write_text("places = 1\n" + text[: text.index("[places]")], encoding="utf-8")
        assert faults_of(folder)[0].key == "places"


COMBI = (("suffix", "5678"), ("regel", Phrase("combi_as_home")))
