"""The summary: what is wrong and why, and nothing in it that becomes markup."""

import re
from dataclasses import replace

import pytest

from simulator.reports import markdown
from simulator.reports.markdown import code, document, fenced, plain
from tests.simulator.sample_report import HOSTILE, dutch, failed, report, undecided


def test_the_verdict_is_the_first_line():
    lines = document(report()).splitlines()
    assert lines[0] == "## ❌ Eén scenario klopt niet"
    assert lines[2] == "3 scenario's gespeeld in 2,5 s. Voor de abonnees ging 1 dag voorbij."
    assert lines[4] == "✅ 1 geslaagd · ❌ 1 mislukt · ❔ 1 open · seed 5"
    assert document(report(dutch())).startswith("## ✅ Alles klopt\n")


def test_a_run_of_nothing_says_so():
    assert document(replace(report(), cases=())).startswith("## Nothing was played\n")


def test_what_is_wrong_is_told_with_all_of_its_text():
    told = document(report())
    assert "❌ **Bob got 1 text where none may come**" in told
    assert "`en/silence.feature:3`" in told
    assert "```text\n✗ Bob got 1 text where none may come\n    name ✗" in told
    assert "❔ **Bram kreeg 1 sms**" in told
    assert "Opnieuw spelen: `python -m simulator run library --seed 5`" in told


def test_features_are_counted_and_rules_that_do_not_hold_named():
    told = document(report())
    assert "| De limiet | 1 | 0 | 0,5 s |" in told
    assert re.search(r"^\| `G4` \| .* \| klopt niet \| #2 \|$", told, re.MULTILINE)
    assert re.search(r"^\| `G9` \| .* \| open vraag \| #3 \|$", told, re.MULTILINE)
    assert "| `G8`" not in told
    assert "### De dienst" not in document(report(dutch(rules=())))


def test_only_so_many_failures_are_told(monkeypatch):
    monkeypatch.setattr(markdown, "FAILURES_MAX", 2)
    told = document(report(*(failed(number=number) for number in range(1, 6))))
    assert told.count("❌ **") == 2
    assert "The first 2 of 5." in told


@pytest.mark.parametrize("place", ["name", "feature", "headline", "path", "failure"])
def test_what_a_stranger_wrote_is_no_markup(place):
    told = document(report(failed(**{place: HOSTILE}), undecided(**{place: HOSTILE})))
    # Outside fences and code spans nothing of it is left as it was.
    outside = re.sub(r"(?s)(`{3,})text\n.*?\n\1", "", told)
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", outside)
    assert "<script" not in outside
    assert "<img" not in outside
    assert "[a](b)" not in outside
    assert outside.count("<details>") == outside.count("</details>") == 2


def test_the_words_of_a_span_and_a_fence_can_not_end_it():
    assert code("a `b` c") == "``a `b` c``"
    assert code("`b`") == "`` `b` ``"
    assert code("a|b\nc") == "`a\\|b c`"
    assert code("") == ""
    assert fenced("a\n```\nb") == "````text\na\n```\nb\n````"
    assert plain("*a* <b> | [c](d)\n`e`") == r"\*a\* &lt;b&gt; \| \[c\]\(d\) \`e\`"
