"""The portal set something: merge it, refuse what cannot be, and let blocks and cost state follow.

`changes` is the portal's JSON, partial; what is not named keeps its value. Nothing is changed when a part of it is
refused. A limit that goes up counts at once, one that goes down waits for the 1st (G10).
Must not be put here: the shape of the JSON (types, ranges), which is checked at the door.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from handlers import blocks, bundles, costs, history, instances
from handlers.effects import Decision, Refusal
from handlers.events import SettingsChanged
from handlers.limits import with_limit
from handlers.notices import Turn
from handlers.policy import COST_LIMITS_EUR, Policy
from handlers.subscription import MB_BYTES, CostLimit, Memory, Profile, Sim, Subscription, Threshold

# Taken as they come.
_PLAIN = ("customer", "language", "type", "bundle_gb", "sms_capable", "notify_msisdn", "m2m", "hard_cap")
# Objects whose fields are taken as they come.
_NESTED = ("blocks", "preferences")


def on_settings_changed(subscription: Subscription, event: SettingsChanged, policy: Policy) -> Decision:
    """Apply what the portal set, all of it or nothing."""
    changes = event.changes
    key = policy.period_of(event.now)
    profile = _merged(subscription.profile, changes, policy)
    refusal = _refusal(subscription.profile, profile, changes)
    if refusal is not None:
        figures = (("pointer", refusal.pointer),)
        return Decision(subscription, (), (("settings", "refused", figures),), "ignored", refusal)
    turn = Turn(subscription, policy, event.now)
    if "cost_limit_eur" in changes:
        profile = _with_cost_limit(turn, profile, changes["cost_limit_eur"], key, created=event.created)
    memory = _without_sims(subscription.memory, profile) if "sims" in changes else subscription.memory
    turn.subscription = subscription._replace(profile=profile, memory=memory)
    history.settle_lasting(turn, created=event.created)
    # Q33: an option may be switched on, or its maximum lowered, where no more of it may be started.
    instances.tell_capped(turn, history.settle_bundles(turn, key, event.now), key)
    costs.after_raise(turn, key)
    # Q47, A12: the network is told what another SIM may use, whatever that is.
    told = not event.created and _imsis(subscription.profile) == _imsis(profile)
    blocks.push(turn, key, before=blocks.data_policy(subscription, key, policy) if told else None)
    return turn.decision("ignored")


def _imsis(profile: Profile) -> set[str]:
    return {sim.imsi for sim in profile.sims if sim.imsi}


def _merged(profile: Profile, changes: Mapping[str, Any], policy: Policy) -> Profile:
    """The profile with all that is set at once; the cost limit has a time of its own."""
    merged: dict[str, Any] = {name: changes[name] for name in _PLAIN if name in changes}
    for name in _NESTED:
        if name in changes:
            merged[name] = replace(getattr(profile, name), **changes[name])
    if "bundles" in changes:
        given = {category: replace(profile.bundles[category], **set_) for category, set_ in changes["bundles"].items()}
        merged["bundles"] = {**profile.bundles, **given}
    if "sims" in changes:
        merged["sims"] = tuple(_sim(sim, profile.msisdn) for sim in changes["sims"])
    elif not profile.sims:
        merged["sims"] = (Sim("", "primary", profile.msisdn),)
    if "usage_alert_gb" in changes:
        merged["usage_alert"] = _threshold(profile.usage_alert, changes["usage_alert_gb"], policy.gb_bytes)
    if "roaming_limit_mb" in changes:
        merged["roaming_limit"] = _threshold(profile.roaming_limit, changes["roaming_limit_mb"], MB_BYTES)
    return profile._replace(**merged)


def _sim(given: Mapping[str, Any], msisdn: str) -> Sim:
    return Sim(given.get("imsi") or "", given.get("role") or "primary", given.get("msisdn") or msisdn)


def _threshold(old: Threshold, value: float | None, unit_bytes: int) -> Threshold:
    """Q49: another value is a new version, which arms its notices again."""
    volume = None if value is None else round(Decimal(str(value)) * unit_bytes)
    return old if volume == old.volume_bytes else Threshold(volume, old.version + 1)


def _refusal(old: Profile, profile: Profile, changes: Mapping[str, Any]) -> Refusal | None:
    """What the settings as a whole do not allow."""
    limit = changes.get("cost_limit_eur", COST_LIMITS_EUR[0])
    if limit not in COST_LIMITS_EUR:  # G3
        allowed = ", ".join(str(eur) for eur in COST_LIMITS_EUR)
        return Refusal("invalid", "/cost_limit_eur", f"found {limit}, allowed: {allowed}")
    if not bundles.combinable(profile):  # B5
        on = ", ".join(category for category, option in profile.bundles.items() if option.enabled)
        added = [name for name, option in profile.bundles.items() if option.enabled and not old.bundles[name].enabled]
        pointer = f"/bundles/{'WORLD' if 'WORLD' in added else added[0]}"
        return Refusal("conflict", pointer, f"WORLD cannot be combined with another bundle; enabled would be: {on}")
    for index, sim in enumerate(profile.sims):
        if sim.role == "combi" and profile.type != "voice_data" and "sims" not in changes:
            return Refusal("invalid", "/type", f"a Combi SIM needs voice_data, found {profile.type}")  # A11
        refusal = _sim_refusal(profile, index, sim)
        if refusal is not None:
            return refusal
    return None


def _sim_refusal(profile: Profile, index: int, sim: Sim) -> Refusal | None:
    """What a SIM may not be beside those before it."""
    earlier = profile.sims[:index]
    if sim.role == "combi" and profile.type != "voice_data":  # A11
        return Refusal("invalid", f"/sims/{index}/role", f"combi needs type voice_data, found {profile.type}")
    if sim.role == "combi" and sim.msisdn == profile.msisdn:  # Q47
        return Refusal("invalid", f"/sims/{index}/msisdn", "a Combi SIM needs a number of its own")
    if sim.role == "primary" and any(other.role == "primary" for other in earlier):
        return Refusal("invalid", f"/sims/{index}/role", "found more than one primary SIM, allowed: one")
    if sim.imsi and any(other.imsi == sim.imsi for other in earlier):
        return Refusal("invalid", f"/sims/{index}/imsi", "found twice, allowed: each IMSI once")
    return None


def _with_cost_limit(turn: Turn, profile: Profile, eur: int, key: str, *, created: bool) -> Profile:
    if created:
        return profile._replace(limits=(CostLimit(eur, 1, ""),))  # G2
    limits = with_limit(profile.limits, eur, key, turn.policy.next_period(key))
    if limits != profile.limits:
        waits = limits[-1].since > key
        turn.found("G10" if waits else "Q17", "pending" if waits else "changed", (("eur", eur),))
    return profile._replace(limits=limits)


def _without_sims(memory: Memory, profile: Profile) -> Memory:
    """Forget where SIMs and handsets are that the subscription no longer has."""
    imsis = {sim.imsi for sim in profile.sims}
    numbers = {profile.msisdn, *(sim.msisdn for sim in profile.sims)}
    return memory._replace(
        locations={imsi: location for imsi, location in memory.locations.items() if imsi in imsis},
        handset_place={number: place for number, place in memory.handset_place.items() if number in numbers},
        announced={number: places for number, places in memory.announced.items() if number in numbers},
    )
