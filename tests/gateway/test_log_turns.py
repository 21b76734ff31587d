"""In a loop the lines of one turn are one write, behind what else the turn had to do; nothing of them is lost."""

import asyncio
import io
import json

import pytest

from gateway.logs import Log


class Paper(io.StringIO):
    """Keeps each write."""

    def __init__(self):
        super().__init__()
        self.writes = []

    def write(self, text):
        self.writes.append(text)
        return len(text)

    @property
    def events(self):
        return [[json.loads(line)["event"] for line in write.splitlines()] for write in self.writes]


@pytest.fixture
def paper():
    return Paper()


@pytest.fixture
def log(paper):
    one = Log(paper, wall_s=iter(range(1000)).__next__, key=b"k")
    one.by_turns = True
    return one


def test_outside_a_loop_each_line_is_written_at_once(log, paper):
    log("mt.expired")
    log("mt.cancelled")
    assert paper.events == [["mt.expired"], ["mt.cancelled"]]


def test_the_lines_of_a_turn_are_one_write_with_their_own_times(log, paper):
    async def play():
        log("mt.expired")
        log("mt.cancelled")
        assert paper.writes == []
        await asyncio.sleep(0)
        assert paper.events == [["mt.expired", "mt.cancelled"]]
        log("mt.failed")

    asyncio.run(play())
    assert paper.events == [["mt.expired", "mt.cancelled"], ["mt.failed"]]
    assert ['"ts":"1970-01-01T00:00:02' in paper.writes[1], paper.writes[0].count('"ts":"1970-01-01T00:00:0')] == [
        True,
        2,
    ]


def test_what_was_to_be_done_before_the_line_is_done_before_it(log, paper):
    done = []

    async def play():
        asyncio.get_running_loop().call_soon(lambda: done.append(len(paper.writes)))
        log("mt.expired")
        await asyncio.sleep(0)

    asyncio.run(play())
    assert (done, len(paper.writes)) == ([0], 1)


def test_a_loop_that_ended_holds_nothing_back(log, paper):
    loop = asyncio.new_event_loop()

    async def play():
        log("mt.expired")

    # A bare loop: it stops in the turn of the line, and is closed without another.
    loop.run_until_complete(play())
    loop.close()
    log("mt.cancelled")
    assert [event for write in paper.events for event in write] == ["mt.expired", "mt.cancelled"]


def test_every_line_is_scrubbed_as_ever(log, paper):
    async def play():
        log("event.rejected", why="of +31612345642", msisdn="+31612345642")

    asyncio.run(play())
    assert "612345642" not in "".join(paper.writes)
