"""A project that has nothing to do with the simulator."""

import sys
import threading


def test_nothing_was_loaded_and_nothing_runs():
    loaded = {name for name in sys.modules if name.partition(".")[0] in ("simulator", "gateway", "handlers")}
    assert loaded == {"simulator", "simulator.plugin", "simulator.plugin.hooks"}
    assert [thread.name for thread in threading.enumerate() if "simulator" in thread.name] == []
