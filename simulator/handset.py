"""A handset and what the person who holds it sees: one conversation, texts whole, each with its instant.

Pure: user data in, lines of conversation out. Parts of a long text are joined by sender, reference and total, before
their characters are read, so a pair split over two parts still reads as one.

Not here: how user data came (smsc.py), what a text means.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from simulator import alphabet
from simulator.alphabet import Concat, encoding_name
from simulator.reach import Reach


@dataclass(frozen=True, slots=True)
class Line:
    """One text in the conversation, as its reader sees it. `at` is when its last part came."""

    direction: Literal["in", "out"]
    at: datetime
    peer: str
    text: str
    parts: int
    encoding: str


@dataclass
class _Joining:
    pieces: dict[int, bytes] = field(default_factory=dict)


@dataclass
class Handset:
    """`number` is E.164 with +, `name` what scenarios and bubbles call its holder, `reach` how it can be reached."""

    number: str
    name: str = ""
    language: str = "nl"
    reach: Reach = Reach.ON
    conversation: list[Line] = field(default_factory=list)
    unreadable: int = 0
    _joining: dict[tuple[str, int, int, int], _Joining] = field(default_factory=dict)

    @property
    def on(self) -> bool:
        """Whether it is switched on and in coverage."""
        return self.reach not in (Reach.OFF, Reach.DETACHED)

    @on.setter
    def on(self, on: bool) -> None:
        self.reach = Reach.ON if on else Reach.OFF

    @property
    def inbox(self) -> list[Line]:
        return [line for line in self.conversation if line.direction == "in"]

    @property
    def outbox(self) -> list[Line]:
        return [line for line in self.conversation if line.direction == "out"]

    @property
    def incomplete(self) -> int:
        """Long texts of which parts are still missing."""
        return len(self._joining)

    def wrote(self, at: datetime, to: str, text: str) -> Line:
        """Notes a text its holder sends."""
        parts = alphabet.cut(text, 1)
        line = Line("out", at, to, text, len(parts), encoding_name(parts[0].data_coding))
        self.conversation.append(line)
        return line

    def receive(
        self,
        at: datetime,
        sender: str,
        user_data: bytes,
        data_coding: int,
        *,
        has_header: bool = False,
        sar: Concat | None = None,
    ) -> Line | None:
        """Takes one message; the text it completes, or None while parts are missing.

        `has_header` says the user data opens with a user data header, `sar` is the concatenation told beside it.
        """
        concat = sar
        if has_header:
            try:
                elements, user_data = alphabet.split_header(user_data)
            except ValueError:
                self.unreadable += 1
                return None
            concat = alphabet.concat_of(elements) or sar
        if concat is None or concat.total == 1:
            return self._show(at, sender, user_data, 1, data_coding)
        key = (sender, concat.reference, concat.total, data_coding)
        joining = self._joining.setdefault(key, _Joining())
        joining.pieces[concat.number] = user_data
        if len(joining.pieces) < concat.total:
            return None
        del self._joining[key]
        whole = b"".join(joining.pieces[number] for number in range(1, concat.total + 1))
        return self._show(at, sender, whole, concat.total, data_coding)

    def _show(self, at: datetime, sender: str, octets: bytes, parts: int, data_coding: int) -> Line:
        text = alphabet.text_of(octets, data_coding)
        line = Line("in", at, sender, text, parts, encoding_name(data_coding))
        self.conversation.append(line)
        return line
