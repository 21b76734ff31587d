"""Reading geography from a tariff sheet."""

from datetime import UTC, datetime

import pytest

from simulator.places import Places, UnknownPlace

NOW = datetime(2026, 11, 2, tzinfo=UTC)
SHEET = """
[[place]]
iso = "US"
nl = "Verenigde Staten"
en = "United States"
zone = "A"
plmns = ["310-410", "310-260"]
mcc = "310"
rate = 9

[[place]]
key = "UA"
iso = "UA"
names = { nl = "Oekraine", en = "Ukraine" }
zones = [{ from = 2026-01-01, zone = "EU" }, { zone = "A" }]
mcc = ["255"]
networks = { "255-03" = "Kyivstar" }

[[place]]
key = "SEA"
nl = "Scheepsnetwerk"
en = "Maritime"
zone = "NT"
mcc = ["901"]
networks = { "901-12" = "Telenor Maritime" }

[[place]]
key = "RIG"
nl = "Noordzee"
en = "North Sea"
zone = "A"
networks = { "901-71" = "Tampnet" }
"""


@pytest.fixture
def places(tmp_path):
    path = tmp_path / "sheet.toml"
    path.write_text(SHEET, encoding="utf-8")
    return Places.load(path)


@pytest.mark.parametrize(
    ("where", "key", "plmn"),
    [
        ("US", "United States", "310-410"),
        ("verenigde staten", "United States", "310-410"),
        ("United States", "United States", "310-410"),
        ("310-260", "United States", "310-260"),
        ("310-999", "United States", "310-999"),
        ("Oekraine", "Ukraine", "255-03"),
        ("901-71", "North Sea", "901-71"),
        ("901-99", "Maritime", "901-99"),
        ("SEA", "Maritime", "901-12"),
    ],
)
def test_a_place_is_found_by_code_name_or_network(places, where, key, plmn):
    place, found = places.find(where)
    assert (place.en, found) == (key, plmn)


def test_an_unknown_place_comes_with_the_nearest_names(places):
    with pytest.raises(UnknownPlace, match="Did you mean United States"):
        places.find("Unitd States")
    with pytest.raises(UnknownPlace, match="no place '999-01'"):
        places.find("999-01")
    assert places.at("310") is None


def test_a_zone_may_change_on_a_day_in_amsterdam(places):
    place, _ = places.find("UA")
    assert place.zone(datetime(2025, 12, 31, 22, 59, tzinfo=UTC)) == "A"
    assert place.zone(datetime(2025, 12, 31, 23, 0, tzinfo=UTC)) == "EU"


def test_a_sheet_without_places_says_so(tmp_path):
    path = tmp_path / "empty.toml"
    path.write_text("version = 1", encoding="utf-8")
    with pytest.raises(ValueError, match=r"empty\.toml: no"):
        Places.load(path)


def test_the_sample_sheet_is_read_whole():
    places = Places.load()
    assert len(places.all) > 80
    assert {place.zone(NOW) for place in places.all} == {"HOME", "EU", "A", "B", "ROW", "NT"}
    zones = {"NL": "HOME", "BE": "EU", "US": "A", "Japan": "B", "Argentina": "ROW", "901-14": "NT"}
    assert {where: places.find(where)[0].zone(NOW) for where in zones} == zones


def test_a_name_is_known_with_its_accents_too(places):
    """The sheet's names have no accents that GSM 03.38 lacks; people write them all the same."""
    assert places.find("Oekraïne")[0].iso == places.find("oekraine")[0].iso == "UA"
