"""A SIM registered somewhere: where it is now, and what its owner is told at a border.

One text when a handset enters a country, with that country's tariffs by its tariff *zone* (E1, Q13); information on
112 by its legal *regime* (Q4, Q37). Handsets are told apart by number: Multisim SIMs share one, a Combi SIM has its
own and its owner is told on the subscription's number (Q42, Q47). Home is silence (Q44), and a phone that calls over
wifi is at home wherever it is (D1).
An event may know less than a network: the country code alone, or only that a SIM is abroad. A country is as good as a
network until one is known; it never takes back the network that a SIM was seen on there, since one code may hold
several places (Q43), and it is no connection of its own. Abroad without a country leads to nothing.
Must not be put here: what data costs or whether it is blocked. That is asked of `bundles` and `blocks`.
"""

from collections.abc import Mapping
from datetime import datetime

from handlers import blocks, bundles
from handlers.effects import CancelUndelivered, Decision, Notify, Phrase
from handlers.events import LocationUpdated
from handlers.limits import cost_state, limit_ueur
from handlers.notices import Turn, destination, notify, silenced
from handlers.policy import NOTIFICATIONS, Place, Policy
from handlers.subscription import Location, Memory, Profile, Sim, Subscription

# Art. 15: where the emergency information has no opt-out.
_EMERGENCY_REGIMES = ("member", "eea", "rlah_assoc")
# Texts that tell of 112 themselves.
_TELLS_EMERGENCY = ("border_eu", "border_eu_data_off")
# Q51: what a newer text of the same handset makes pointless.
_BORDER_KINDS = frozenset(kind for kind in NOTIFICATIONS if kind.startswith("border_"))

Values = dict[str, int | str | datetime | Phrase]


def on_location_updated(subscription: Subscription, event: LocationUpdated, policy: Policy) -> Decision:
    """Apply a registration, and tell of the country if it was entered: at any hour (Q52), and only here (Q45)."""
    turn = Turn(subscription, policy, event.now)
    memory, profile = subscription.memory, subscription.profile
    sim = _sim(profile, event.imsi)
    known = None if sim is None else memory.locations.get(sim.imsi)
    if sim is None or (known is not None and event.at < known.at):
        turn.found("Q27", "stale_location", (("plmn", event.plmn),))
        return turn.decision("ignored")
    plmn = _network(event, known)
    place = policy.tariffs.place(plmn, event.at)
    if not place.known:
        turn.found("4", "unknown_network", (("plmn", plmn),))
    if not plmn:
        return turn.decision("ignored")
    # D4, Q42: handsets with one number are one.
    number = sim.msisdn if sim.role == "combi" else profile.msisdn
    since = known.since if known is not None and known.place == place.key else event.at
    locations = {**memory.locations, sim.imsi: Location(plmn, place.key, since, event.at)}
    barred = profile.blocks.roaming and place.zone != "HOME"
    # F1e: a barred SIM did not really register, so it has yet to enter the country.
    handset_place = memory.handset_place if barred else {**memory.handset_place, number: place.key}
    memory = memory._replace(locations=locations, handset_place=handset_place)
    turn.subscription = subscription._replace(memory=memory)
    if place.zone == "HOME":
        turn.found("Q44", "not_applicable_zone", (("place", place.key),))
        return turn.decision("ignored")
    values = _values(turn, place)
    kind, rule = _kind(turn, place), "E1"
    if sim.role == "combi":
        kind, rule = "border_combi", "Q47"
        values |= {"suffix": number[-4:], "regel": _combi_rule(turn, place, values)}
    reason = _unannounced(turn.before.memory, number, place, event, policy)
    if barred:
        notify(turn, "Q50", kind, values, reason="roaming_barred")
    elif reason is not None:
        notify(turn, "Q42", kind, values, reason=reason)
    elif _tell(turn, rule, kind, place, values, combi=number if sim.role == "combi" else ""):
        _remember(turn, number, place, event.at)
    return turn.decision("ignored")


def _sim(profile: Profile, imsi: str) -> Sim | None:
    """The SIM that registered, or None: one that the subscription has no longer, in an update from before (Q27).

    Without an IMSI it was the primary SIM before the portal named it.
    """
    if imsi:
        return profile.sim(imsi)
    return next((sim for sim in profile.sims if sim.role == "primary"), None)


def _network(event: LocationUpdated, known: Location | None) -> str:
    """The network that the SIM is on, or the MCC where no more is known, or "" (Q43).

    Where the event names the country alone, a network that the SIM was last seen on in it is the better word.
    """
    if known is not None and known.plmn[:3] == event.plmn:
        return known.plmn
    return event.plmn


def _unannounced(memory: Memory, number: str, place: Place, event: LocationUpdated, policy: Policy) -> str | None:
    """Why this registration is not told of, or None if it is (Q42)."""
    if place.zone == "NT" and "-" in event.plmn:
        return None  # Q40: at every connection, which a country code alone is not
    if memory.handset_place.get(number) == place.key:
        return "same_country"
    announced = memory.announced.get(number, {}).get(place.key)
    if announced is not None and _is_quiet(announced, event.at, policy):
        return "reentry_quiet"
    return None


def _is_quiet(announced: datetime, at: datetime, policy: Policy) -> bool:
    return policy.reentry_quiet_s > 0 and (at - announced).total_seconds() < policy.reentry_quiet_s


def _tell(turn: Turn, rule: str, kind: str, place: Place, values: Values, *, combi: str) -> bool:
    """All that is said on entering a country; true if anything of it goes out. `combi`: the number of a Combi SIM."""
    held = len(turn.effects)
    sent = notify(turn, rule, kind, values)
    if kind != "border_combi":  # Q61: no emergency text for a Combi SIM
        sent |= _tell_more(turn, kind, place, values, sent=sent)
    if place.outside_eu and not place.realtime:
        sent |= notify(turn, "Q55", "border_no_realtime", values)  # Q62: after the tariffs, under one dedupe
    if sent:
        number = destination(turn.subscription.profile)
        assert number is not None  # something goes out, so there is a number
        # Q51: a newer text makes the older ones of this handset pointless.
        told = [one._replace(handset=combi) if isinstance(one, Notify) else one for one in turn.effects[held:]]
        turn.effects[held:] = [CancelUndelivered(number, _BORDER_KINDS, combi), *told]
    return sent


def _tell_more(turn: Turn, kind: str, place: Place, values: Values, *, sent: bool) -> bool:
    """What goes with a tariff text, or instead of one that was opted out of; true if it goes out."""
    opted_out = (silenced(kind, turn.subscription.profile, turn.policy) or "").startswith("preference:")
    if place.regime in _EMERGENCY_REGIMES and (opted_out or kind not in _TELLS_EMERGENCY):
        return notify(turn, "Q4", "border_eu_emergency", values)
    if sent and kind == "border_eu" and turn.policy.border_long_form:
        return notify(turn, "E1", "border_eu_vas", values)
    return False


def _remember(turn: Turn, number: str, place: Place, at: datetime) -> None:
    """Keep what was announced for as long as it keeps a handset quiet, and no longer."""
    subscription = turn.subscription
    told = {key: when for key, when in subscription.memory.announced.get(number, {}).items() if key != place.key}
    if place.zone != "NT":
        told[place.key] = at
    recent = {key: when for key, when in told.items() if _is_quiet(when, at, turn.policy)}
    announced = {**subscription.memory.announced, number: recent}
    turn.subscription = subscription._replace(memory=subscription.memory._replace(announced=announced))


def _values(turn: Turn, place: Place) -> Values:
    """All that a border text may name; tariffs are list prices including VAT (Q12, Q13)."""
    policy, profile = turn.policy, turn.subscription.profile
    key = policy.period_of(turn.now)
    rate = policy.tariffs.rates[place.zone]
    limit = limit_ueur(profile, key)
    unlimited = cost_state(turn.subscription, key) == "OPEN_REST_OF_MONTH"
    offer = bundles.cover_for(turn.subscription, place.zone, key, policy)
    bundle: Mapping[str, int | str] = {"bundel": offer.category, "gb": offer.volume_bytes} if offer is not None else {}
    return {
        "land": place.key,
        "url": f"{policy.info_url}/{place.link}",
        "mb": policy.including_vat(rate.data_ueur_per_mb),
        "uit": policy.including_vat(rate.call_ueur_per_min),
        "in_": policy.including_vat(rate.receive_ueur_per_min),
        "sms": policy.including_vat(rate.sms_ueur),
        "limiet": limit,
        "grens": Phrase("no_limit") if unlimited else Phrase("limit", (("limiet", limit),)),  # Q61
        **bundle,
    }


def _kind(turn: Turn, place: Place) -> str:
    """Which tariff text fits this zone and what data may do there (Q61)."""
    policy, subscription = turn.policy, turn.subscription
    if place.zone == "NT":
        return "border_non_terrestrial"
    key = policy.period_of(turn.now)
    standing = blocks.reasons_in(subscription, place.zone, key, policy)
    if place.zone == "EU":
        return "border_eu_data_off" if standing else "border_eu"
    if standing == ("COST_LIMIT",) and not subscription.profile.hard_cap:
        return "border_world_blocked"
    if standing:
        return "border_world_data_off"
    if bundles.cover_for(subscription, place.zone, key, policy) is not None:
        return "border_world_bundle"
    return "border_world_no_bundle"


def _combi_rule(turn: Turn, place: Place, values: Values) -> Phrase:
    """What data of a Combi SIM does here, in the words of the files (Q47)."""
    standing = blocks.reasons_in(turn.subscription, place.zone, turn.policy.period_of(turn.now), turn.policy)
    if standing:
        return Phrase("combi_data_off")
    if not place.outside_eu:
        return Phrase("combi_as_home")
    if "bundel" in values:
        return Phrase("combi_bundle", (("bundel", values["bundel"]),))
    return Phrase("combi_rate", (("mb", values["mb"]),))
