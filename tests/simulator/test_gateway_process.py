"""A child that calls itself gateway: started, watched, stopped, killed."""

import pytest

from simulator.gateway_process import GatewayDied, GatewayProcess

CHILD = """
import json, os, signal, sys
def say(**line):
    print(json.dumps(line), flush=True)
say(event="started", config=sys.argv[-1], port=os.environ.get("GATEWAY__SMPP__PORT"))
print("no json at all", file=sys.stderr, flush=True)
{behaviour}
"""
UP = """
def end(*_):
    say(event="bye")
    sys.exit(0)
signal.signal(signal.SIGTERM, {handler})
say(event="smpp.bound")
say(event="gateway.ready", http_port=4711)
while True:
    signal.pause()
"""
POLITE = UP.format(handler="end")
DEAF = UP.format(handler="signal.SIG_IGN")


@pytest.fixture
def child(tmp_path, run):
    """Runs a story with a child of the given behaviour, in whose folder `gateway` is that child."""

    def _child(behaviour, story):
        package = tmp_path / "gateway"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "__main__.py").write_text(CHILD.format(behaviour=behaviour), encoding="utf-8")

        async def _story():
            env = {"GATEWAY__SMPP__PORT": "2776"}
            process = await GatewayProcess.start(tmp_path / "config.toml", env, cwd=tmp_path)
            try:
                await story(process)
            finally:
                await process.kill()

        run(_story())

    return _child


def test_it_is_ready_when_it_says_so_and_ends_when_told(child):
    async def story(process):
        assert await process.ready() == 4711
        (started,) = process.events("started")
        assert (started["config"].endswith("config.toml"), started["port"]) == (True, "2776")
        assert {"text": "no json at all"} in process.log
        assert (process.is_running, process.pid > 0) == (True, True)
        assert await process.stop() == 0
        assert process.events("bye")
        assert not process.is_running

    child(POLITE, story)


def test_a_crash_is_a_kill(child):
    async def story(process):
        await process.ready()
        assert await process.kill() == -9

    child(POLITE, story)


def test_one_that_does_not_drain_is_killed(child):
    async def story(process):
        await process.ready()
        assert await process.stop(timeout_s=0.05) == -9

    child(DEAF, story)


def test_a_death_tells_its_last_lines(child):
    async def story(process):
        with pytest.raises(GatewayDied, match=r"(?s)ended with 2:.*config\.toml: unknown key") as caught:
            await process.ready()
        assert "no json at all" in str(caught.value)

    child("print('config.toml: unknown key', end=''); sys.exit(2)", story)


def test_silence_is_bounded(child):
    async def story(process):
        await process.ready()
        with pytest.raises(GatewayDied, match=r"no 'never' within 0\.05 s"):
            await process.wait_for("never", timeout_s=0.05)
        assert await process.wait_for("started", count=1)

    child(POLITE, story)
