"""Mixes from TOML: what is left out is the default's, what is wrong is told all at once."""

import pytest

from simulator.load.mix import KINDS, MIXES, Mix
from simulator.load.schedule import BadPlan
from simulator.load.thresholds import read_thresholds


@pytest.fixture
def written(tmp_path):
    def _written(text):
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return _written


@pytest.mark.parametrize("name", sorted(path.stem for path in MIXES.glob("*.toml")))
def test_every_mix_that_is_shipped_can_be_read(name):
    mix = Mix.load(name)
    assert sum(mix.weights[kind] for kind in KINDS) > 0
    assert read_thresholds(mix.thresholds)


def test_the_default_is_what_the_design_says():
    assert Mix.load("default").weights == {"roam": 30, "usage": 60, "mo": 8, "reply": 2}


def test_what_is_left_out_is_the_defaults(written):
    mix = Mix.load(written('[flows]\nroam = 1\n[thresholds]\n"p99 flow" = "1 s"\n'))
    assert (mix.name, mix.weights["roam"], mix.weights["usage"]) == ("mine", 1, 60)
    assert mix.thresholds["p99 flow"] == "1 s"
    assert mix.thresholds["lost"] == "0"


def test_tables_and_back():
    mix = Mix.load("default")
    assert Mix.from_tables("default", mix.tables()) == mix


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("flows = 3", "flows = 3: allowed is a section"),
        ("[flow]\nroam = 1", "[flow] is no section; did you mean flows?"),
        ("[flows]\nroan = 1", "flows.roan is no key; did you mean roam?"),
        ("[flows]\nroam = -1", "flows.roam = -1: allowed is a weight"),
        ("[flows]\nroam = true", "flows.roam = True"),
        ("[flows]\nroam = 0\nusage = 0\nmo = 0\nreply = 0", "every weight is 0"),
        ("[roam]\nhome_pct = 101", "roam.home_pct = 101: allowed is 0 to 100"),
        ("[roam]\nplaces = [1]", "roam.places"),
        ("[usage]\nbytes = [5, 4]", "usage.bytes = [5, 4]"),
        ("[usage]\nbytes = 7", "usage.bytes = 7"),
        ("[subscribers]\ncost_limits_eur = [7]", "subscribers.cost_limits_eur = [7]"),
        ("[subscribers]\nbundles = []", "subscribers.bundles = []"),
        ("[smsc]\nanswer_ms = 1e9", "smsc.answer_ms"),
        ("[flows", "allowed is a file of TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(written, text, told):
    with pytest.raises(BadPlan) as caught:
        Mix.load(written(text))
    assert told in str(caught.value)


def test_all_faults_come_at_once(written):
    with pytest.raises(BadPlan) as caught:
        Mix.load(written("[roam]\nhome_pct = 101\nplace = []\n[smsc]\nreceipt_s = -1"))
    assert len(str(caught.value).splitlines()) == 3


def test_a_mix_that_is_not_there(tmp_path):
    with pytest.raises(BadPlan, match="one of default"):
        Mix.load("rush-hour")
    with pytest.raises(BadPlan, match="no such file"):
        Mix.load(str(tmp_path / "none.toml"))
