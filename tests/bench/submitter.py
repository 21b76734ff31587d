"""An ESME that keeps a window of submit_sm full and does next to nothing else: the server is what is measured.

The PDUs are made before the clock runs: one block of octets in which each has its sequence number, sent by the slice
as answers come. Each answer is looked at (length, command, status), none is kept. A process of its own
(`python -m tests.bench.submitter`) with a blocking socket; prints one JSON object.
Must not be put here: which server it is.
"""

import argparse
import json
import socket
import sys
import time
from struct import Struct

from simulator.pdu import Pdu, encode

_HEADER = Struct(">III").unpack_from
_RESPONSE = 0x80000004
BLOCK = 20_000
"""PDUs in the block, each to another number; their sequence numbers come round after as many."""
TEXT = b"Data outside the EU: EUR 3.03 a MB. Stop? INFO UIT to 1330."
RECEIVED_MAX = 1 << 18


def block() -> tuple[memoryview, int]:
    """The octets, twice in a row so that a slice may run over the end, and the length of one PDU."""
    frames = [
        encode(
            Pdu(
                "submit_sm",
                number + 1,
                0,
                {
                    "source_addr_ton": 3,
                    "source_addr": "1330",
                    "dest_addr_ton": 1,
                    "dest_addr_npi": 1,
                    # No ending of 9001 and up: those are faults by themselves (simulator/magic.py).
                    "destination_addr": f"3161{number // 8000:03d}{number % 8000:04d}",
                    "short_message": TEXT,
                },
            )
        )
        for number in range(BLOCK)
    ]
    return memoryview(b"".join(frames) * 2), len(frames[0])


class Submitter:
    """A bound connection."""

    def __init__(self, port: int, octets: memoryview, size: int) -> None:
        self._octets, self._size = octets, size
        self._rest = b""
        self._sent = 0
        self.refused = 0
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        fields = {"system_id": "bench", "password": "bench", "interface_version": 0x34}
        self.socket.sendall(encode(Pdu("bind_transmitter", 1, 0, fields)))
        answer = self.socket.recv(1000)
        if answer[4:12] != b"\x80\0\0\2\0\0\0\0":
            raise SystemExit(f"not bound: {answer.hex(' ')}")

    def run(self, count: int, window: int) -> tuple[float, float]:
        """`count` messages answered; seconds, and processor seconds of this process."""
        began, cpu_began = time.perf_counter(), time.process_time()
        left, unanswered = count, 0
        while left or unanswered:
            free = min(window - unanswered, left)
            if free:
                start = self._sent % BLOCK * self._size
                self.socket.sendall(self._octets[start : start + free * self._size])
                self._sent += free
                left -= free
                unanswered += free
            unanswered -= self._answers()
        return time.perf_counter() - began, time.process_time() - cpu_began

    def _answers(self) -> int:
        data = self.socket.recv(RECEIVED_MAX)
        if not data:
            raise SystemExit("the server has closed the connection")
        if self._rest:
            data = self._rest + data
        at, size, count = 0, len(data), 0
        while size - at >= 16:
            length, command, status = _HEADER(data, at)
            if at + length > size:
                break
            if command != _RESPONSE:
                raise SystemExit(f"not an answer: {data[at : at + length].hex(' ')}")
            self.refused += status != 0
            at += length
            count += 1
        self._rest = data[at:]
        return count


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--window", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--tries", type=int, default=1)
    parser.add_argument("--warm-up", type=int, default=0)
    options = parser.parse_args()
    submitter = Submitter(options.port, *block())
    if options.warm_up:
        submitter.run(options.warm_up, options.window)
    runs = [submitter.run(options.count, options.window) for _ in range(options.tries)]
    submitter.socket.close()
    report = {
        "seconds": [seconds for seconds, _ in runs],
        "cpu_s": [cpu_s for _, cpu_s in runs],
        "answered": options.count * options.tries + options.warm_up,
        "refused": submitter.refused,
    }
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
