"""The tariff sheet: what the sample holds, and that a sheet with a hole is told of wholly (rules 4)."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway import tariffs
from gateway.config import BadConfig
from gateway.smpp.alphabet import outside_gsm7

TEXT = tariffs.PACKAGED.read_text(encoding="utf-8")
SHEET = tariffs.load(tariffs.PACKAGED)
NOW = datetime(2026, 11, 2, tzinfo=UTC)


def place(plmn: str, at: datetime = NOW):
    return SHEET.tariffs.place(plmn, at)


def changed(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "sheet.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path: Path):
    with pytest.raises(BadConfig) as caught:
        tariffs.load(path)
    return caught.value.faults


class TestSample:
    @pytest.mark.parametrize(
        ("plmn", "key", "country", "zone", "regime"),
        [
            ("204-08", "NL", "NL", "HOME", "home"),
            ("204-99", "NL", "NL", "HOME", "home"),  # Q44: all Dutch networks
            ("262-01", "DE", "DE", "EU", "member"),
            ("242-01", "NO", "NO", "EU", "eea"),
            ("255-03", "UA", "UA", "EU", "rlah_assoc"),
            ("228-01", "CH", "CH", "EU", "voluntary"),  # Q38
            ("286-01", "TR", "TR", "A", "third"),
            ("310-410", "US", "US", "A", "third"),
            ("334-020", "MX", "MX", "B", "third"),
            ("722-010", "AR", "AR", "ROW", "third"),
            ("362-51", "CW", "CW", "B", "third"),
            ("340-01", "GP", "GP", "EU", "member"),
            ("234-02", "GB", "GB", "EU", "voluntary"),
            ("234-50", "CHANNEL", None, "EU", "voluntary"),  # Q43: the network before its country code
            ("234-58", "CHANNEL", None, "EU", "voluntary"),
            ("901-71", "NSEA", None, "A", "third"),  # Q41
            ("901-12", "SEA", None, "NT", "non_terrestrial"),  # Q40
            ("901-99", "SEA", None, "NT", "non_terrestrial"),
            ("901-14", "AIR", None, "NT", "non_terrestrial"),
        ],
    )
    def test_where_a_network_is(self, plmn, key, country, zone, regime):
        found = place(plmn)
        assert (found.key, found.country, found.zone, found.regime) == (key, country, zone, regime)
        assert found.link == (country or key)
        assert found.known

    @pytest.mark.parametrize(
        ("mcc", "key", "zone"),
        [("204", "NL", "HOME"), ("208", "FR", "EU"), ("234", "GB", "EU"), ("340", "GP", "EU"), ("901", "SEA", "NT")],
    )
    def test_q43_a_country_code_alone_is_the_country(self, mcc, key, zone):
        found = place(mcc)
        assert (found.key, found.zone, found.known) == (key, zone, True)

    @pytest.mark.parametrize("plmn", ["234-50", "234-55", "234-58", "234-36"])
    def test_q43_the_islands_are_told_apart_from_the_kingdom_by_network(self, plmn):
        assert place(plmn).key == "CHANNEL"
        assert place("234-05").key == place("234-500").key == "GB"  # codes are text: another network is another code

    def test_the_north_of_cyprus_registers_as_turkey(self):
        south, north = place("280-01"), place("286-01")
        assert [(one.country, one.zone, one.regime) for one in (south, north)] == [
            ("CY", "EU", "member"),
            ("TR", "A", "third"),
        ]

    @pytest.mark.parametrize("plmn", ["901-12", "901-18", "901-26", "901-19", "901-21", "901-27", "901-35"])
    def test_q40_ships_are_listed_by_network(self, plmn):
        assert place(plmn).key == "SEA"
        assert plmn in SHEET.operators

    @pytest.mark.parametrize("plmn", ["901-14", "901-15", "901-53"])
    def test_q40_aircraft_too(self, plmn):
        assert (place(plmn).key, place(plmn).zone) == ("AIR", "NT")

    @pytest.mark.parametrize(
        ("regime", "countries"),
        [
            ("home", "NL"),
            ("eea", "IS LI NO"),
            ("rlah_assoc", "MD UA"),
            ("voluntary", "AD CH CHANNEL GB GI MC SM"),
            ("non_terrestrial", "AIR SEA"),
        ],
    )
    def test_q37_each_regime_has_its_places(self, regime, countries):
        latest = {rows[-1][1] for rows in SHEET.tariffs.networks.values()}
        assert sorted(one.key for one in latest if one.regime == regime) == countries.split()
        assert all(one.zone == "EU" for one in latest if one.regime in ("member", "eea", "rlah_assoc", "voluntary"))

    def test_q37_the_union_is_its_members_but_home_and_two_groups_of_islands_overseas(self):
        members = {rows[-1][1].key for rows in SHEET.tariffs.networks.values() if rows[-1][1].regime == "member"}
        assert len(members) == 27 - 1 + 2
        assert {"GP", "RE"} < members

    def test_q44_home_is_one_country(self):
        assert tariffs.home_mcc(SHEET.tariffs) == "204"

    def test_a_network_that_is_not_on_it(self):
        found = place("999-01")
        assert (found.zone, found.regime, found.known) == ("ROW", "third", False)
        assert SHEET.name(found.key, "nl") is None

    @pytest.mark.parametrize("plmn", ["255-03", "259-01"])
    def test_a_zone_changes_at_midnight_in_amsterdam(self, plmn):
        before = place(plmn, datetime(2025, 12, 31, 22, 59, 59, tzinfo=UTC))
        after = place(plmn, datetime(2025, 12, 31, 23, 0, tzinfo=UTC))
        assert (before.zone, before.regime) == ("A", "third")  # Q39
        assert (after.zone, after.regime) == ("EU", "rlah_assoc")

    def test_only_one_place_has_no_usage_in_real_time(self):
        late = {row[1].key for rows in SHEET.tariffs.networks.values() for row in [rows[-1]] if not row[1].realtime}
        assert late == {"TM"}  # Q55

    def test_how_much_it_holds(self):
        """Places in every zone, and every place with a network; how many they are is the sheet's affair."""
        latest = {rows[-1][1] for rows in SHEET.tariffs.networks.values()}
        assert {one.zone for one in latest} == set(tariffs.ZONES)
        assert {one.key for one in latest} == {key for names in SHEET.names.values() for key in names}
        assert len(latest) == len({one.key for one in latest})

    @pytest.mark.parametrize(
        ("zone", "data", "call", "receive", "sms"),
        [
            ("HOME", "0.02", "0", "0", "0"),
            ("EU", "0.02", "0", "0", "0"),
            ("A", "2.50", "0.90", "0.45", "0.25"),
            ("B", "4.00", "1.60", "0.90", "0.35"),
            ("ROW", "5.00", "2.40", "1.40", "0.45"),
            ("NT", "10.00", "4.00", "3.00", "0.60"),
        ],
    )
    def test_rates_are_exact(self, zone, data, call, receive, sms):
        rate = SHEET.tariffs.rates[zone]
        found = (rate.data_ueur_per_mb, rate.call_ueur_per_min, rate.receive_ueur_per_min, rate.sms_ueur)
        assert found == tuple(round(float(amount) * 1_000_000) for amount in (data, call, receive, sms))

    @pytest.mark.parametrize(
        ("zone", "mb"), [("A", (16, 20, 40)), ("B", (10, 12.5, 25)), ("ROW", (8, 10, 20)), ("NT", (4, 5, 10))]
    )
    def test_thresholds_of_fifty_euro_fall_on_the_megabytes_of_the_table(self, zone, mb):
        rate = SHEET.tariffs.rates[zone].data_ueur_per_mb
        assert tuple(50_000_000 * pct / 100 / rate for pct in (80, 100, 200)) == mb

    def test_bundles(self):
        offers = SHEET.tariffs.offers
        volumes = {category: offer.volume_bytes for category, offer in offers.items()}
        assert volumes == {"A": 30 * 10**9, "B": 7_500_000_000, "ROW": 5 * 10**9, "WORLD": 7_500_000_000}  # B4, Q53
        assert {category: offer.price_ueur // 10**6 for category, offer in offers.items()} == {
            "A": 25,
            "B": 35,
            "ROW": 50,
            "WORLD": 45,
        }
        assert offers["WORLD"].zones == {"A", "B", "ROW"}  # Q36

    def test_a_binary_gb_makes_larger_bundles(self):
        offers = tariffs.load(tariffs.PACKAGED, gb_bytes=2**30).tariffs.offers
        assert offers["B"].volume_bytes == 15 * 2**29

    def test_names_fit_a_text(self):
        for names in SHEET.text_names.values():
            for name in names.values():
                assert len(name) <= 16, name
                assert not outside_gsm7(name), name
                assert not name.endswith("."), name  # "Welkom in X.." reads badly

    def test_full_names_and_their_fallback(self):
        assert SHEET.name("GB", "nl") == "Verenigd Koninkrijk"
        assert SHEET.name("GB", "fy") == "United Kingdom"
        assert SHEET.operators["310-410"] == "AT&T"

    def test_every_operator_belongs_to_a_place(self):
        assert SHEET.operators.keys() <= SHEET.tariffs.networks.keys()


class TestHoles:
    @pytest.mark.parametrize(
        ("old", "new", "key"),
        [
            ('version = "2026-sample"', "", "version"),
            ('timezone = "Europe/Amsterdam"', 'timezone = "Europa"', "timezone"),
            ("[rates.B]", "[rates.BB]", "rates.BB"),
            ("[rates.NT]", "[other.NT]", "rates.NT"),
            ("data_eur_per_mb = 2.50", "", "rates.A.data_eur_per_mb"),
            ("data_eur_per_mb = 2.50", "data_eur_per_mb = -2.50", "rates.A.data_eur_per_mb"),
            ("data_eur_per_mb = 2.50", "data_eur_per_mb = 0.0000001", "rates.A.data_eur_per_mb"),
            ("data_eur_per_mb = 2.50", "data_eur_per_mb = true", "rates.A.data_eur_per_mb"),
            ("data_eur_per_mb = 2.50", 'data_eur_per_mb = "2,50"', "rates.A.data_eur_per_mb"),
            ("sms_eur = 0.25", "sms_eur = 0.25\nmms_eur = 1", "rates.A.mms_eur"),
            ("[bundles.ROW]", "[bundles.REST]", "bundles.REST"),
            ("gb = 7.5", "gb = 0", "bundles.B.gb"),
            ('zones = ["A"]', 'zones = ["EU"]', "bundles.A.zones"),
            ('zones = ["A", "B", "ROW"]', 'zones = ["A", "B", "ROW", "NT"]', "bundles.WORLD.zones"),
            ('name = "A"', "", "bundles.A.name"),
            ('name = "A"', 'name = "Bundle of the A zone"', "bundles.A.name"),
            ('name = "A"', 'name = "A"\nnames = { nl = "A", en = "A" }', "bundles.A.names"),
            ('nl = "Wereld", en = "World"', 'nl = "Wereld"', "bundles.WORLD.names.en"),
            ('nl = "Wereld", en = "World"', 'nl = "Wëreld", en = "World"', "bundles.WORLD.names"),
            ('nl = "Belgie"', 'nl = "België"', "place BE.names.nl"),
            ('nl = "Belgie", en = "Belgium"', 'nl = "Belgie"', "place BE.names.en"),
            ('nl = "Belgie"', 'nl = ""', "place BE.names.nl"),
            (', short = { nl = "het VK", en = "the UK" }', "", "place GB.short.nl"),
            ('short = { nl = "het VK", en = "the UK" }', 'short = { fr = "R-U" }', "place GB.short.fr"),
            ('key = "JP"', 'key = "jp"', "place 54.key"),
            ('key = "JP"', 'key = "KR"', "place KR"),
            ('iso = "JP"', 'iso = "JPN"', "place JP.iso"),
            (
                'zone = "B", regime = "third", mcc = ["440"]',
                'zone = "C", regime = "third", mcc = ["440"]',
                "place JP.zone",
            ),
            ('zone = "B", regime = "third", mcc = ["440"]', 'regime = "third", mcc = ["440"]', "place JP.zone"),
            (
                'zone = "B", regime = "third", mcc = ["440"]',
                'zone = "B", regime = "far", mcc = ["440"]',
                "place JP.regime",
            ),
            ('zone = "NT", regime = "non_terrestrial"', 'zone = "NT", regime = "third"', "place SEA.regime"),
            ('mcc = ["440"]', 'mcc = ["450"]', "place KR.mcc"),
            ('mcc = ["440"]', 'mcc = ["440", "440"]', "place JP.mcc"),
            ('mcc = ["440"]', "mcc = [440]", "place JP.mcc"),
            ('mcc = ["440"]', 'mcc = "440"', "place JP.mcc"),
            ('mcc = ["440"], networks = { "440-10" = "NTT docomo" }', "networks = {}", "place JP"),
            ('"440-10" = "NTT docomo"', '"440-1" = "NTT docomo"', "place JP.networks"),
            ('"440-10" = "NTT docomo"', '"44010" = "NTT docomo"', "place JP.networks"),
            ('"440-10" = "NTT docomo"', '"450-05" = "NTT docomo"', "place KR.networks"),
            ('"440-10" = "NTT docomo"', '"441-10" = "NTT docomo"', "place JP.networks"),
            ('"440-10" = "NTT docomo"', '"440-10" = ""', "place JP.networks.440-10"),
            ("realtime = false, mcc", 'realtime = "no", mcc', "place TM.realtime"),
            ("realtime = false, mcc", "real_time = false, mcc", "place TM.real_time"),
            (
                '{ from = 2026-01-01, zone = "EU", regime = "rlah',
                '{ zone = "EU", regime = "rlah',
                "place UA.zones.from",
            ),
            ('zone = "HOME", regime = "home"', 'zone = "EU", regime = "member"', "place"),
            ('mcc = ["204"], networks', "networks", "place"),
        ],
    )
    def test_each_is_told_with_its_place(self, tmp_path, old, new, key):
        path = changed(tmp_path, (old, new))
        faults = faults_of(path)
        assert key in [fault.key for fault in faults]
        assert all(fault.file == str(path) and fault.allowed for fault in faults)

    def test_all_at_once(self, tmp_path):
        path = changed(
            tmp_path, ("[rates.B]", "[rates.BB]"), ('mcc = ["440"]', 'mcc = ["440", "450"]'), ("gb = 30", "gb = -1")
        )
        assert {fault.key for fault in faults_of(path)} == {"rates.BB", "rates.B", "place KR.mcc", "bundles.A.gb"}

    def test_a_code_of_two_places_names_both(self, tmp_path):
        (fault,) = faults_of(changed(tmp_path, ('mcc = ["440"]', 'mcc = ["440", "450"]')))
        assert (fault.key, fault.found, fault.allowed) == (
            "place KR.mcc",
            '"MCC 450"',
            "each once: it is already of place JP",
        )

    def test_a_network_outside_the_country_codes_of_its_place(self, tmp_path):
        """Q43: only a place without a country code of its own lies inside that of another."""
        (fault,) = faults_of(changed(tmp_path, ('"440-10" =', '"441-10" =')))
        assert (fault.key, fault.found, fault.allowed) == ("place JP.networks", '"441-10"', "a network of MCC 440")
        (fault,) = faults_of(changed(tmp_path, ('"310-410" =', '"317-410" =')))
        assert fault.allowed == "a network of MCC 310, 311, 312, 313, 314, 315, 316"

    def test_what_is_no_toml_or_not_there(self, tmp_path):
        path = tmp_path / "sheet.toml"
        assert "No such file" in faults_of(path)[0].found
        path.write_text("version =\n", encoding="utf-8")
        assert "line 1" in faults_of(path)[0].found

    def test_an_empty_sheet_names_every_part(self, tmp_path):
        path = tmp_path / "sheet.toml"
        path.write_text("", encoding="utf-8")
        keys = {re.split(r"\.", fault.key)[0] for fault in faults_of(path)}
        assert keys == {"version", "rates", "bundles", "place"}

    def test_amounts_may_be_text_and_stay_exact(self, tmp_path):
        path = changed(tmp_path, ("data_eur_per_mb = 2.50", 'data_eur_per_mb = "2.500001"'))
        assert tariffs.load(path).tariffs.rates["A"].data_ueur_per_mb == 2_500_001

    def test_a_third_language_may_have_names(self, tmp_path):
        path = changed(tmp_path, ('en = "Germany"', 'en = "Germany", de = "Deutschland"'))
        sheet = tariffs.load(path)
        assert (sheet.name("DE", "de"), sheet.name("FR", "de")) == ("Deutschland", "France")
