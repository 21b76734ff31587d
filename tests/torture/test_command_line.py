"""`simulator torture` as it is typed: what it prints, and its exit code."""

import asyncio
import json
import re
import shlex
import sys

import pytest
from click.testing import CliRunner

from simulator.__main__ import main
from simulator.torture.catalogue import CASES, GROUP_OF, GROUPS
from tests.torture.commands import ROOT, SMPPLIB

SHORT = ["--response-timeout-s", "0.5", "--enquire-link-s", "1", "--reconnect-max-s", "0.2", "--seed", "7"]
PYTHON = shlex.quote(sys.executable)


def torture(*arguments):
    return CliRunner().invoke(main, ["torture", *arguments])


def test_the_list_names_every_case_once():
    result = torture("--list")
    assert result.exit_code == 0
    for name, case in CASES.items():
        assert re.findall(rf"^  {re.escape(name)} .*", result.stdout, re.MULTILINE), name
        assert case.sends in result.stdout
        assert f"{case.good} ({case.clause})" in result.stdout
    assert len(CASES) == sum(map(len, GROUPS.values())) > 100
    assert set(GROUP_OF.values()) == set(GROUPS)


def test_one_esme_graded_by_one_command():
    result = torture(
        "--command", SMPPLIB, *SHORT, "--case", "plain", "--case", "length-0", "--case", "tls-cut-mid-pdu"
    )
    assert result.exit_code == 1, result.output
    assert re.search(r"^listening at 127\.0\.0\.1:\d+$", result.stdout, re.MULTILINE)
    assert re.search(r"^pass +plain ", result.stdout, re.MULTILINE)
    assert re.search(r"^tolerable +length-0 ", result.stdout, re.MULTILINE)
    assert "    did   it needs --tls-cert-file" in result.stdout
    assert re.search(r"^total +1 +1 +- +1 +- +3 of 4$", result.stdout, re.MULTILINE)
    assert "seed 7" in result.stdout


def test_full_marks_and_json():
    result = torture("--command", SMPPLIB, *SHORT, "--case", "plain", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["seed"], report["marks"], report["marks_max"]) == (7, 2, 2)
    assert report["counts"] == report["groups"]["binding"]
    (case,) = report["cases"]
    assert case.keys() == {"name", "group", "sent", "good", "reason", "did", "mark", "seconds"}
    assert (case["name"], case["mark"]) == ("plain", "pass")


def test_what_passed_is_shown_where_a_mark_is_missing():
    result = torture("--command", SMPPLIB, *SHORT, "--case", "plain", "--case", "length-8", "--trace")
    plain, _, length = result.stdout.partition("tolerable")
    assert "->" not in plain
    assert re.search(r"^ +0\.\d{3} s  #2 +connected$", length, re.MULTILINE)
    assert re.search(r"#2 <- bind_transceiver #\d+ system_id=gateway$", length, re.MULTILINE)
    assert re.search(r"#2 -> 00 00 00 08 00 00 00 05 00 00 00 00 00 00 00 01$", length, re.MULTILINE)
    assert re.search(r"#3 <- deliver_sm_resp #2 ESME_ROK$", length, re.MULTILINE)
    assert "secret" not in result.stdout


def test_an_esme_that_sends_nothing_back_is_asked_for_nothing():
    result = torture("--command", SMPPLIB, *SHORT, "--no-replies", "--case", "plain", "--case", "window", "--json")
    report = json.loads(result.stdout)
    assert [(case["mark"], case["did"]) for case in report["cases"]] == [
        ("pass", "answered an enquire_link and a text"),
        ("not applicable", "it needs an ESME that replies"),
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--case", "nonsense"], 2, "no case nonsense; --list shows them"),
        (["--start-s", "0.05"], 2, "no ESME asked to bind at 127.0.0.1:"),
        (["--command", f"{PYTHON} -c 'print(\"no way\")'"], 2, "ended with 0, its last lines:\n    no way"),
        (["--command", "/no/such/program"], 2, "the command cannot be started"),
        (["--bind", "nowhere"], 2, "HOST:PORT is allowed"),
        (["--jobs", "2"], 2, "--jobs needs --command"),
        (["--tls-cert-file", "/no/such.pem"], 2, "/no/such.pem: there is no such file"),
    ],
)
def test_what_cannot_run_says_why(arguments, code, words):
    result = torture(*arguments)
    assert result.exit_code == code, result.output
    assert words in result.output


def test_the_port_may_be_taken():
    async def taken():
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        result = await asyncio.to_thread(torture, "--bind", f"127.0.0.1:{port}")
        server.close()
        assert (result.exit_code, "could not run" in result.output) == (2, True)

    asyncio.run(taken())


def test_the_readme_says_how_many():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"misbehaves in {len(CASES)} named ways" in readme
