"""The proof that every text can be sent as it should: GSM 03.38 only, within `parts_max`, with a reply that lifts.

Each is rendered with the longest values there are, those that no subscriber should reach among them.
Must not be put here: how a text is read or rendered (`texts`).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice, product

from gateway.config import Fault
from gateway.smpp.alphabet import outside_gsm7, part_count, septets
from gateway.tariffs import TEXT_NAME_MAX, Sheet
from gateway.texts import PHRASES, Language, Template, Texts, Value
from handlers.effects import Phrase
from handlers.policy import COST_LIMITS_EUR, FIELDS, Policy
from handlers.shortcodes import CODES
from handlers.subscription import MB_BYTES

# Who is blocked and may reply is told with what: one of `unblock_words` (Q6, Art. 14(4)).
_NAMES_THE_REPLY = ("cost_100_block", "cost_200_block", "border_world_blocked", "lift_declined")
# Values no subscriber should reach; each text must hold with all of them at once.
_CHARGES_MAX_UEUR = 99_999_990_000
_VOLUME_MAX_GB = 9_999.99
_VOLUME_MAX_MB = 1_000_000
_UNKNOWN_PLACE = "mcc999"


def faults(texts: Texts, sheet: Sheet, policy: Policy, *, every_place: bool = False) -> list[Fault]:
    """Texts that would not be GSM-7, or be too long, with extreme values; or name a reply that lifts nothing.

    Every kind and language, every clause that may stand in it, and the place with the longest name; with
    `every_place` all the places of the sheet (which can find no more, only takes longer).
    """
    found: list[Fault] = []
    for language in texts.by_language.values():
        extremes = _extremes(language, sheet, policy, every_place=every_place)
        of_bundles = extremes | {"gb": [offer.volume_bytes for offer in sheet.tariffs.offers.values()]}
        found.extend(_without_reply(language, policy))
        for kind, template in language.kinds.items():
            names = policy.notifications[kind].fields
            values = of_bundles if "bundel" in names else extremes
            combinations = product(*(values[name] for name in names))
            texts_of_kind = (template.render(tuple(zip(names, chosen, strict=True))) for chosen in combinations)
            found.extend(islice(filter(None, (_judged(language.file, kind, template, t) for t in texts_of_kind)), 1))
    return found


def _without_reply(language: Language, policy: Policy) -> Iterator[Fault]:
    for kind in _NAMES_THE_REPLY:
        words = re.findall(r"\w+", language.kinds[kind].pattern)
        if not policy.unblock_words.intersection(words):
            named = ", ".join(sorted(policy.unblock_words))
            yield Fault(
                language.file, f"kind.{kind}.text", "no word that lifts a block", f"one of unblock_words: {named}"
            )


def _judged(file: str, kind: str, template: Template, text: str) -> Fault | None:
    if odd := outside_gsm7(text):
        return Fault(file, f"kind.{kind}.text", f"{''.join(odd)!r} in {text!r}", "the GSM 03.38 alphabet")
    parts = part_count(text)
    if parts > template.parts_max:
        length = septets(text)
        return Fault(file, f"kind.{kind}.text", f"{length} septets: {text!r}", f"{template.parts_max} part(s) of 160")
    return None


def _extremes(language: Language, sheet: Sheet, policy: Policy, *, every_place: bool) -> dict[str, list[Value]]:
    """For each field the values to try: the longest there is, or each of those that differ in more than length."""
    tariffs = sheet.tariffs
    rates, offers = tariffs.rates.values(), tariffs.offers
    links = {place.link for dated in tariffs.networks.values() for _, place in dated}
    places = [*sheet.names["en"], _UNKNOWN_PLACE]
    if not every_place:
        longest = max(places, key=lambda place: septets(language.places.get(place, "")) or 0)
        places = [longest, _UNKNOWN_PLACE]
    limit_ueur = max(COST_LIMITS_EUR) * 1_000_000
    by_unit = _by_unit(places, policy)
    extremes = {name: by_unit[unit] for name, unit in FIELDS.items() if unit != "phrase"}
    extremes |= {
        "url": [f"{policy.info_url}/{max(links, key=len)}"],
        "bundel": [max(offers, key=lambda category: len(language.bundles[category]))],
        "mb": [policy.including_vat(max(rate.data_ueur_per_mb for rate in rates))],
        "uit": [policy.including_vat(max(rate.call_ueur_per_min for rate in rates))],
        "in_": [policy.including_vat(max(rate.receive_ueur_per_min for rate in rates))],
        "sms": [policy.including_vat(max(rate.sms_ueur for rate in rates))],
        "limiet": [limit_ueur],
        "limiet2": [2 * limit_ueur],
        "prijs": [max(offer.price_ueur for offer in offers.values())],
        "min": [policy.lift_within_min],
        "suffix": ["0000"],
        "code": [max(CODES, key=len)],
    }
    for name in (name for name, unit in FIELDS.items() if unit == "phrase"):
        extremes[name] = [
            Phrase(phrase, tuple((inner, extremes[inner][0]) for inner in inners))
            for phrase, (stands_in, inners) in PHRASES.items()
            if stands_in == name
        ]
    return extremes


def _by_unit(places: list[str], policy: Policy) -> dict[str, list[Value]]:
    """What is tried for a field of which no more is known than its unit."""
    return {
        "money": [_CHARGES_MAX_UEUR],
        "volume": [int(_VOLUME_MAX_GB * policy.gb_bytes)],
        "megabytes": [_VOLUME_MAX_MB * MB_BYTES],
        "date": [datetime(2026, 12, 31, 12, tzinfo=UTC)],
        "place": [*places],
        "bundle": [next(iter(policy.tariffs.offers))],
        "word": ["X" * TEXT_NAME_MAX],
        "number": [100],
    }
