"""The words of `simulator load` on the command line.

Not here: what they mean (options.py), what is done (run.py).
"""

import sys
from typing import Any

import click

from simulator.load.kinds import KINDS
from simulator.load.options import LoadOptions
from simulator.load.run import run_load

_KINDS = "; ".join(f"{name}: {kind.told}" for name, kind in KINDS.items())
_EPILOG = "Exit codes: 0 every threshold kept, 2 could not run or INVALID, 99 a threshold broke."


@click.command(epilog=_EPILOG)
@click.option("--kind", type=click.Choice([*KINDS]), default="steady", show_default=True, help=_KINDS + ".")
@click.option("--rate", type=float, default=0.0, metavar="N", help="Flows a second.")
@click.option("--for", "seconds", default="", metavar="DURATION", help="How long: 120s, 2m.")
@click.option("--stages", default="", metavar="PLAN", help="Instead of both: 30s@100,1m@100..400,30s@400.")
@click.option("--spacing", type=click.Choice(["poisson", "even"]), default="poisson", show_default=True)
@click.option("--mix", default="default", show_default=True, metavar="NAME|FILE", help="What the flows are, in TOML.")
@click.option("--subscribers", type=int, default=0, metavar="N", help="With how many it is played.")
@click.option("--seed", type=int, default=None, help="Draws arrivals, kinds and people; a fresh one is printed.")
@click.option("--threshold", "thresholds", multiple=True, metavar="'p99 flow < 100 ms'", help="May be repeated.")
@click.option("--lag-max-ms", default=10.0, show_default=True, help="A generator later than this (p99) is INVALID.")
@click.option("--set", "settings", multiple=True, metavar="SECTION.KEY=VALUE", help="A key of our own gateway.")
@click.option("--gateway", default="", metavar="URL", help="A gateway that runs already, instead of one of our own.")
@click.option("--smpp-port", default=0, help="Where that gateway finds its SMSC, which is ours.")
@click.option("--policies-port", default=0, help="Where it pushes data policies to: http://127.0.0.1:PORT/policies.")
@click.option("--account", default="gateway:secret", show_default=True, help="SYSTEM_ID:PASSWORD it binds with.")
@click.option("--numbers", default="", metavar="+316…", help="The first subscriber's number.")
@click.option("--events-token", default="", help="Its bearer tokens.")
@click.option("--portal-token", default="")
@click.option("--control-token", default="")
@click.option("--find-limit", is_flag=True, help="Raises the rate until a threshold breaks.")
@click.option("--step", default="15s", show_default=True, metavar="DURATION", help="How long each rate is held then.")
@click.option("--repeat", type=click.IntRange(1, 20), default=1, show_default=True, help="Runs one after the other.")
@click.option("--baseline", "baselines", multiple=True, metavar="FILE", help="An earlier --json to compare with.")
@click.option("--html", "html_path", default="", metavar="FILE", help="Writes the report as one page.")
@click.option("--json", "json_path", default="", metavar="FILE", help="Writes the result; - is the output.")
@click.option("--folder", default="", help="Where the database lies while it runs.")
@click.option("--keep", is_flag=True, help="Keeps database, log and journal there.")
@click.option(
    "--drain", default="30s", show_default=True, metavar="DURATION", help="How long the last texts may take."
)
@click.option("--pin/--no-pin", default=True, help="Gives the generator a core of its own, if there are two.")
@click.option("--plain", is_flag=True, help="No progress bar, also on a terminal.")
def load(**options: Any) -> None:  # noqa: ANN401 - click names them
    """Makes traffic at a given rate, in real time, and says what the gateway made of it.

    A report's FILE is written whole or not at all; a link is followed, a device or pipe is written as it is.
    """
    sys.exit(run_load(LoadOptions(**options)))
