"""What is said of mutants that live: each row is of a function that there is, and gives a reason."""

import ast
from pathlib import Path

import pytest

from tests.mutants import ARGUED, ROOT, changed, main, rows, where

ROWS = list(rows(ARGUED.read_text(encoding="utf-8")))


def functions(path: Path):
    """module.function and module.Class.method, as rows name them."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            yield f"{path.stem}.{node.name}"
        elif isinstance(node, ast.ClassDef):
            yield from (f"{path.stem}.{node.name}.{one.name}" for one in node.body if isinstance(one, ast.FunctionDef))


def test_each_row_is_of_a_function_of_handlers():
    there = {name for path in (ROOT / "handlers").glob("*.py") for name in functions(path)}
    assert ROWS
    assert sorted({row.where for row in ROWS} - there) == []


def test_a_row_is_read_with_each_of_its_changes():
    table = "| where | changed to | why |\n|---|---|---|\n| `a._b` | `x \\| y` `z` | so |\n| `c.d` | `e` | for |\n"
    assert list(rows(table)) == [("a._b", "x | y"), ("a._b", "z"), ("c.d", "e")]


@pytest.mark.parametrize(
    ("mutant", "name"),
    [
        ("handlers.costs.x_lift__mutmut_11", "costs.lift"),
        ("handlers.costs.x__values__mutmut_1", "costs._values"),
        ("handlers.policy.xǁPolicyǁperiod_of__mutmut_2", "policy.Policy.period_of"),
    ],
)
def test_a_mutant_is_of_a_function(mutant, name):
    assert where(mutant) == name


class TestTheVerdict:
    """A run of which one mutant of two lives."""

    @pytest.fixture
    def run(self, tmp_path, monkeypatch, capsys):
        def judged(codes, argued, line="return 2"):
            monkeypatch.setattr("tests.mutants.judged", lambda: codes)
            monkeypatch.setattr("tests.mutants.changed", lambda _: line)
            path = tmp_path / "argued.md"
            path.write_text(argued, encoding="utf-8")
            monkeypatch.setattr("tests.mutants.ARGUED", path)
            with pytest.raises(SystemExit) as ended:
                main()
            return ended.value.code, capsys.readouterr().out

        return judged

    CODES = dict.fromkeys((f"handlers.a.x_b__mutmut_{n}" for n in range(1, 20)), 1)
    ROW = "| `a.b` | `return 2` | it is the same |\n"

    def test_argued(self, run):
        assert run(self.CODES | {"handlers.a.x_b__mutmut_20": 0}, self.ROW) == (
            0,
            "20 mutants of handlers, 95.0 % killed, 1 alive; 0 not tried\n",
        )

    def test_not_argued(self, run):
        code, told = run(self.CODES | {"handlers.a.x_b__mutmut_20": 33}, self.ROW, "return 3")
        assert code == 1
        assert "not argued: a.b: return 3\nargued, but not alive: a.b: return 2\n" in told

    def test_too_many(self, run):
        alive = {f"handlers.a.x_b__mutmut_{n}": 0 for n in range(20, 23)}
        assert run(self.CODES | alive, self.ROW)[0] == 1

    def test_not_all_were_tried(self, run):
        assert run(self.CODES | {"handlers.a.x_b__mutmut_20": None}, "")[0] == 1


def test_the_changed_line_is_taken_from_what_mutmut_shows(monkeypatch):
    shown = "--- a\n+++ b\n@@ -1 +1 @@\n-    return 1\n+    return 2\n"
    monkeypatch.setattr("tests.mutants.subprocess.run", lambda *_, **__: type("Done", (), {"stdout": shown}))
    assert changed("handlers.a.x_b__mutmut_1") == "return 2"
