"""Which peer can do what with us: the table of the README, and what every cell of it must be shown to be.

A cell is *yes* when its story was played and held, *no* when the peer's own fault was seen as the note says, and a
dash where there is nothing to play, for a reason given here too. `python -m tests.interop` plays all cells and holds
what it measured against this; a cell that fails on our side is a bug and has no word of its own.

Not here: the stories (esme.py, smsc.py), the drivers.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

ROWS = (
    "bind as transmitter",
    "bind as receiver",
    "bind as transceiver",
    "wrong password refused",
    "over TLS",
    "enquire_link from the peer",
    "enquire_link to the peer",
    "submit_sm and its answer",
    "deliver_sm and its answer",
    "receipt",
    "long MT in parts (UDH)",
    "long MO in parts, joined",
    "message_payload MT",
    "message_payload MO",
    "UCS-2 MT",
    "UCS-2 MO",
    "€ and brackets MT",
    "€ and brackets MO",
    "alphabet left to the peer",
    "unknown TLV MT",
    "unknown TLV MO",
    "query_sm",
    "cancel_sm",
    "replace_sm",
    "submit_multi",
    "data_sm MT",
    "data_sm MO",
    "alert_notification",
    "throttling honoured",
    "unbind from the peer",
    "unbind to the peer",
    "binds anew after a lost line",
    "outbind",
)
BEGIN = "<!-- written by `make interop ARGS=--write` -->"
END = "<!-- end of what it writes -->"
HANDLING = ("query_sm", "cancel_sm", "replace_sm", "submit_multi")


@dataclass(frozen=True)
class Column:
    """One peer in one role. `lacks` and `fails` say why a cell is a dash, or a no."""

    peer: str
    lacks: Mapping[str, str] = field(default_factory=dict)
    fails: Mapping[str, str] = field(default_factory=dict)

    @property
    def played(self) -> list[str]:
        """The rows that have a story, in order."""
        return [row for row in ROWS if row not in self.lacks]

    def verdict(self, row: str) -> str:
        return "–" if row in self.lacks else "no" if row in self.fails else "yes"


def _each(rows: tuple[str, ...], why: str) -> dict[str, str]:
    return dict.fromkeys(rows, why)


OURS = {
    "message_payload MT": "our gateway sends long texts in parts",
    "UCS-2 MT": "our gateway's texts are all in the GSM alphabet",
    "unknown TLV MT": "our gateway sends no TLV that the specification does not know",
    "alphabet left to the peer": "our gateway says which one it takes",
    "data_sm MT": "our gateway sends submit_sm",
    "outbind": "our gateway does the calling",
    **_each(HANDLING, "our gateway asks nothing of what it has sent"),
}

CALLERS = {"binds anew after a lost line": "the library leaves that to its caller"}
PLAIN = {"over TLS": "the library knows no TLS"}
OCTETS = {"alphabet left to the peer": "the library knows octets only"}

ESMES = {
    column.peer: column
    for column in (
        Column("our gateway", OURS),
        Column(
            "Kannel",
            {
                **_each(("data_sm MT", *HANDLING), "it has no such command"),
                "outbind": "it does the calling",
            },
            {"alert_notification": "answers generic_nack, where no answer is foreseen"},
        ),
        Column(
            "node-smpp",
            CALLERS,
            {"alphabet left to the peer": "labels the octets of the GSM alphabet as IA5 (data_coding 1)"},
        ),
        Column(
            "smpplib",
            {
                **CALLERS,
                **_each((*HANDLING[1:], "outbind"), "the library has no such command"),
                "unknown TLV MT": "the library sends the TLVs of its table",
            },
            {
                "unbind to the peer": "reads the unbind and does not answer it",
                "data_sm MO": "reads the data_sm, does not answer it and tells nobody",
            },
        ),
        Column(
            "aiosmpplib",
            {**_each(("data_sm MT", "outbind", *HANDLING), "the library has no such command"), **PLAIN},
            {
                "long MO in parts, joined": "reads a 16-bit reference as 32 bits, so its parts never belong together;"
                " those with an 8-bit reference do",
                "data_sm MO": "answers generic_nack",
            },
        ),
        Column(
            "smpp34",
            {
                **CALLERS,
                **OCTETS,
                **_each(
                    ("enquire_link from the peer", "data_sm MT", "outbind", *HANDLING),
                    "its Python client has no call for it",
                ),
                "over TLS": "its client takes neither an authority nor a name to trust",
            },
            {
                "unbind to the peer": "closes the connection, mostly before its answer has left",
                "data_sm MO": "answers ESME_RSYSERR to every data_sm",
            },
        ),
        Column("Net::SMPP", {**CALLERS, **OCTETS, **PLAIN}),
    )
}
SMSCS = {
    column.peer: column
    for column in (
        Column("node-smpp", OURS),
        Column(
            "smpp34",
            {
                **OURS,
                "wrong password refused": "its Python server lets everybody in",
                "over TLS": "its Python server knows no TLS",
                "enquire_link from the peer": "its Python server has no call for it",
                "data_sm MO": "its Python server has no call for it",
                "alert_notification": "its Python server has no call for it",
            },
            {
                "bind as receiver": "answers generic_nack to the deliver_sm_resp of a receiver",
                "unbind to the peer": "closes the connection and does not answer",
            },
        ),
        Column("Net::SMPP", {**OURS, **PLAIN}),
    )
}
ROLES = {"bound to our SMSC": ESMES, "our gateway bound to it": SMSCS}


Mark = Callable[[str, Column, str], str]
"""What stands in a cell: of a role, a column, a row."""


def cells() -> Iterator[tuple[str, str, str]]:
    """Every cell that has a story: role, peer, row."""
    for role, columns in ROLES.items():
        for column in columns.values():
            yield from ((role, column.peer, row) for row in column.played)


def declared(_role: str, column: Column, row: str) -> str:
    return column.verdict(row)


def rendered(mark: Mark = declared) -> str:
    """Both tables as Markdown, with their notes."""
    notes: dict[str, int] = {}
    pieces = [_table(role, notes, mark) for role in ROLES]
    return "\n\n".join([*pieces, "\n".join(f"{number}. {note}" for note, number in notes.items())])


def _table(role: str, notes: dict[str, int], mark: Mark) -> str:
    columns = ROLES[role]
    lines = [f"| {role} | " + " | ".join(columns) + " |", "|---|" + ":-:|" * len(columns)]
    for row in ROWS:
        if all(row in column.lacks for column in columns.values()):
            continue
        marks = []
        for column in columns.values():
            word = mark(role, column, row)
            if word == "no":
                note = f"{column.peer} {column.fails[row]}."
                word = f"no ({notes.setdefault(note, len(notes) + 1)})"
            marks.append(word)
        lines.append(f"| {row} | " + " | ".join(marks) + " |")
    return "\n".join(lines)


def in_readme(text: str) -> str:
    """What README.md holds between its marks."""
    return text.partition(BEGIN)[2].partition(END)[0].strip()


def written(text: str) -> str:
    """README.md with the tables as they are declared."""
    head, _, rest = text.partition(BEGIN)
    return f"{head}{BEGIN}\n\n{rendered()}\n\n{END}{rest.partition(END)[2]}"
