"""The shape of the house, read from the syntax trees: who may import whom, which door a library has, no cycles."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("gateway", "handlers", "simulator")
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}

# handlers decide: no clock, no I/O, no chance, no threads.
BANNED_IN_HANDLERS = {
    *("asyncio", "time", "random", "socket", "os", "logging", "sqlite3", "pathlib", "threading", "uuid"),
}
# One library, one door.
DOORS = {
    "smpplib": {"gateway.smpp.pdu"},
    "aiosqlite": {"gateway.store.database"},
    "apscheduler": {"gateway.clock"},
    "structlog": {"gateway.lines"},
    "prometheus_client": {"gateway.metrics"},
    "gherkin": {"simulator.scenarios.reading"},
    "cucumber_expressions": {"simulator.scenarios.matching"},
    # An extra: who only runs the simulator has neither.
    "pytest": {"simulator.plugin.features", "simulator.plugin.hooks"},
    "hypothesis": {"simulator.stateful"},
}
# aiohttp serves in the API's modules and asks in the one that pushes data policies.
AIOHTTP_IN_GATEWAY = {
    "gateway.http.api",
    "gateway.http.edge",
    "gateway.http.listener",
    "gateway.http.problems",
    "gateway.http.pushes",
}


def running(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run: what is imported for annotations alone binds nobody."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            yield node
            yield from running(node)


def imports(tree: ast.AST) -> Iterator[str]:
    for node in running(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            module = node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def imported(name: str) -> set[str]:
    return set(imports(TREES[name]))


def roots(name: str) -> set[str]:
    return {module.partition(".")[0] for module in imported(name)}


def of(package: str) -> list[str]:
    return [name for name in MODULES if name == package or name.startswith(f"{package}.")]


@pytest.mark.parametrize("name", of("handlers"))
def test_handlers_import_themselves_and_what_is_pure(name):
    import sys

    foreign = {root for root in roots(name) if root not in sys.stdlib_module_names and root != "handlers"}
    assert not foreign, f"{name} imports {foreign}"
    assert not roots(name) & BANNED_IN_HANDLERS


@pytest.mark.parametrize("name", of("handlers"))
def test_handlers_read_no_clock(name):
    called = {
        node.func.attr
        for node in ast.walk(TREES[name])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not called & {"now", "today", "utcnow"}


@pytest.mark.parametrize("name", of("gateway"))
def test_gateway_never_imports_the_simulator(name):
    assert "simulator" not in roots(name)


@pytest.mark.parametrize("name", of("simulator"))
def test_simulator_knows_the_gateway_only_by_the_wire(name):
    assert not roots(name) & {"gateway", "handlers", "smpplib", "aiosqlite", "apscheduler"}


def test_the_plugin_costs_nothing_until_it_is_used():
    """The hooks are loaded in every run of pytest; they, and the package they are in, load nothing else of ours."""
    import sys

    for name in ("simulator", "simulator.plugin", "simulator.plugin.hooks"):
        foreign = {root for root in roots(name) if root not in sys.stdlib_module_names}
        assert foreign <= {"pytest"}, f"{name} imports {foreign}"


def test_nothing_of_the_simulator_needs_the_plugin():
    users = {name for name in of("simulator") if any("simulator.plugin" in one for one in imported(name))}
    assert all(name.startswith("simulator.plugin") or name == "simulator.stateful" for name in users), users


@pytest.mark.parametrize("library", sorted(DOORS))
def test_one_library_one_door(library):
    users = {name for name in MODULES if library in roots(name)}
    assert users == DOORS[library]


def test_aiohttp_is_used_where_http_is():
    users = {name for name in of("gateway") if "aiohttp" in roots(name)}
    assert users <= AIOHTTP_IN_GATEWAY


@pytest.mark.parametrize("package", PACKAGES)
def test_no_import_cycles(package):
    modules = of(package)
    graph = {name: {other for other in imported(name) if other in modules and other != name} for name in modules}
    # A package's __init__ is its door, read before its rooms: it may import them, they import each other.
    graph = {name: needs - {package} for name, needs in graph.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"import cycle: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("name", sorted(MODULES))
def test_tasks_belong_to_a_task_group(name):
    """`asyncio.create_task` and its kin lose a crash: only a TaskGroup's own create_task may be called."""
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            bare = isinstance(owner, ast.Name) and owner.id in {"asyncio", "loop"}
            assert not (bare and node.func.attr in {"create_task", "ensure_future"}), f"{name}:{node.lineno}"


def test_what_decides_can_be_read_at_one_sitting():
    """No file of handlers has more than 300 lines, the rules as built among them; no other module more than 450."""
    decides = [path for path in (ROOT / "handlers").iterdir() if path.suffix in {".py", ".md"}]
    most = dict.fromkeys(MODULES.values(), 450) | dict.fromkeys(decides, 300)
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in most}
    assert {path.relative_to(ROOT).as_posix(): count for path, count in lines.items() if count > most[path]} == {}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_every_module_says_what_it_is_for(name):
    assert ast.get_docstring(TREES[name]), f"{name} has no docstring"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_functions_fit_a_screen(name):
    """40 lines without the docstring; longer ones would need a reason, and none has one."""
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert lines <= 40, f"{name}.{node.name}: {lines} lines"


def test_the_top_level_is_what_it_is():
    """No other package appears by accident."""
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py") if not path.parent.name.startswith(".")}
    assert packages == set(PACKAGES)
