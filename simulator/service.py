"""What the service is, chapter by chapter and rule by rule, as data: `service.toml`.

Scenarios say by a tag which rule they prove; reports show every rule with its scenarios.

Not here: how the gateway obeys a rule, which tests of the code hold it (handlers/RULES.md).
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final, Literal

FILE: Final = Path(__file__).with_name("service.toml")

Scope = Literal["in", "edge", "out"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, worded in Dutch and in English."""

    id: str
    scope: Scope
    nl: str
    en: str

    def told(self, language: str) -> str:
        return self.nl if language == "nl" else self.en


@dataclass(frozen=True, slots=True)
class Chapter:
    """Rules that belong together. `is_reading` says that the description itself leaves them open."""

    id: str
    is_reading: bool
    nl: str
    en: str
    rules: tuple[Rule, ...]

    def told(self, language: str) -> str:
        return self.nl if language == "nl" else self.en


@dataclass(frozen=True)
class Service:
    """All chapters, in the order of the description."""

    chapters: tuple[Chapter, ...]

    @cached_property
    def rules(self) -> dict[str, Rule]:
        return {rule.id: rule for chapter in self.chapters for rule in chapter.rules}

    def rules_of(self, tags: Iterable[str]) -> tuple[str, ...]:
        """The rules that tags name, each once, in the order of the tags."""
        known = self.rules
        return tuple(dict.fromkeys(tag[1:] for tag in tags if tag[1:] in known))


@cache
def load() -> Service:
    raw: list[dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))["chapter"]
    return Service(
        tuple(
            Chapter(
                str(one["id"]),
                one["of"] == "reading",
                str(one["nl"]),
                str(one["en"]),
                tuple(Rule(**rule) for rule in one["rule"]),
            )
            for one in raw
        )
    )
