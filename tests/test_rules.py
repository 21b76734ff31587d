"""handlers/RULES.md against the code: each id that is used is a row, each row names files and tests that exist.

Ids are looked for where people write them: in comments, docstrings, names of tests, and strings that are an id as a
whole (the rule of a finding) or hold one in brackets (a message). Other strings are data: "B2" may be anything there.
"""

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from handlers.effects import REASON_WORDS, STATE_WORDS
from handlers.policy import NOTIFICATIONS

ROOT = Path(__file__).parents[1]
RULES = ROOT / "handlers" / "RULES.md"
FOLDERS = ("handlers", "gateway", "simulator", "templates", "tests")

# The letters of the chapters; P for the guarantees, of which there are sixteen (a P95 is something else).
_ID = r"(?:[A-GNQ]\d{1,2}[a-e]?|P1[0-6]|P[1-9])"
_ID_IN_A_NAME = r"(?:[a-gnq]\d{1,2}[a-e]?|p1[0-6]|p[1-9])"
_WORD = re.compile(rf"(?<![\w.+/*-])({_ID})(?: to ({_ID}))?(?!\w)")
_WHOLE_OR_IN_BRACKETS = re.compile(rf"(?:^|(?<=\())({_ID})(?=\)|$)")
_SECTION = re.compile(r"\b[Rr]ules (\d(?:\.\d)?)(?![\d%])")
_LAW = re.compile(r"\b(?:Art\. \d+(?:\(\d+\))?|Rec\. \d+)")
_IN_A_NAME = re.compile(rf"_({_ID_IN_A_NAME})(?:_to_({_ID_IN_A_NAME}))?(?=_)")
_SECTION_IN_A_NAME = re.compile(r"^test_(\d)_(\d)_")

# The columns of the tables whose first column is an id.
BUILT = ("id", "rule", "reading", "lives in", "tests")
GUARANTEES = ("id", "promise", "it holds because", "lives in", "tests")
SWITCHES = ("switch", "kinds", "why")


# --- what RULES.md says


@dataclass(frozen=True)
class Row:
    """One row of a table, by the names of its columns."""

    header: tuple[str, ...]
    cells: dict[str, str]

    @property
    def id(self) -> str:
        return self.cells["id"]

    def quoted(self, column: str) -> list[str]:
        return re.findall(r"`([^`]+)`", self.cells[column])


def rows_of(markdown: str) -> list[Row]:
    """The rows of all tables; a table begins with its header and ends with the first line that is none of it."""
    rows, header = [], None
    for line in markdown.splitlines():
        if not line.startswith("|"):
            header = None
            continue
        cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
        if header is None:
            header = cells
        elif set(line) - set("|-"):
            rows.append(Row(header, dict(zip(header, cells, strict=True))))
    return rows


TEXT = RULES.read_text(encoding="utf-8")
ROWS = rows_of(TEXT)
RULE_ROWS = [row for row in ROWS if row.header == BUILT]
PROVEN = [row for row in ROWS if row.header in (BUILT, GUARANTEES)]
WITH_ID = [row for row in ROWS if "id" in row.cells]
OUT_OF_SCOPE = re.search(r"^Out of scope: (.+)\.$", TEXT, re.MULTILINE)


def by_id(rows: list[Row]):
    return pytest.mark.parametrize("row", rows, ids=[row.id for row in rows])


# --- what the code says


def ids_in(text: str) -> Iterator[str]:
    """The ids in a piece of prose; "E5 to E10" are six."""
    for first, last in _WORD.findall(text):
        yield from through(first, last)
    yield from _SECTION.findall(text)
    yield from _LAW.findall(text)


def through(first: str, last: str) -> Iterator[str]:
    if not last:
        yield first
        return
    assert first[0] == last[0], f"{first} to {last}"
    yield from (f"{first[0]}{number}" for number in range(int(first[1:]), int(last[1:]) + 1))


def ids_in_name(name: str) -> Iterator[str]:
    for first, last in _IN_A_NAME.findall(name):
        yield from through(_written(first), _written(last))
    yield from (f"{chapter}.{section}" for chapter, section in _SECTION_IN_A_NAME.findall(name))


def _written(id_in_a_name: str) -> str:
    return id_in_a_name[:1].upper() + id_in_a_name[1:]


def ids_of_python(source: str) -> dict[str, int]:
    """Every id that a module mentions, with the line where it does so first."""
    found: list[tuple[str, int]] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            found += ((one, token.start[0]) for one in ids_in(token.string))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            found += ((one, node.lineno) for one in ids_in_name(node.name))
        elif isinstance(node, ast.Expr) and (docstring := _string(node.value)) is not None:
            found += ((one, node.lineno) for one in ids_in(docstring))
        elif isinstance(node, ast.Call | ast.Tuple) and (rule := _rule_of_a_finding(node)) is not None:
            found.append((rule, node.lineno))
        elif isinstance(node, ast.expr) and (text := _string(node)) is not None:
            found += ((one, node.lineno) for one in _WHOLE_OR_IN_BRACKETS.findall(text))
    return dict(reversed(found))


def _string(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _rule_of_a_finding(node: ast.Call | ast.Tuple) -> str | None:
    """The rule, of whatever shape, in `found(rule, …)`, `because(rule, …)`, `notify(turn, rule, …)` and a finding."""
    if isinstance(node, ast.Tuple):
        match node.elts:
            case [rule, word, ast.Name() | ast.Tuple() as figures] if _string(word) in REASON_WORDS | STATE_WORDS:
                paired = all(isinstance(figure, ast.Tuple) for figure in getattr(figures, "elts", ()))
                return _string(rule) if paired else None
        return None
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    place = {"found": 0, "because": 0, "notify": 1}.get(name, len(node.args))
    return _string(node.args[place]) if place < len(node.args) else None


def ids_of_toml(source: str) -> dict[str, int]:
    """The ids in the comments of a data file."""
    lines = enumerate(source.splitlines(), start=1)
    return {one: number for number, line in lines if "#" in line for one in ids_in(line[line.index("#") :])}


@cache
def ids_of(path: Path) -> dict[str, int]:
    source = path.read_text(encoding="utf-8")
    return ids_of_python(source) if path.suffix == ".py" else ids_of_toml(source)


def sources() -> list[Path]:
    found = [path for folder in FOLDERS for end in ("py", "toml") for path in (ROOT / folder).rglob(f"*.{end}")]
    return sorted({*found, ROOT / "config.toml"} - {Path(__file__)})


@cache
def named_tests(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


# --- the two against each other


def test_each_id_has_one_row():
    assert OUT_OF_SCOPE is not None
    ids = [row.id for row in WITH_ID] + OUT_OF_SCOPE[1].split(", ")
    assert sorted(one for one in set(ids) if ids.count(one) > 1) == []


def test_tables_have_columns_that_are_read():
    known = {BUILT, GUARANTEES}
    assert {row.header for row in WITH_ID} <= known
    assert [row.id for row in WITH_ID if row.header == GUARANTEES] == [f"P{number}" for number in range(1, 17)]


def test_every_id_in_the_code_is_a_row():
    assert OUT_OF_SCOPE is not None
    known = {row.id for row in WITH_ID} | set(OUT_OF_SCOPE[1].split(", "))
    missing = [
        f"{path.relative_to(ROOT)}:{line}: {one}"
        for path in sources()
        for one, line in ids_of(path).items()
        if one not in known
    ]
    assert not missing, "\n".join(["ids that are no row of handlers/RULES.md:", *missing])


def test_the_code_is_looked_at():
    mentioned = {one for path in sources() if path.is_relative_to(ROOT / "handlers") for one in ids_of(path)}
    assert {"A8", "B7", "E2", "F1e", "G8", "Q23", "2.2", "4", "6.1", "settings", "Art. 15"} <= mentioned
    assert {"P3", "P9", "P11"} <= {one for path in sources() for one in ids_of(path)}


@by_id([row for row in WITH_ID if "lives in" in row.cells])
def test_every_file_and_test_that_a_row_names_exists(row):
    assert row.quoted("lives in"), "no module"
    for place in [*row.quoted("lives in"), *(row.quoted("tests") if "tests" in row.cells else ())]:
        path, _, test = place.partition("::")
        assert (ROOT / path).is_file(), place
        assert not test or test in named_tests(ROOT / path), place


@by_id(PROVEN)
def test_every_built_row_names_a_test_of_it(row):
    """A file in which a test carries the id, or a test by its own name; each file that is named is one of the two."""
    assert row.quoted("tests"), "no test"
    for place in row.quoted("tests"):
        path, _, test = place.partition("::")
        assert path.startswith("tests/"), place
        assert test or row.id in ids_of(ROOT / path), f"no test in {path} carries {row.id}"


@by_id(RULE_ROWS)
def test_a_rule_that_lives_in_handlers_is_named_there(row):
    """The id stands above the line that obeys it. The law's numbers stand at the reading that follows them."""
    places = [ROOT / path for path in row.quoted("lives in") if path.startswith("handlers/")]
    if places and not row.id.startswith(("Art.", "Rec.")) and row.id != "H":
        assert any(row.id in ids_of(path) for path in places)


def test_a_guarantee_is_not_called_by_the_id_of_a_rule():
    """The G of cost control is at home in few modules of the gateway; there "G9" is mostly a slip for P9."""
    homes = {row.id: row.quoted("lives in") for row in RULE_ROWS}
    used = [(path.relative_to(ROOT).as_posix(), one) for path in sources() for one in ids_of(path) if one[0] == "G"]
    assert [(path, one) for path, one in used if path.startswith("gateway/") and path not in homes[one]] == []


def test_every_key_that_a_reading_names_is_in_config_toml():
    config = tomllib.loads((ROOT / "config.toml").read_text(encoding="utf-8"))
    keys = {f"{section}.{key}" for section, values in config.items() for key in values}
    named = {key for row in RULE_ROWS for key in row.quoted("reading")}
    assert named
    assert sorted(named - keys) == []


def test_a_policy_key_is_named_by_the_rule_whose_reading_it_is():
    """config.toml and RULES.md say the same of which key belongs to which rule."""
    told = {key for row in RULE_ROWS for key in row.quoted("reading")}
    for line in (ROOT / "config.toml").read_text(encoding="utf-8").splitlines():
        key, _, comment = line.partition("#")
        name, ids = f"policy.{key.partition('=')[0].strip()}", set(ids_in(comment))
        if ids and name in told:
            named = {row.id for row in RULE_ROWS if name in row.quoted("reading")}
            assert ids & named, f"{name}: config.toml says {sorted(ids)}"


def test_the_notification_table_is_the_one_of_the_code():
    switches = [row for row in ROWS if row.header == SWITCHES]
    told = [(kind, row.cells["switch"]) for row in switches for kind in row.quoted("kinds")]
    assert len(told) == len(dict(told))
    here, there = dict(told), {kind: rule.control for kind, rule in NOTIFICATIONS.items()}
    wrong = [
        f"{kind}: {here.get(kind, 'no such kind')} in RULES.md, {there.get(kind, 'no such kind')} in NOTIFICATIONS"
        for kind in sorted(here.keys() | there.keys())
        if here.get(kind) != there.get(kind)
    ]
    assert not wrong, "\n".join(["the table of switches in handlers/RULES.md differs:", *wrong])


# --- the eyes of this file


SAMPLE = '''"""A module (A7). See E5 to E7, rules 2.2 and Art. 14(5); 3GPP TS 23.040, E.164, "GPT-B2"."""
CATEGORY = "B2 is a bundle"  # G8, not 0xB7 and not x.C3
MESSAGE = "taken before (Q26)"
FINDING = ("F1e", "blocked", 3)
def test_q6_q9_and_more(): turn.found("settings", "D4 is data")
OTHER = ("4.2", "refused", ()), ("E9.9", "no such word", ()), ("open", "blocked", ("A8",))
def helper_b3_(): ...
'''


def test_ids_are_found_where_people_write_them_and_nowhere_else():
    assert set(ids_of_python(SAMPLE)) == {
        *("A7", "E5", "E6", "E7", "2.2", "Art. 14(5)", "G8", "Q26", "F1e", "Q6", "Q9", "settings", "4.2", "A8"),
    }
    assert ids_of_python(SAMPLE)["G8"] == 2
    assert set(ids_of_python("def test_e5_to_e7_as_one(): ...")) == {"E5", "E6", "E7"}
    assert set(ids_of_python("def test_6_1_whole(): ...")) == {"6.1"}
    assert ids_of_toml('a = "B3"\nb = 1 # more (Q15)') == {"Q15": 2}


def test_tables_are_read_by_their_header():
    table = "| id | x |\n|---|---|\n| A1 | `b` c `d` |\n\n| y |\n|---|\n| z |\n"
    first, second = rows_of(table)
    assert (first.id, first.quoted("x"), second.cells) == ("A1", ["b", "d"], {"y": "z"})
