"""The files of a report."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from simulator.reports import document
from simulator.reports import write as writing
from simulator.reports.model import Case, Report, Run
from simulator.reports.write import Targets, write

REPORT = Report(
    run=Run(began_at=datetime(2026, 3, 3, tzinfo=UTC), real_s=1, seed=1),
    cases=(Case(number=1, name="a lone \ud800", path="a.feature", line=1, state="passed"),),
)


def test_each_form_goes_where_it_was_asked_for_with_its_folders(tmp_path):
    targets = Targets(
        junit=tmp_path / "a" / "junit.xml",
        html=tmp_path / "index.html",
        markdown=tmp_path / "a" / "summary.md",
        json=tmp_path / "b" / "report.json",
    )
    assert targets.any
    assert write(REPORT, targets) == []
    xml = targets.junit.read_text(encoding="utf-8")
    assert xml.startswith("<?xml")
    assert "[[ATTACHMENT|../index.html#s1]]" in xml
    assert targets.html.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert targets.markdown.read_text(encoding="utf-8").startswith("## ")
    assert document.loads(targets.json.read_text(encoding="utf-8")).cases[0].path == "a.feature"
    names = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert names == ["index.html", "junit.xml", "report.json", "summary.md"]


def test_a_page_that_is_too_large_is_written_and_told_of(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "PAGE_BYTES_MAX", 1000)
    path = tmp_path / "index.html"
    (told,) = write(REPORT, Targets(html=path))
    assert told.startswith(f"{path}: 0.0 MB, more than the 0.0 MB")
    assert path.stat().st_size > 1000


def test_how_much_of_the_service_is_proved_is_told(tmp_path):
    path = tmp_path / "index.html"
    case = replace(REPORT.cases[0], rules=("G4",))
    (told,) = write(replace(REPORT, cases=(case,)), Targets(html=path))
    assert told.startswith("1 of 13")
    assert told.endswith(f" rules of the service proved   {path}")


def test_nothing_is_written_where_nothing_was_asked_for(tmp_path):
    assert not Targets().any
    assert write(REPORT, Targets()) == []
    assert list(tmp_path.iterdir()) == []


def test_what_can_not_be_written_names_its_file(tmp_path):
    (tmp_path / "a").write_text("a file and no folder")
    with pytest.raises(OSError, match=r"exists|directory"):
        write(REPORT, Targets(json=tmp_path / "a" / "report.json"))
    (tmp_path / "b").mkdir()
    with pytest.raises(OSError, match="directory"):
        write(REPORT, Targets(json=tmp_path / "b"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
