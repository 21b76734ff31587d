"""Expectations of a text: what is compared, what each criterion says, which slips are told at once."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from simulator.plugin.compare import explain
from simulator.plugin.expected import Sms, table
from simulator.plugin.outcome import Kinds
from simulator.plugin.watching import Metrics


@dataclass
class Text:
    """A text on a handset, in the hand of a test."""

    kind: str = "cost_80"
    sender: str = "1330"
    text: str = "Je datakosten buiten de EU zijn ca. € 40,00"
    segments: int = 1
    encoding: str = "GSM-7"
    state: str = "delivered"
    language: str = "nl"
    fields: dict = field(default_factory=lambda: {"eur": "€ 40,00", "limiet": "€ 50,00"})


RIGHT = {
    "sender": "1330",
    "segments": 1,
    "encoding": "GSM-7",
    "state": "delivered",
    "contains": "ca. € 40",
    "text": Text.text,
    "fields": {"eur": "€ 40", "limiet": "€ 50,00"},
}
WRONG = {
    "sender": "1331",
    "segments": 2,
    "encoding": "UCS-2",
    "state": "failed",
    "contains": "€ 41",
    "text": "something else",
    "fields": {"eur": "€ 41"},
}


def test_only_what_is_named_is_compared():
    assert Text() == Sms("cost_80")
    assert Sms("cost_80", **RIGHT) == Text()
    assert Sms("cost_100_block") != Text()


@pytest.mark.parametrize("criterion", WRONG)
def test_each_criterion_counts(criterion):
    assert Sms("cost_80", **{criterion: RIGHT[criterion]}) == Text()
    assert Sms("cost_80", **{criterion: WRONG[criterion]}) != Text()


def test_amounts_are_read_in_the_texts_language():
    english = Text(language="en", fields={"eur": "€40.00"})
    assert Sms("cost_80", fields={"eur": "€40"}) == english
    assert Sms("cost_80", fields={"eur": "€ 40,00"}) != english
    assert Sms("cost_80", fields={"eur": "40"}) != Text(fields={})


def test_what_is_no_text_is_equal_to_none():
    assert Sms("help") != "help"
    with pytest.raises(TypeError, match="unhashable"):
        hash(Sms("help"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("hlep", {}), "Did you mean 'help'"),
        (("zzzzzz", {}), "Allowed: border_combi"),
        (("cost_80", {"fields": {"limit": "€ 50"}}), "Did you mean 'limiet'"),
        (("cost_80", {"encoding": "GSM7"}), "Did you mean 'GSM-7'"),
        (("cost_80", {"state": "deliverd"}), "Did you mean 'delivered'"),
    ],
)
def test_a_slip_is_told_at_once(arguments, told):
    kind, options = arguments
    with pytest.raises(ValueError, match=told):
        Sms(kind, **options)


def test_the_verdicts_below_each_other():
    lines = table(Sms("cost_80", sender="1331", fields={"eur": "€ 40"}).verdicts(Text()))
    assert lines == ["kind   ✓ cost_80", "sender ✗ expected 1331  got 1330", "eur    ✓ € 40,00"]


def test_comparisons_of_others_are_left_alone():
    assert explain("==", SimpleNamespace(), Sms("help")) is None
    assert explain("==", [], ["help"]) is None
    assert explain("<", kinds("help"), ["help"]) is None


def kinds(*came):
    """What an outcome of Anna's gives, with the reasons it would give."""
    outcome = SimpleNamespace(
        who=SimpleNamespace(name="Anna"),
        messages=[Text(kind=kind) for kind in came],
        why_not=lambda kind: f"no {kind}",
        why_came=lambda: "sent",
    )
    return Kinds(outcome)


@pytest.mark.parametrize(
    ("op", "left", "right", "lines"),
    [
        ("==", kinds("help"), [], ["Anna got help; expected was none", "  ✗ help: expected 0, got 1", "  Why: sent"]),
        (
            "==",
            ["help"],
            kinds(),
            ["Anna got no text; expected was help", "  ✗ help: expected 1, got 0", "  Why: no help"],
        ),
        (
            "in",
            "cost_80",
            kinds("help"),
            [
                "Anna got help; expected was help, cost_80",
                "  ✓ help: expected 1, got 1",
                "  ✗ cost_80: expected 1, got 0",
                "  Why: no cost_80",
            ],
        ),
        (
            "not in",
            "help",
            kinds("help"),
            ["Anna got help; expected was none", "  ✗ help: expected 0, got 1", "  Why: sent"],
        ),
    ],
)
def test_kinds_that_differ_tell_why(op, left, right, lines):
    assert explain(op, left, right) == lines


def test_metrics_are_read_as_prometheus_writes_them():
    text = '# HELP a b\n# TYPE a counter\na_total{kind="x",how="y \\" z"} 2.0\na_total{kind="w"} 3\nb 1e3 1700000000\n'
    metrics = Metrics(text)
    assert metrics.value("a_total") == 5
    assert metrics.value("a_total", kind="x") == 2
    assert metrics.value("a_total", kind="v") == 0
    assert metrics.value("b") == 1000
    assert metrics['a_total{kind="w"}'] == 3
    assert len(metrics) == 3
    with pytest.raises(KeyError, match="no metric"):
        metrics.value("c")
