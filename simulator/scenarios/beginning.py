"""`simulator new`: a first scenario in a file, that passes as it stands and has one of each thing most scenarios need.

README.md shows the Dutch one. Not here: the phrases (vocabulary.py).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from simulator.ending import COULD_NOT_RUN, OK
from simulator.invoked import invoked

FIRST: Final[Mapping[str, str]] = {
    "nl": """# language: nl
Functionaliteit: De kostenlimiet waarschuwt op tijd

  Scenario: Sanne gebruikt data in Turkije
    Gegeven de abonnees
      | naam  | bundel | kostenlimiet |
      | Sanne | B      | € 50         |
    Als Sanne naar Turkije reist
    Dan krijgt Sanne het bericht "grensbericht"

    Als Sanne voor € 40,00 aan data verbruikt
    Dan krijgt Sanne het bericht "kostenlimiet 80%"
    En kan Sanne internetten
""",
    "en": """Feature: The cost limit warns in time

  Scenario: Sarah uses data in Turkey
    Given the subscribers
      | name  | bundle | cost limit |
      | Sarah | B      | € 50       |
    When Sarah travels to Turkey
    Then Sarah gets the message "border notice"

    When Sarah uses data worth € 40.00
    Then Sarah gets the message "cost limit 80%"
    And Sarah can use data
""",
}
SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "nl": {
        "written": "{path} is geschreven. Speel het: {simulator} run {path}",
        "there": "{path} is er al en blijft zoals het is: geef een andere naam.",
        "suffix": "{path}: de naam van een scenariobestand eindigt op .feature, bv. {like}.",
        "failed": "{path} kon niet worden geschreven: {why}",
    },
    "en": {
        "written": "{path} is written. Play it: {simulator} run {path}",
        "there": "{path} is there already and stays as it is: give another name.",
        "suffix": "{path}: the name of a file of scenarios ends in .feature, e.g. {like}.",
        "failed": "{path} could not be written: {why}",
    },
}


def run_new(console: Console, path: Path, language: str) -> int:
    """Writes the first scenario; nothing is overwritten. Exit code 0 or 2."""
    said = SAID[language]
    if path.suffix != ".feature":
        console.print(Text(said["suffix"].format(path=path, like=path.with_suffix(".feature"))), soft_wrap=True)
        return COULD_NOT_RUN
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(FIRST[language])
    except FileExistsError:
        console.print(Text(said["there"].format(path=path)), soft_wrap=True)
        return COULD_NOT_RUN
    except OSError as error:
        console.print(Text(said["failed"].format(path=path, why=error.strerror)), soft_wrap=True)
        return COULD_NOT_RUN
    console.print(Text(said["written"].format(path=path, simulator=invoked())), soft_wrap=True)
    return OK
