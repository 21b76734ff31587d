"""A free port, for software that does not tell which one it got.

From below the range that the kernel gives to connections by itself, so that none of those takes it in between.
"""

import random
import socket

FIRST, LAST = 15_000, 32_000


def free_port() -> int:
    while True:
        port = random.randint(FIRST, LAST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
