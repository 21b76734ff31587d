"""The simulator knows the gateway only by the wire."""

import ast
from pathlib import Path

import pytest

import simulator

FILES = sorted(Path(simulator.__file__).parent.rglob("*.py"))
FOREIGN = {"gateway", "handlers", "smpplib", "aiosqlite", "apscheduler"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_of_the_gateway_is_imported(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} & FOREIGN == set()


def test_there_is_something_to_look_at():
    assert len(FILES) > 20
