"""alert_notification (SMPP 3.4 §4.12): an ESME that could not reach a handset hears when it can be reached again.

An ESME asks for it with set_dpf = 1 (§5.3.2.29) in a message that then has to wait. It is told once, on a session that
receives; while it has none, it is told when it binds. There is no answer, so nothing is counted.

Not here: which handset can be reached (reach.py), the PDU itself (session.py).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from simulator.pdu import Value

if TYPE_CHECKING:
    from simulator.session import Session

ALERTS_MAX: Final = 10_000
"""Handsets waited for at once; who sets more flags gets dpf_result 0."""


@dataclass
class Alerts:
    """Who waits for whom. `receivers(account)` gives the sessions that may be told."""

    receivers: Callable[[str], Iterable["Session"]]
    waited_for: dict[str, dict[tuple[str, tuple[tuple[str, Value], ...]], None]] = field(default_factory=dict)
    _untold: dict[str, list[tuple[str, dict[str, Value]]]] = field(default_factory=dict)

    def wait_for(self, number: str, account: str, esme: dict[str, Value]) -> bool:
        """`esme` holds the fields esme_addr_ton, esme_addr_npi and esme_addr. False when it can not be promised."""
        if len(self.waited_for) >= ALERTS_MAX and number not in self.waited_for:
            return False
        self.waited_for.setdefault(number, {})[account, tuple(esme.items())] = None
        return True

    def is_back(self, number: str) -> None:
        """The handset takes messages again."""
        for account, esme in self.waited_for.pop(number, {}):
            self._tell(account, number, dict(esme))

    def bound(self, session: "Session") -> None:
        """A session may have come that somebody was to be told on."""
        for number, esme in self._untold.pop(session.account, ()):
            self._tell(session.account, number, esme)

    def _tell(self, account: str, number: str, esme: dict[str, Value]) -> None:
        session = next((one for one in self.receivers(account) if one.speaks_34), None)
        if session is None:
            untold = self._untold.setdefault(account, [])
            if len(untold) < ALERTS_MAX:
                untold.append((number, esme))
        else:
            session.alert(number, esme)
