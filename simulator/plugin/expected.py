"""What a test expects of a text: only the criteria it names are compared, each with a verdict of its own.

Pure: no pytest, no wire. A slip of the pen in a kind or a field is told when the expectation is made, with the
nearest right name, and not as a difference.

Not here: texts that came (outcome.py), how pytest shows the verdicts (hooks.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, Protocol, runtime_checkable

from simulator.scenarios.catalogue import languages, load
from simulator.scenarios.values import same

MARK: Final = {True: "✓", False: "✗"}
ENCODINGS: Final = ("GSM-7", "UCS-2", "IA5", "Latin-1")
STATES: Final = ("pending", "submitted", "delivered", "failed", "expired", "cancelled")
ABSENT: Final = "–"


@runtime_checkable
class Readable(Protocol):
    """What is compared: a text on a handset."""

    @property
    def kind(self) -> str: ...
    @property
    def sender(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def segments(self) -> int: ...
    @property
    def encoding(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def fields(self) -> Mapping[str, str]: ...
    @property
    def language(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """One criterion: what was expected, what was found."""

    name: str
    expected: str
    found: str
    right: bool


@dataclass(frozen=True, eq=False)
class Sms:
    """A text as a test expects it. `kind` is a notification kind; what is None is not compared.

    `fields` are the template's, by name, as the reader sees them ("€ 40,00"; "€ 40" is the same amount). `text` is
    all of it, `contains` a part. `state` is what the gateway knows: submitted, delivered, failed ….
    """

    kind: str
    sender: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    contains: str | None = None
    segments: int | None = None
    encoding: str | None = None
    state: str | None = None

    def __post_init__(self) -> None:
        texts = load("nl").texts
        _known("kind", self.kind, texts)
        for name in self.fields:
            _known(f"field of {self.kind}", name, _fields(self.kind))
        if self.encoding is not None:
            _known("encoding", self.encoding, ENCODINGS)
        if self.state is not None:
            _known("state", self.state, STATES)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Readable):
            return NotImplemented
        return all(verdict.right for verdict in self.verdicts(other))

    __hash__ = None  # type: ignore[assignment]  # what it equals, it does not hash like

    def verdicts(self, message: Readable) -> list[Verdict]:
        """Each criterion that was named, in the order of the fields."""
        found = [Verdict("kind", self.kind, message.kind, self.kind == message.kind)]
        for name in ("sender", "text", "segments", "encoding", "state"):
            expected = getattr(self, name)
            if expected is not None:
                actual = getattr(message, name)
                found.append(Verdict(name, str(expected), str(actual), expected == actual))
        if self.contains is not None:
            found.append(Verdict("contains", self.contains, message.text, self.contains in message.text))
        for name, expected in self.fields.items():
            actual = message.fields.get(name, ABSENT)
            found.append(Verdict(name, str(expected), actual, same(str(expected), actual, _numbers(message.language))))
        return found


def table(verdicts: Iterable[Verdict]) -> list[str]:
    """The verdicts below each other."""
    rows = list(verdicts)
    width = max((len(row.name) for row in rows), default=0)
    expected = max((len(row.expected) for row in rows if not row.right), default=0)
    return [
        f"{row.name:<{width}} {MARK[row.right]} "
        + (row.found if row.right else f"expected {row.expected:<{expected}}  got {row.found}")
        for row in rows
    ]


def _fields(kind: str) -> set[str]:
    """Of that kind's template in any language."""
    return set().union(*(load(language).fields_in(kind) for language in languages()))


def _numbers(language: str) -> str:
    """The language whose way of writing numbers this one's texts share."""
    return "en" if language == "en" else "nl"


def _known(what: str, found: str, allowed: Iterable[str]) -> None:
    names = sorted(allowed)
    if found in names:
        return
    near = get_close_matches(found, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else f" Allowed: {', '.join(names) or 'none'}."
    raise ValueError(f"Sms: there is no {what} {found!r}.{hint}")
