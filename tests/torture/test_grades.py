"""Real ESMEs in processes of their own: our gateway gets full marks, and smpplib's known faults are found."""

import asyncio

import pytest
from rich.console import Console

from simulator.torture.catalogue import CASES
from simulator.torture.grade import TortureOptions, grade
from tests.torture.commands import CERTIFICATES, GATEWAY, OVER_TLS, SMPPLIB, expected

# More than any answer takes while other tests have the machine.
PATIENCE_S = 8.0


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    """The gateway's database goes where pytest cleans up."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def graded(tmp_path, command, *, seconds=250, patience_s=PATIENCE_S, **options):
    """The report, and all that was printed meanwhile."""
    said = tmp_path / "said.txt"
    with said.open("w", encoding="utf-8") as file:
        console = Console(file=file, soft_wrap=True, color_system=None)
        chosen = TortureOptions(command=command, seed=1, expected=expected(patience_s=patience_s), **options)
        report = asyncio.run(asyncio.wait_for(grade(chosen, console), seconds))
    return report, said.read_text(encoding="utf-8")


def states(report):
    return {one.case.name: one.state for one in report.results}


@pytest.mark.timeout(280)
def test_our_gateway_gets_full_marks(tmp_path):
    report, said = graded(tmp_path, GATEWAY, jobs=3)
    assert report.full, said
    assert report.marks == (2 * (len(CASES) - 1), 2 * (len(CASES) - 1))
    others = {name: state for name, state in states(report).items() if state != "pass"}
    assert others == {"tls-cut-mid-pdu": "not applicable"}


def test_our_gateway_over_tls(tmp_path):
    names = ("plain", "tls-cut-mid-pdu", "split-with-a-pause")
    report, said = graded(tmp_path, OVER_TLS, cases=names, tls_cert_file=CERTIFICATES / "smsc.pem")
    assert report.full, said
    assert states(report).keys() == set(names)


@pytest.mark.parametrize(
    ("name", "did"),
    [
        # It reads with a timeout, and forgets what it had of the PDU when that runs out.
        ("split-with-a-pause", "no answer to the text"),
        # Whatever comes first is the answer to its bind.
        ("text-before-bound", "no answer to the text"),
        # An error in a response ends `listen`.
        ("throttled-half", "the connection"),
        ("unbind-from-smsc", "no unbind_resp"),
        ("data-sm", "no answer"),
        ("deliver-status", "closed the connection"),
        ("window", "had 20 open at a time"),
    ],
)
def test_a_known_fault_of_smpplib_is_found(tmp_path, name, did):
    report, said = graded(tmp_path, SMPPLIB, cases=("plain", name), patience_s=1.0)
    assert states(report) == {"plain": "pass", name: "fail"}, said
    assert did in report.results[-1].did, said
    assert report.marks == (2, 4)
