"""The words of the reports themselves, in Dutch and in English, and how numbers and instants are shown.

What a scenario says is in its own language already; these stand around it.

Not here: sentences of failures (scenarios/speech.py).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from simulator.clock import AMSTERDAM

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    # key: Dutch, English
    "title": ("Scenario's van dienst 1330", "Scenarios of service 1330"),
    "skip": ("Naar de inhoud", "Skip to the content"),
    "sections": ("Onderdelen", "Sections"),
    "all_well": ("Alles klopt", "All is well"),
    "one_wrong": ("Eén scenario klopt niet", "One scenario is wrong"),
    "some_wrong": ("{count} scenario's kloppen niet", "{count} scenarios are wrong"),
    "nothing": ("Er is niets gespeeld", "Nothing was played"),
    "played": ("{total} scenario's gespeeld in {real}.", "{total} scenarios played in {real}."),
    "played_one": ("1 scenario gespeeld in {real}.", "1 scenario played in {real}."),
    "went_by": ("Voor de abonnees ging {virtual} voorbij.", "For the subscribers {virtual} went by."),
    "count_passed": ("{count} geslaagd", "{count} passed"),
    "count_failed": ("{count} mislukt", "{count} failed"),
    "count_open": ("{count} open", "{count} open"),
    "mosaic": (
        "Elk vakje is een scenario: {passed} geslaagd, {failed} mislukt, {open} open.",
        "Each square is a scenario: {passed} passed, {failed} failed, {open} open.",
    ),
    "failures": ("Wat niet klopt", "What is wrong"),
    "coverage": ("De dienst, zin voor zin", "The service, sentence by sentence"),
    "scenarios": ("De scenario's", "The scenarios"),
    "faults": ("Fouten die zijn nagespeeld", "Faults that were played"),
    "environment": ("Waarmee dit is gespeeld", "What this was played with"),
    "coverage_lead": (
        "{proved} van {total} regels bewezen. Bij elke regel staan de scenario's die hem bewijzen.",
        "{proved} of {total} rules proved. Beside each rule stand the scenarios that prove it.",
    ),
    "description": ("Wat de dienst belooft", "What the service promises"),
    "readings": ("Hoe wij de zinnen lezen", "How we read the sentences"),
    "readings_lead": (
        "Waar een zin op twee manieren te lezen is, of waar de wet iets vraagt.",
        "Where a sentence may be read in two ways, or where the law asks for something.",
    ),
    "of": ("{count} van {total}", "{count} of {total}"),
    "proved": ("bewezen", "proved"),
    "broken": ("klopt niet", "wrong"),
    "open": ("open vraag", "open question"),
    "unplayed": ("niet gespeeld", "not played"),
    "out": ("valt buiten de gateway", "no matter of a gateway"),
    "passed": ("geslaagd", "passed"),
    "failed": ("mislukt", "failed"),
    "skipped": ("niet gespeeld", "not played"),
    "more": ("nog {count}", "{count} more"),
    "search": ("Zoek in naam, stap, sms of nummer", "Find in name, step, text or number"),
    "state": ("Uitkomst", "Outcome"),
    "tag": ("Label", "Tag"),
    "any_state": ("alle uitkomsten", "any outcome"),
    "any_tag": ("alle labels", "any tag"),
    "found": ("{count} van {total} scenario's", "{count} of {total} scenarios"),
    "expand": ("Alles open", "Open all"),
    "collapse": ("Alles dicht", "Close all"),
    "scenario_count": ("{count} scenario's", "{count} scenarios"),
    "one_scenario": ("1 scenario", "1 scenario"),
    "why": ("Waarom", "Why"),
    "why_silent": ("waarom geen sms", "why no text"),
    "not_sent": ("niet verstuurd: {name}, want {why}", "not sent: {name}, because {why}"),
    "part": ("1 deel", "1 part"),
    "parts": ("{count} delen", "{count} parts"),
    "chars": ("{count} tekens", "{count} characters"),
    "room": ("{units} van {room} plaatsen", "{units} of {room} places"),
    "chars_double": (
        "{count} tekens op {units} plaatsen (€ en enkele andere nemen er twee)",
        "{count} characters in {units} places (€ and a few others take two)",
    ),
    "legend": ("Wat de regels zeggen", "What the rules say"),
    "foreign": ("niet in GSM-7: {chars}", "not in GSM-7: {chars}"),
    "attempts": ("{count} pogingen", "{count} attempts"),
    "pointed": ("hier klopt het niet", "this is wrong"),
    "whole_failure": ("Het hele verslag van de fout", "All that is told of the failure"),
    "replay": ("Opnieuw spelen", "Play again"),
    "lenient": ("soepel", "lenient"),
    "fault": ("Fout", "Fault"),
    "armed": ("Klaargezet", "Armed"),
    "hits": ("Opgetreden", "Occurred"),
    "where": ("In", "In"),
    "seed": ("Seed", "Seed"),
    "began": ("Gestart", "Started"),
    "took": ("Duur", "Took"),
    "virtual": ("Virtuele tijd", "Virtual time"),
    "commit": ("Commit", "Commit"),
    "digest": ("Instellingen, teksten en tarieven", "Settings, texts and tariffs"),
    "jobs": ("Tegelijk", "At once"),
    "slowest": ("Traagste", "Slowest"),
    "year": ("{count} jaar", "{count} year"),
    "years": ("{count} jaar", "{count} years"),
    "day": ("{count} dag", "{count} day"),
    "days": ("{count} dagen", "{count} days"),
    "hours": ("{count} uur", "{count} h"),
    "minutes": ("{count} min", "{count} min"),
    "seconds": ("{count} s", "{count} s"),
    "and": ("{one} en {two}", "{one} and {two}"),
    "not_all": ("De eerste {count} van {total}.", "The first {count} of {total}."),
    "covered": (
        "{proved} van {total} regels van de dienst bewezen   {path}",
        "{proved} of {total} rules of the service proved   {path}",
    ),
    "too_large": (
        "{path}: {size} MB, meer dan de {most} MB die een lezer prettig vindt",
        "{path}: {size} MB, more than the {most} MB that a reader likes",
    ),
}
MONTHS: Final = (
    ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
    ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
DAYS: Final = (("ma", "di", "wo", "do", "vr", "za", "zo"), ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
DAYS_OF_YEAR: Final = 365


def word(key: str, language: str, **words: object) -> str:
    """KeyError for one that does not exist."""
    return WORDS[key][language != "nl"].format(**words)


def day(at: datetime, language: str) -> str:
    """As "di 3 mrt 2026", in Amsterdam."""
    local = at.astimezone(AMSTERDAM)
    other = language != "nl"
    return f"{DAYS[other][local.weekday()]} {local.day} {MONTHS[other][local.month - 1]} {local.year}"


def hour(at: datetime) -> str:
    """As "10:00" in Amsterdam, with seconds where there are any."""
    local = at.astimezone(AMSTERDAM)
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


def number(value: float, language: str, digits: int = 1) -> str:
    shown = f"{value:.{digits}f}"
    return shown.replace(".", ",") if language == "nl" else shown


def seconds(value: float, language: str) -> str:
    if value >= 60:
        whole = round(value)
        minutes = word("minutes", language, count=whole // 60)
        return f"{minutes} {word('seconds', language, count=whole % 60)}"
    return word("seconds", language, count=number(value, language))


def span(took: timedelta, language: str) -> str:
    """The two largest units that there are."""
    left = round(took.total_seconds())
    years, left = divmod(left, DAYS_OF_YEAR * 86_400)
    days, left = divmod(left, 86_400)
    hours, left = divmod(left, 3_600)
    minutes, left = divmod(left, 60)
    units = (("years", years), ("days", days), ("hours", hours), ("minutes", minutes), ("seconds", left))
    shown = [
        word(key.removesuffix("s") if count == 1 and key in ("years", "days") else key, language, count=count)
        for key, count in units
        if count
    ]
    if len(shown) < 2:
        return shown[0] if shown else word("seconds", language, count=0)
    return word("and", language, one=shown[0], two=shown[1])
