"""The command line: `python -m simulator VERB`, also installed as `simulator`.

    serve                       SMSC, network and handsets for a gateway started elsewhere
    demo                        starts both, plays a story, shows it
    phone, text, roam, use      who is there, and what they do, in a running serve or demo; reach, why
    clock, receipts, status     its virtual clock (advance), how its receipts look, how it stands
    fault                       what shall go wrong: arm, list, clear, numbers
    tail, flow, doctor          a gateway's log for people; whether this machine is as it should be
    run                         plays scenarios, each against a gateway of its own
    lint                        finds what is wrong with scenarios without starting anything
    new                         writes a first scenario to begin with
    steps                       prints every phrase a scenario may use
    torture                     misbehaves as an SMSC in every known way, and grades the ESME that binds to it
    load                        traffic at a given rate, and what the gateway made of it

Exit codes: 0 done, 1 it came out differently, 2 it could not run, 99 a threshold of a load run broke.

Not here: what the verbs do (serve.py, demo.py, console/, scenarios/run.py, torture/grade.py, load/).
"""

import asyncio
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from simulator.console.verbs import VERBS
from simulator.console.words import Suggesting
from simulator.demo import run_demo
from simulator.load.command import load
from simulator.outfile import STANDARD_OUTPUT
from simulator.reports.write import Targets
from simulator.scenarios.reading import LANGUAGES
from simulator.scenarios.run import RunOptions, run_lint, run_new, run_scenarios, run_steps
from simulator.serve import serve
from simulator.torture.grade import TortureOptions, list_cases, run_torture
from simulator.torture.play import Expected

FILE = click.Path(dir_okay=False, path_type=Path)
FILE_OR_OUTPUT = click.Path(dir_okay=False, path_type=Path, allow_dash=True)
pcap_option = click.option(
    "--pcap", type=FILE, help="Keep every PDU in FILE, which Wireshark reads, also of a TLS line."
)


@click.group(cls=Suggesting, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The operator's side of service number 1330: SMSC, mobile network and handsets."""


@main.command()
@click.option("--headless", is_flag=True, help="Plain lines, and exit when the story is over.")
@click.option("--smpp-port", default=0, help="Port of the SMSC; any free one when not given.")
@pcap_option
def demo(*, headless: bool, smpp_port: int, pcap: Path | None) -> None:
    """Starts gateway and simulator on free ports and plays a story in virtual time."""
    sys.exit(asyncio.run(run_demo(headless=headless, smpp_port=smpp_port, pcap=pcap)))


@main.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--junit", type=FILE_OR_OUTPUT, metavar="FILE", help="Writes JUnit XML; - is the output.")
@click.option(
    "--html", type=FILE, metavar="FILE", help="Writes one page for people: verdict, coverage, conversations."
)
@click.option(
    "--markdown",
    type=FILE_OR_OUTPUT,
    metavar="FILE",
    help="Writes a summary, for the output of a CI step; - is the output.",
)
@click.option(
    "--json-report", "json", type=FILE_OR_OUTPUT, metavar="FILE", help="Writes all of it as JSON; - is the output."
)
@click.option("--open", is_flag=True, help="Opens the page in a browser; without --html it is a temporary file.")
@click.option("--seed", type=int, default=None, help="Draws what is left to chance; a fresh one is printed.")
@click.option("-j", "--jobs", type=click.IntRange(min=0), default=0, help="Scenarios at once; 0: one for each core.")
@click.option("--tag", "tags", multiple=True, metavar="@TAG", help="Only scenarios with this tag; may be repeated.")
@click.option("--update-snapshots", is_flag=True, help="Writes conversations that scenarios compare with a file.")
@click.option("--plain", is_flag=True, help="No progress bar, also on a terminal.")
def run(**options: Any) -> None:  # noqa: ANN401 - click names them
    """Plays the scenarios in PATHS (files, file:line, folders), each against a fresh gateway.

    A report's FILE is written whole or not at all; a link is followed, a device or pipe is written as it is. Where a
    report is the output, all else that is said goes to standard error.
    """
    targets = Targets(**{form.name: options.pop(form.name) for form in fields(Targets)})
    if targets.html == STANDARD_OUTPUT:
        raise click.UsageError("--html -: the page goes to a file; - is for --markdown, --junit and --json-report")
    if len(targets.spoken) > 1:
        raise click.UsageError(f"{' and '.join(targets.spoken)} go to the output: - is allowed once")
    sys.exit(asyncio.run(run_scenarios(RunOptions(targets=targets, **options))))


@main.command()
@click.argument("paths", nargs=-1, required=True)
def lint(paths: tuple[str, ...]) -> None:
    """Checks scenarios without starting anything."""
    sys.exit(run_lint(paths))


@main.command()
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--language", type=click.Choice(["nl", "en"]), default=None, help="Only this one.")
@click.option("--countries", is_flag=True, help="The countries that there are, each under its tariff zone, instead.")
def steps(words: tuple[str, ...], language: str | None, *, countries: bool) -> None:
    """Prints every phrase a scenario may use, in Dutch and English, with an example; with WORDs only what has
    them all.
    """
    sys.exit(run_steps([language] if language else LANGUAGES, words, countries=countries))


@main.command()
@click.argument("path", type=FILE, metavar="FILE")
@click.option("--language", type=click.Choice(["nl", "en"]), default="nl", show_default=True, help="Of the scenario.")
def new(path: Path, language: str) -> None:
    """Writes a first scenario to FILE, one that passes; a file that is there stays as it is."""
    sys.exit(run_new(path, language))


def _address(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, int]:
    host, colon, port = value.rpartition(":")
    if not (colon and host and port.isdecimal() and int(port) <= 65535):
        raise click.BadParameter(f"{value!r}: HOST:PORT is allowed, port 0 is any free one")
    return host, int(port)


_EXPECTED = Expected()


@main.command()
@click.option("--bind", default="127.0.0.1:0", show_default=True, callback=_address, help="HOST:PORT to listen at.")
@click.option("--command", default="", help="Starts the ESME; {host}, {port}, {system_id}, {password} are filled in.")
@click.option("--system-id", default="gateway", show_default=True, help="For {system_id}.")
@click.option("--password", default="secret", show_default=True, help="For {password}.")
@click.option("--case", "cases", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option("--list", "only_list", is_flag=True, help="Prints the cases and exits.")
@click.option("--seed", type=int, default=None, help="Draws what is left to chance; a fresh one is printed.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), default=1, help="Stations at once; needs --command.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.option("--trace", is_flag=True, help="Shows what passed on the wire where the mark is not full.")
@click.option("--start-s", default=60.0, show_default=True, help="How long the first bind may take.")
@click.option("--response-timeout-s", default=_EXPECTED.response_timeout_s, show_default=True, help="The ESME's own.")
@click.option("--enquire-link-s", default=_EXPECTED.enquire_link_s, show_default=True, help="The ESME's own.")
@click.option("--reconnect-max-s", default=_EXPECTED.reconnect_max_s, show_default=True, help="The ESME's own.")
@click.option("--retry-max-s", default=_EXPECTED.retry_max_s, show_default=True, help="Until it sends a text again.")
@click.option("--patience-s", default=_EXPECTED.patience_s, show_default=True, help="How long an answer may take.")
@click.option("--window", default=_EXPECTED.window, show_default=True, help="Its submits without an answer.")
@click.option("--no-replies", is_flag=True, help="It sends nothing back to a text.")
@click.option("--text", default=_EXPECTED.text, show_default=True, help="What it replies to.")
@click.option("--service-number", default=_EXPECTED.service_number, show_default=True, help="Where texts go to.")
@click.option("--first-number", default=_EXPECTED.first_number, show_default=True, help="Whom texts come from ...")
@click.option("--numbers", default=_EXPECTED.numbers, show_default=True, help="... and so many after it.")
@click.option("--tls-cert-file", type=FILE, default=None, help="PEM: listens with TLS.")
@click.option("--tls-key-file", type=FILE, default=None, help="PEM, if it is not in the other.")
def torture(*, bind: tuple[str, int], only_list: bool, no_replies: bool, **options: Any) -> None:  # noqa: ANN401
    """Misbehaves as an SMSC in every known way, and grades the ESME that binds to it by what it does on the wire."""
    if only_list:
        sys.exit(list_cases())
    if options["jobs"] > 1 and not (options["command"] and bind[1] == 0):
        raise click.UsageError("--jobs needs --command and a --bind with port 0")
    known = {one.name for one in fields(Expected)} & options.keys()
    expected = Expected(replies=not no_replies, **{name: options.pop(name) for name in known})
    sys.exit(asyncio.run(run_torture(TortureOptions(host=bind[0], port=bind[1], expected=expected, **options))))


for command in (load, serve, *VERBS):
    main.add_command(command)


if __name__ == "__main__":
    main()
