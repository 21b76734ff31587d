"""The page: what a browser makes of it, read with a parser of its own. How it looks is for tests/browser."""

import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from simulator.reports.page import document
from simulator.reports.words import word
from simulator.service import load
from tests.simulator.sample_report import HOSTILE, dutch, failed, report, undecided

VOID = {"meta", "link", "input", "br", "path"}


class Page(HTMLParser):
    """Elements with their attributes and the text in each, as a browser would have them."""

    def __init__(self, source):
        super().__init__()
        self.open, self.elements = [], []
        self.feed(source)
        self.close()
        assert self.open == [], "an element is not closed"

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"<{tag}> has an attribute twice"
        element = {
            "tag": tag,
            "attrs": dict(attrs),
            "text": "",
            "within": [one["attrs"].get("id") for one in self.open],
        }
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop()["tag"] == tag

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, tag="", **attrs):
        return [
            one
            for one in self.elements
            if (not tag or one["tag"] == tag) and all(one["attrs"].get(name) == value for name, value in attrs.items())
        ]

    def by_class(self, name):
        return [one for one in self.elements if name in (one["attrs"].get("class") or "").split()]

    def by_id(self, name):
        (one,) = self.all(id=name)
        return one


@pytest.fixture(scope="module")
def page():
    return Page(document(report()))


def test_the_verdict_is_the_first_thing_that_is_said(page):
    (header,) = page.all("header")
    assert header["attrs"]["class"] == "bad"
    assert page.all("h1")[0]["text"] == "Eén scenario klopt niet"
    assert "3 scenario's gespeeld in 2,5 s. Voor de abonnees ging 1 dag voorbij." in header["text"]
    assert page.all("title")[0]["text"].startswith("✗")
    assert [one["attrs"]["id"] for one in page.all("section") if "id" in one["attrs"]] == [
        *("failures", "coverage", "scenarios", "faults", "environment"),
    ]


@pytest.mark.parametrize(
    ("cases", "headline", "colour"),
    [
        ((dutch(),), "Alles klopt", "good"),
        ((failed(), failed(number=3)), "2 scenarios are wrong", "bad"),
        ((undecided(),), "Alles klopt", "good"),
    ],
)
def test_an_open_question_fails_nothing(cases, headline, colour):
    page = Page(document(report(*cases)))
    assert page.all("h1")[0]["text"] == headline
    assert page.all("header")[0]["attrs"]["class"] == colour


def test_a_run_of_nothing_is_a_page_too():
    page = Page(document(replace(report(), cases=())))
    assert page.all("h1")[0]["text"] == "Nothing was played"
    assert page.all("details") == []


def test_failures_come_first_each_with_its_reason_and_a_link_to_the_step(page):
    first, second = [one for one in page.all("li") if one["within"][-1] is None and "lang" in one["attrs"]][:2]
    assert "Bob got 1 text where none may come" in first["text"]
    assert "Why: sent: help (E11)" in first["text"]
    assert "python -m simulator run en/silence.feature:3 --seed 5" in first["text"]
    assert "rest" not in first["text"]
    assert second["text"].startswith("open vraag")
    assert page.all("a", href="#s2.2")[0]["text"] == "Bob got 1 text where none may come"


def test_only_what_failed_is_open(page):
    opened = {one["attrs"]["id"]: "open" in one["attrs"] for one in page.by_class("s")}
    assert opened == {"s1": False, "s2": True, "s3": False}


def test_every_link_leads_somewhere_and_every_id_is_one(page):
    ids = Counter(one["attrs"]["id"] for one in page.elements if "id" in one["attrs"])
    assert [one for one, count in ids.items() if count > 1] == []
    links = {one["attrs"]["href"] for one in page.all("a")}
    assert {link[1:] for link in links} <= set(ids)
    assert {"#s1", "#s2.2", "#G4", "#Q7"} <= links
    assert {f"s1.{number}" for number in range(1, 6)} <= set(ids)
    labels = {name for one in page.elements for name in (one["attrs"].get("aria-labelledby") or "").split()}
    assert labels <= set(ids)


# --- what a stranger wrote


def test_a_text_on_a_handset_is_text_whatever_is_in_it(page):
    shown = HOSTILE.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    assert [one["text"] for one in page.all("bdi") if "script" in one["text"]] == [shown]
    assert page.by_id("s2")["text"].startswith(f"Silence {shown}")
    assert len(page.all("script")) == 1
    assert page.all("img") == []
    assert [name for one in page.elements for name in one["attrs"] if name.startswith("on") or name == "style"] == []


@pytest.mark.parametrize("place", ["name", "feature", "rule", "path", "headline", "failure", "replay", "language"])
def test_whatever_a_case_says_is_text(place):
    page = Page(document(report(failed(**{place: HOSTILE}), undecided(tags=(f"@{HOSTILE}",), rules=(HOSTILE,)))))
    assert len(page.all("script")) == 1
    assert page.all("img") == []


def test_nothing_is_loaded_and_nothing_runs_but_what_is_named():
    source = document(report())
    page = Page(source)
    policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["attrs"]["content"]
    rules = dict(part.split(" ", 1) for part in policy.split("; "))
    assert rules["default-src"] == "'none'"
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", source, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"
    assert {name for one in page.elements for name in one["attrs"]} & {"src", "srcset", "action", "data"} == set()
    assert {one["attrs"]["href"][:5] for one in page.all("link")} == {"data:"}
    assert "//" not in re.sub(r"xmlns='http://www.w3.org/2000/svg'|// [A-Z].*", "", source), "an address or a comment"
    assert "@import" not in source
    assert "url(" not in source


# --- steps and conversation


def test_steps_stand_beside_what_happened_in_their_block(page):
    blocks = [one for one in page.by_class("b") if "s1" in one["within"]]
    assert len(blocks) == 3
    assert ["Gegeven" in one["text"] for one in blocks] == [True, False, False]
    assert "80% van je limiet" in blocks[1]["text"]
    assert "data: 1 MB" in blocks[2]["text"]


def test_a_step_shows_its_state_its_table_and_what_it_changed(page):
    assert page.by_id("s2.1")["attrs"]["class"].split()[0] == "ok"
    assert page.by_id("s2.2")["attrs"]["class"].split()[0] == "no"
    assert page.by_id("s2.3")["attrs"]["class"].split()[0] == "sk"
    assert "sh" in page.by_id("s1.1")["attrs"]["class"].split()
    assert page.by_id("s1.3")["text"].endswith("bedrag€ 40,00")
    (change,) = page.by_class("d")
    assert change["text"] == "kosten€\xa00,00 €\xa040,00"
    assert [one["text"] for one in page.all("ins")] == ["€\xa040,00"]
    assert {"€\xa040,00", '"kostenlimiet 80%"'} <= {one["text"] for one in page.all("b")}


def test_a_rule_stands_between_virtual_days(page):
    assert [one["text"] for one in page.by_class("day") if "s1" in one["within"]] == ["di 3 mrt 2026", "wo 4 mrt 2026"]


def test_under_a_text_stands_how_it_travelled_and_why_it_came(page):
    (text,) = [one for one in page.by_class("i") if "s1" in one["within"]]
    assert "1330 → Bram 12:00" in text["text"]
    assert "kostenlimiet 80% 1 deel · GSM-7 · 17 van 160 plaatsen" in text["text"]
    assert "G4 verstuurd “kostenlimiet 80%” · kosten €\xa040,00" in text["text"]
    assert "afgeleverd · 2 pogingen · 17 tekens · f1-7" in text["text"]
    (sent,) = page.by_class("o")
    assert "2 delen · UCS-2 · 80 van 132 plaatsen · niet in GSM-7: İ" in sent["text"]


def test_the_id_of_a_rule_says_what_it_is_to_whoever_points_at_it(page):
    sentence = load().rules["G4"].nl
    links = [one for one in page.by_class("g") if one["text"] == "G4" and "s1" in one["within"]]
    assert len(links) == 3
    assert {one["attrs"]["title"] for one in links} == {sentence}
    (mark,) = [one for one in page.all("span", title=sentence) if "s1" in one["within"]]
    assert mark["text"] == "G4"


def test_where_no_chapter_stands_the_rules_that_decided_have_a_legend():
    page = Page(document(report(dutch(rules=()))))
    assert page.by_id("h-legend")["text"] == "Wat de regels zeggen"
    assert page.by_id("G4")["text"] == "G4" + load().rules["G4"].nl
    assert {one["attrs"]["href"] for one in page.by_class("g") if one["tag"] == "a"} == {"#G4"}


@pytest.mark.parametrize(("step_text", "told"), [("is die sms onderweg", True), ("past die sms in GSM-7", False)])
def test_that_a_text_is_under_way_is_told_only_where_a_step_asks(step_text, told):
    case = dutch()
    entries = tuple(
        one if one.sent is None else replace(one, sent=replace(one.sent, state="submitted", told="onderweg"))
        for one in case.entries
    )
    steps = (*case.steps[:-1], replace(case.steps[-1], text=step_text))
    page = Page(document(report(replace(case, entries=entries, steps=steps))))
    (life,) = page.by_class("lf")
    assert ("onderweg" in life["text"]) == told
    assert "17 tekens · f1-7" in life["text"]


def test_characters_that_take_two_places_are_explained():
    case = dutch()
    entries = tuple(
        one if one.sent is None else replace(one, anatomy=replace(one.anatomy, chars=142, units=147))
        for one in case.entries
    )
    (life,) = Page(document(report(replace(case, entries=entries)))).by_class("lf")
    assert "142 tekens op 147 plaatsen (€ en enkele andere nemen er twee)" in life["text"]


def test_silence_says_why(page):
    (quiet,) = [one for one in page.by_class("e") if "data: 1 MB" in one["text"]]
    assert "waarom geen sms" in quiet["text"]
    assert quiet["text"].count("dat is al gemeld") == 1, "the rule that held it back says it already"


def test_what_a_failure_is_about_is_pointed_at(page):
    (pointed,) = page.by_class("px")
    assert "this is wrong" in pointed["text"]
    headlines = {one["within"][-2]: one["text"] for one in page.by_class("xh")}
    assert headlines == {"s2": "Bob got 1 text where none may come", "s3": "Bram kreeg 1 sms"}


def test_who_it_happened_to_is_told_where_there_are_several():
    eve = failed().people[1].name
    entry = replace(dutch().entries[0], who=eve, step=1)
    page = Page(document(report(failed(entries=(entry,)))))
    assert [one["text"] for one in page.by_class("e")] == ["12:00 Eve is in Canada"]


def test_a_case_without_steps_is_its_conversation():
    page = Page(document(report(dutch(steps=()))))
    (block,) = page.by_class("b")
    assert "80% van je limiet" in block["text"]


# --- the service, faults, environment, languages


def test_each_rule_stands_with_its_state_and_its_scenarios(page):
    assert page.by_id("G4")["attrs"]["class"] == "no"
    links = [one["attrs"]["href"] for one in page.all("a") if one["within"][-4:-3] == ["G4"] or "G4" in one["within"]]
    assert links == ["#s2", "#s1"], "what failed comes first"
    assert page.by_id("G9")["attrs"]["class"] == "op"
    assert page.by_id("G8")["attrs"]["class"] == "sk"
    assert page.by_id("F3")["attrs"]["class"] == "ou"
    assert "0 van " in page.by_id("coverage")["text"]


def test_rows_of_an_outline_are_one_line():
    rows = [dutch(number=number, name=f"Zo {number} [{number}]") for number in (1, 2)]
    same = [replace(one, name=f"Zo [{one.number}]") for one in rows]
    page = Page(document(report(*same)))
    assert [one["text"] for one in page.all("a") if "G4" in one["within"]] == ["Zo"]
    assert "×2" in page.by_id("G4")["text"]


def test_a_run_about_something_else_has_no_coverage():
    page = Page(document(report(dutch(rules=(), tags=()))))
    assert page.all(id="coverage") == []
    assert [one["text"] for one in page.by_class("g")] == ["G4", "G4"], "without a row to link to"


def test_faults_are_told_with_how_often_they_struck():
    missed = replace(dutch().faults[0], hits=0)
    page = Page(document(report(dutch(), dutch(number=2, faults=(missed,)))))
    (row,) = [one for one in page.all("tr") if "faults" in one["within"] and "smsc.throttle" in one["text"]]
    assert row["attrs"]["class"] == "no"
    assert re.sub(r"\s+", " ", row["text"]) == "SMSC zegt: te druk smsc.throttle211 2"


def test_what_it_was_played_with_is_told(page):
    told = page.by_id("environment")["text"]
    for words in ("python -m simulator run library --seed 5", "0123456789ab", "abcdef012345", "Python3.11", "2,5 s"):
        assert words in told


def test_each_part_says_its_language(page):
    assert page.all("html")[0]["attrs"]["lang"] == "nl"
    assert page.by_id("s2")["attrs"]["lang"] == "en"
    assert [one["attrs"]["lang"] for one in page.by_class("t") if "lang" in one["attrs"]] == ["nl"]
    english = Page(document(report(failed())))
    assert english.all("html")[0]["attrs"]["lang"] == "en"
    assert english.all("h2")[0]["text"] == word("failures", "en")


def test_the_reader_s_language_comes_first(page):
    titles = [one["text"] for one in page.all("h3") if "scenarios" in one["within"]]
    assert [one.split(" ")[0] for one in titles] == ["De", "nl/vraag.feature", "Silence"]


def test_the_filter_hides_until_the_script_shows_it(page):
    form = page.by_id("filter")
    assert "hidden" in form["attrs"]
    offered = [one["text"] for one in page.all("option")]
    assert offered[:4] == ["alle uitkomsten", "geslaagd", "mislukt", "open vraag"]
    assert offered[4:8] == ["alle labels", "@G4", "@G9", "@Q7"]
    assert page.by_id("s1")["attrs"]["data-t"].split() == list(dutch().tags)
