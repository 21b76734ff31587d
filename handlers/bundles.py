"""Bundle options: which of them the portal enabled, and what they cover outside the EU.

An option *enabled* is an entitlement: any of them switches data on in all zones outside the EU (B17), and the zones
of its offer are not rated at the standard rate (B8, Q14). None enabled: data outside the EU is off (B7).
Must not be put here: anything about HOME or the EU, where bundles never apply (B1).
"""

from handlers.policy import BundleOffer, Policy
from handlers.subscription import CATEGORIES, Profile


def any_enabled(profile: Profile) -> bool:
    """B7, B17."""
    return any(option.enabled for option in profile.bundles.values())


def combinable(profile: Profile) -> bool:
    """B5, B6: A, B and ROW go together, WORLD only alone."""
    enabled = {category for category, option in profile.bundles.items() if option.enabled}
    return "WORLD" not in enabled or len(enabled) == 1


def zones_of(category: str, policy: Policy) -> frozenset[str]:
    """The zones that a bundle of this category covers (Q36)."""
    offer = policy.tariffs.offers.get(category)
    return offer.zones if offer is not None else frozenset()


def offer_for(profile: Profile, zone: str, policy: Policy) -> BundleOffer | None:
    """The offer of the enabled option that covers `zone`; at most one does (B5, Q36)."""
    for category in CATEGORIES:
        option = profile.bundles.get(category)
        if option is not None and option.enabled and zone in zones_of(category, policy):
            return policy.tariffs.offers[category]
    return None


def cover(profile: Profile, zone: str, volume_bytes: int, policy: Policy) -> tuple[int, int]:
    """Split a volume used in `zone` into the bytes that a bundle covers and those left for the standard rate (B8)."""
    if offer_for(profile, zone, policy) is None:
        return 0, volume_bytes  # B18
    return volume_bytes, 0  # Q14
