"""The matrix agrees with itself, with the stories there are, and with the README."""

from pathlib import Path

from tests.interop import esme_features, matrix, smsc

README = Path(__file__).parents[2] / "README.md"


def test_every_word_of_it_is_about_a_row():
    for columns in matrix.ROLES.values():
        for column in columns.values():
            assert column.lacks.keys() <= set(matrix.ROWS), column.peer
            assert column.fails.keys() <= set(column.played), column.peer


def test_every_row_has_its_story_and_every_story_its_row():
    for features, columns in ((esme_features.FEATURES, matrix.ESMES), (smsc.FEATURES, matrix.SMSCS)):
        played = {row for column in columns.values() for row in column.played}
        assert set(features) == played
    assert set(matrix.ESMES["our gateway"].played) == set(smsc.FEATURES)


def test_the_readme_holds_the_tables_as_they_are_measured():
    assert matrix.in_readme(README.read_text(encoding="utf-8")) == matrix.rendered()
