"""The pytest plugin: the simulator in the hands of a developer's tests, synchronous and strict.

    from simulator.plugin import Sms

    def test_border(anna):
        assert anna.roam("US").one() == Sms("border_world_data_off", fields={"land": "Verenigde Staten"})

pytest finds it by its entry point (hooks.py). The simulator runs its loop in one background thread (background.py),
the gateway is a child process (sim.py), and one test plays on one stage (stage.py) with subscribers (subscriber.py)
whose acts have outcomes (outcome.py). Nothing is loaded and nothing starts before a test asks for a fixture, so the
names below are fetched when they are used.

Not here: anything of the wire, of settling, or of what scenarios share with it (world.py, scenarios).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from simulator.gateway_client import GatewayError
    from simulator.plugin.expected import Sms
    from simulator.plugin.outcome import Inbox, Message, Outcome
    from simulator.plugin.stage import Stage
    from simulator.plugin.subscriber import Subscriber

__all__ = ["GatewayError", "Inbox", "Message", "Outcome", "Sms", "Stage", "Subscriber"]

_HOMES: Final = {
    "GatewayError": "simulator.gateway_client",
    "Inbox": "simulator.plugin.outcome",
    "Message": "simulator.plugin.outcome",
    "Outcome": "simulator.plugin.outcome",
    "Sms": "simulator.plugin.expected",
    "Stage": "simulator.plugin.stage",
    "Subscriber": "simulator.plugin.subscriber",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever that name is
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(home), name)
