"""The first two sentences of every report for people: how it came out, and how much was played.

Not here: the words (words.py), where they stand (page.py, markdown.py).
"""

from simulator.reports.model import Report
from simulator.reports.words import seconds, span, word


def headline(report: Report) -> str:
    language, failed = report.language, len(report.failed)
    if not report.cases:
        return word("nothing", language)
    if not failed:
        return word("all_well", language)
    return word("one_wrong", language) if failed == 1 else word("some_wrong", language, count=failed)


def lead(report: Report) -> str:
    """Scenarios and time; virtual time only where some went by."""
    language, count = report.language, len(report.cases)
    key = "played_one" if count == 1 else "played"
    told = word(key, language, total=count, real=seconds(report.run.real_s, language))
    if report.virtual:
        told += " " + word("went_by", language, virtual=span(report.virtual, language))
    return told
