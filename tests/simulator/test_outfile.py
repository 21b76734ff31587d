"""Where a report goes: never over a device, a pipe or a link."""

import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from simulator.outfile import STANDARD_OUTPUT, put

ROOT = Path(__file__).parents[2]


def test_a_new_file_with_its_folders(tmp_path):
    path = tmp_path / "a" / "b.md"
    assert put(path, "€ \ud800") == 5
    assert path.read_bytes() == b"\xe2\x82\xac ?"
    assert [one.name for one in path.parent.iterdir()] == ["b.md"]


def test_a_file_is_replaced_and_whoever_reads_the_old_one_reads_on(tmp_path):
    path = tmp_path / "a.md"
    path.write_text("old and longer", encoding="utf-8")
    with path.open(encoding="utf-8") as reader:
        put(path, "new")
        assert reader.read() == "old and longer"
    assert path.read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_a_link(tmp_path, exists):
    target, link = tmp_path / "far" / "real.md", tmp_path / "link.md"
    target.parent.mkdir()
    if exists:
        target.write_text("old", encoding="utf-8")
    link.symlink_to(target)
    put(link, "new")
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "new"
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["far", "link.md", "real.md"]


@pytest.mark.parametrize("linked", [True, False])
def test_a_pipe_is_written_and_stays(tmp_path, linked):
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    path = pipe
    if linked:
        path = tmp_path / "link"
        path.symlink_to(pipe)
    reader = Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    put(path, "through it")
    reader.join()
    assert read == ["through it"]
    assert pipe.is_fifo()
    assert path.is_symlink() is linked


def test_a_dash_is_the_standard_output(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put(STANDARD_OUTPUT, "said\n")
    assert capsys.readouterr().out == "said\n"
    assert list(tmp_path.iterdir()) == []


def test_the_file_that_our_output_goes_to_keeps_what_was_said(tmp_path):
    path = tmp_path / "out.txt"
    program = "import sys; from pathlib import Path; from simulator.outfile import put; print('before'); "
    program += "put(Path(sys.argv[1]), 'report\\n'); print('after')"
    with path.open("wb") as output:
        subprocess.run([sys.executable, "-c", program, str(path)], stdout=output, check=True, cwd=ROOT)
    assert path.read_text(encoding="utf-8") == "before\nreport\nafter\n"


def test_what_can_not_be_written_is_called_as_it_was_asked_for(tmp_path):
    (tmp_path / "folder").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "folder")
    with pytest.raises(IsADirectoryError) as caught:
        put(link, "text")
    assert caught.value.filename == str(link)
