"""Where a run took place."""

import subprocess

from simulator.reports import environment


def test_versions_of_what_is_there_are_told():
    found = dict(environment.versions())
    assert found["Python"].startswith("3.")
    assert found["gherkin-official"]


def test_a_library_that_is_not_there_is_left_out(monkeypatch):
    monkeypatch.setattr(environment, "LIBRARIES", ("no-such-library-anywhere",))
    assert [name for name, _ in environment.versions()] == ["Python", "system"]


def test_a_commit_says_whether_files_differ_from_it(tmp_path):
    def git(*arguments):
        author = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        subprocess.run(["git", "-C", str(tmp_path), *author, *arguments], check=True, capture_output=True)

    assert environment.commit(tmp_path) == ""
    git("init", "-q")
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("commit", "-q", "-m", "x")
    head = environment.commit(tmp_path)
    assert head.isalnum()
    (tmp_path / "a").write_text("2")
    assert environment.commit(tmp_path) == f"{head}+"


def test_a_digest_differs_where_settings_or_files_do(tmp_path):
    (tmp_path / "nl.toml").write_text("a")
    first = environment.digest("x", [tmp_path / "nl.toml"])
    assert first == environment.digest("x", [tmp_path / "nl.toml"])
    assert first != environment.digest("y", [tmp_path / "nl.toml"])
    (tmp_path / "nl.toml").write_text("b")
    assert first != environment.digest("x", [tmp_path / "nl.toml"])
