"""One look at everything before start: config, sheet and language files, all faults at once."""

import shutil
from pathlib import Path

import pytest

from gateway import tariffs, texts
from gateway.check import check, format_faults
from gateway.config import BadConfig, Fault
from handlers.policy import NOTIFICATIONS, NotificationRule

ROOT = Path(__file__).parents[2]
SPOKEN = tuple(sorted(path.stem for path in (ROOT / "templates").glob("*.toml")))


@pytest.fixture
def site(tmp_path):
    """A folder with a config, a sheet and language files of its own."""
    shutil.copytree(texts.PACKAGED, tmp_path / "texts", ignore=shutil.ignore_patterns("__*"))
    shutil.copy(tariffs.PACKAGED, tmp_path / "sheet.toml")
    (tmp_path / "config.toml").write_text(
        '[templates]\nfolder = "texts"\n[tariffs]\nfile = "sheet.toml"\n', encoding="utf-8"
    )
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults_of(path: Path | None, environ: dict[str, str] | None = None) -> list[Fault]:
    with pytest.raises(BadConfig) as caught:
        check(path, environ or {})
    return caught.value.faults


@pytest.mark.parametrize("every_place", [False, True])
def test_the_project_itself_is_without_fault(every_place):
    loaded = check(ROOT / "config.toml", {}, every_place=every_place)
    assert loaded.tariffs.version == "2026-sample"
    assert loaded.policy.tariffs is loaded.tariffs
    assert loaded.texts.languages == SPOKEN
    assert loaded.config.service.number == loaded.policy.service_number


def test_files_of_ones_own(site):
    change(site / "sheet.toml", 'version = "2026-sample"', 'version = "mine"')
    change(site / "texts/nl.toml", "Deze code kennen we niet.", "Die code is er niet.")
    loaded = check(site / "config.toml", {})
    assert loaded.tariffs.version == "mine"
    assert loaded.texts.render("unknown", "nl", ()).startswith("Die code is er niet.")


def test_faults_of_every_part_come_at_once(site):
    change(site / "config.toml", "[templates]", "[smpp]\nport = 0\n[http]\nprot = 1\n[templates]")
    change(site / "sheet.toml", "[rates.B]", "[rates.BB]")
    change(site / "texts/nl.toml", "{reden}.", "{rede}.")
    keys = {fault.key for fault in faults_of(site / "config.toml")}
    assert keys >= {"smpp.port", "http.prot", "rates.B", "rates.BB", "kind.lift_refused_other.text"}


def test_a_text_that_has_become_too_long_is_found_before_start(site):
    environ = {"GATEWAY__POLICY__INFO_URL": "a-rather-long-address.example/with/a/way/to/go"}
    keys = {fault.key for fault in faults_of(site / "config.toml", environ)}
    assert "kind.border_eu.text" in keys


def test_a_broken_section_does_not_hide_the_files_that_another_names(site):
    change(site / "config.toml", "[templates]", '[policy]\ngb_bytes = "one"\n[service]\nvat_pct = -1\n[templates]')
    change(site / "sheet.toml", 'mcc = ["440"]', 'mcc = ["440", "450"]')
    keys = [fault.key for fault in faults_of(site / "config.toml")]
    assert keys == ["service.vat_pct", "policy.gb_bytes", "place KR.mcc"]


def test_a_language_that_no_file_speaks(site):
    (fault,) = faults_of(site / "config.toml", {"GATEWAY__SERVICE__LANGUAGE": "fy"})
    assert fault.key == "service.language"
    assert ", ".join(SPOKEN) in fault.allowed


def test_a_field_of_a_kind_that_has_no_unit_is_told_and_no_traceback(site, monkeypatch):
    rule = NotificationRule("mandatory", 60, ("tint",))
    monkeypatch.setattr("gateway.config.NOTIFICATIONS", {**NOTIFICATIONS, "costs": rule})
    change(site / "sheet.toml", "[rates.B]", "[rates.BB]")
    *_, last = faults_of(site / "config.toml")
    assert str(last).startswith("handlers/policy.py: NOTIFICATIONS.costs: found {tint}; allowed: a field of FIELDS")


@pytest.mark.parametrize(
    ("variable", "found"), [("GATEWAY__TARIFFS__FILE", "No such file"), ("GATEWAY__TEMPLATES__FOLDER", "no language")]
)
def test_files_that_are_not_there(site, variable, found):
    (fault,) = faults_of(site / "config.toml", {variable: "nowhere"})
    assert fault.file.endswith("nowhere")
    assert found in fault.found


def test_without_a_path_it_is_the_one_here(site, monkeypatch):
    monkeypatch.chdir(site)
    assert check(None, {}).config.templates.folder == str(site / "texts")
    (site / "config.toml").unlink()
    (fault,) = faults_of(None)
    assert fault.file == "config.toml"


def test_faults_are_shown_one_a_line_with_their_number():
    one, two = Fault("a.toml", "smpp.port", "0", "at least 1"), Fault("b.toml", "", "nothing", "a file")
    assert format_faults([one]) == "a.toml: smpp.port: found 0; allowed: at least 1\n1 fault"
    assert format_faults([one, two]).splitlines()[1:] == ["b.toml: found nothing; allowed: a file", "2 faults"]
