"""Feature files as values: scenarios with their steps, each step with the place it stands at.

gherkin-official does the parsing; rows of an outline become scenarios of their own, their values behind the name.

Not here: what a step means (vocabulary.py).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

from gherkin.errors import CompositeParserException, ParserException
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

from simulator.scenarios.grammar import is_consequence, language_of, told
from simulator.scenarios.speech import say
from simulator.scenarios.values import Language

Kind = Literal["given", "when", "then"]
KINDS: Final[Mapping[str, Kind]] = {"Context": "given", "Action": "when", "Outcome": "then"}
LANGUAGES: Final = ("nl", "en")
LENIENT: Final = frozenset({"@soepel", "@lenient"})
OPEN_QUESTION: Final = frozenset({"@open-vraag", "@open-question"})
DUTCH: Final = re.compile(r"^\s*(Functionaliteit|Achtergrond|Abstract Scenario|Gegeven|Als|Dan|Regel)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a file, found before anything starts. `mark` is (column from 0, length) in `source`."""

    path: Path
    line: int
    source: str
    message: str
    mark: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `column` is where its text begins in its line, `rows` its data table, `shared` that it stands in a
    background.
    """

    kind: Kind
    keyword: str
    text: str
    line: int
    column: int
    rows: tuple[tuple[str, ...], ...] = ()
    row_lines: tuple[int, ...] = ()
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario, or one row of an outline. `lines` are all lines by which it may be asked for, `rule` is the
    heading it stands under.
    """

    path: Path
    feature: str
    name: str
    language: Language
    line: int
    lines: frozenset[int]
    tags: tuple[str, ...]
    steps: tuple[Step, ...]
    rule: str = ""
    prose: tuple[str, ...] = ()
    """The lines under its name that are no steps."""

    @property
    def lenient(self) -> bool:
        return not LENIENT.isdisjoint(self.tags)

    @property
    def open_question(self) -> bool:
        return not OPEN_QUESTION.isdisjoint(self.tags)

    @property
    def place(self) -> str:
        return f"{self.path.name}:{self.line}"


def find_files(paths: Iterable[str]) -> tuple[list[tuple[Path, int | None]], list[str]]:
    """The feature files under the paths, each with the line asked for (`file.feature:7`), and what was not found."""
    files: list[tuple[Path, int | None]] = []
    missing = []
    for given in paths:
        match = re.fullmatch(r"(.+\.feature):(\d+)", given)
        path = Path(match[1] if match else given)
        if path.is_dir():
            files += [(file, None) for file in sorted(path.rglob("*.feature"))]
        elif path.is_file():
            files.append((path, int(match[2]) if match else None))
        else:
            missing.append(given)
    return files, missing


def read(path: Path) -> tuple[list[Scenario], list[Fault]]:
    """The scenarios of a file, or what is wrong with its grammar. OSError when it can not be read."""
    text = path.read_text(encoding="utf-8")
    try:
        document = cast("dict[str, Any]", Parser().parse(text))
    except CompositeParserException as error:
        return [], _grammar(path, text, error.errors)
    except ParserException as error:
        return [], _grammar(path, text, [error])
    feature = document.get("feature")
    if not feature:
        return [], [Fault(path, 1, "", say("no_feature", language_of(text)))]
    language = str(feature["language"])
    if language not in LANGUAGES:
        return [], [Fault(path, 1, text.splitlines()[0].strip(), say("unknown_language", "en", found=language))]
    pickles = Compiler().compile({**document, "uri": str(path)})  # type: ignore[typeddict-item]
    nodes = dict(_nodes(feature))
    for background in [node["background"] for node in _all(feature) if "background" in node]:
        for step in background["steps"]:
            step["shared"] = True
    rules = dict(_rules(feature))
    scenarios = [_scenario(path, cast("dict[str, Any]", pickle), feature, nodes, rules) for pickle in pickles]
    if not scenarios:
        line = int(feature["location"]["line"])
        return [], [Fault(path, line, text.splitlines()[line - 1].strip(), say("no_scenario", language))]
    empty = [Fault(path, one.line, one.name, say("no_steps", language)) for one in scenarios if not one.steps]
    return [one for one in scenarios if one.steps], empty


def _nodes(feature: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - a syntax tree
    """The nodes by id."""
    return ((node["id"], node) for node in _all(feature) if "id" in node)


def _rules(feature: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - a syntax tree
    """A scenario's node → the name of the rule it stands in."""
    for child in feature["children"]:
        for inner in child.get("rule", {}).get("children", ()):
            if "scenario" in inner:
                yield inner["scenario"]["id"], child["rule"]["name"]


def _all(node: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - a syntax tree
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _all(value)
    elif isinstance(node, list):
        for value in node:
            yield from _all(value)


def _scenario(
    path: Path, pickle: dict[str, Any], feature: dict[str, Any], nodes: Mapping[str, Any], rules: Mapping[str, str]
) -> Scenario:
    own = [nodes[one] for one in pickle["astNodeIds"]]
    lines = [node["location"]["line"] for node in own]
    name = pickle["name"]
    if len(own) > 1:
        name += " [" + ", ".join(cell["value"] for cell in own[1]["cells"]) + "]"
    steps = tuple(_step(step, nodes) for step in pickle["steps"])
    return Scenario(
        path,
        feature["name"],
        name,
        cast("Language", feature["language"]),
        lines[-1],
        # The outline's own line asks for all its rows.
        frozenset(lines),
        tuple(tag["name"] for tag in pickle["tags"]),
        steps,
        rules.get(pickle["astNodeIds"][0], ""),
        tuple(line.strip() for line in own[0].get("description", "").splitlines() if line.strip()),
    )


def _step(step: dict[str, Any], nodes: Mapping[str, Any]) -> Step:
    node = nodes[step["astNodeIds"][0]]
    keyword = node["keyword"]
    location = node["location"]
    argument = step.get("argument", {})
    rows = tuple(
        tuple(cell["value"] for cell in row["cells"]) for row in argument.get("dataTable", {}).get("rows", ())
    )
    lines = tuple(row["location"]["line"] for row in node.get("dataTable", {}).get("rows", ()))
    if "docString" in argument:
        # No phrase takes one; as a table of one cell it is told to be one too many.
        rows, lines = ((argument["docString"]["content"],),), (node["docString"]["location"]["line"],)
    column = location["column"] - 1 + len(keyword)
    kind = KINDS.get(step["type"], "given")
    shared = bool(node.get("shared"))
    return Step(kind, keyword.strip(), step["text"], location["line"], column, rows, lines, shared)


def _grammar(path: Path, text: str, errors: Iterable[Any]) -> list[Fault]:
    lines = text.splitlines()
    if "language:" not in text and (match := DUTCH.search(text)):
        number = text.count("\n", 0, match.start(1)) + 1
        message = "Dit bestand is Nederlands: zet er bovenaan  # language: nl  bij."
        return [Fault(path, number, lines[number - 1].strip(), message)]
    language = language_of(text)
    faults: list[Fault] = []
    for error in errors:
        if faults and is_consequence(error):
            continue
        number = int(error.location["line"])
        source = lines[number - 1] if 0 < number <= len(lines) else ""
        faults.append(Fault(path, number, source.strip(), told(error, language)))
    return faults
