"""DECIDE: what a subscription's event leads to. One door, `decide`; all of it pure.

The same subscription, event and policy always give the same decision: no clock, no input or output, no randomness,
no logging. Each feature has one file (`shortcodes`, `border`, `usage`, `costs`, `instances`, `settings`); what they
share lies below them (`limits`, `bundles`, `blocks`, `history`, `thresholds`, `notices`), and imports only point
downwards. A decision names every rule it looked at, whether or not something was sent.
Must not be put here: rules. They belong to a feature.
"""

from collections.abc import Callable, Mapping
from typing import Any

from handlers.blocks import data_policy
from handlers.border import on_location_updated
from handlers.costs import on_period_began
from handlers.effects import Decision
from handlers.events import Event, LocationUpdated, PeriodBegan, SettingsChanged, SmsReceived, UsageReported
from handlers.limits import cost_state, pending_limit
from handlers.policy import Policy
from handlers.settings import on_settings_changed
from handlers.shortcodes import on_sms_received
from handlers.subscription import Subscription
from handlers.usage import on_usage_reported

__all__ = ["cost_state", "data_policy", "decide", "pending_limit"]

_HANDLERS: Mapping[type, Callable[[Subscription, Any, Policy], Decision]] = {
    SmsReceived: on_sms_received,
    LocationUpdated: on_location_updated,
    UsageReported: on_usage_reported,
    SettingsChanged: on_settings_changed,
    PeriodBegan: on_period_began,
}


def decide(subscription: Subscription, event: Event, policy: Policy) -> Decision:
    """What `event` leads to for `subscription` under `policy`: the new state, effects, findings, outcome.

    An exception here is a fault of ours, never of the event: the gateway quarantines the event.
    """
    return _HANDLERS[type(event)](subscription, event, policy)
