"""Both sessions under atheris: the octets are a stream, the first of them says where it is cut and how it begins.

See atheris_codecs.py. Must not be put here: what is checked (gateway_side.py, simulator_side.py).
"""

import asyncio
import random
import sys

import atheris

with atheris.instrument_imports(include=["gateway.smpp", "simulator"]):
    from tests.fuzz.cases import Case
    from tests.fuzz.play import SESSIONS

LONGEST = 8_192
LOOP_INPUTS = 500
SIZES = (1, 7, 16, 17, 100, 1_400, LONGEST)


def one_input(octets):
    if not 1 < len(octets) <= LONGEST:
        return
    how, stream = octets[0], octets[1:]
    size = SIZES[how % len(SIZES)]
    if size < 16 and len(stream) > 500:
        return
    chunks = tuple(stream[at : at + size] for at in range(0, len(stream), size))
    for kind in SESSIONS.values():
        kind(Case(0, how, (stream,), ((),), chunks, random.Random(how))).play()


class Turns:
    """A loop for the sessions, a new one now and then: the timers of what is over are not to pile up."""

    def __init__(self):
        self.inputs = 0
        self.loop = asyncio.new_event_loop()

    def __call__(self, octets):
        self.inputs += 1
        if self.inputs % LOOP_INPUTS == 0:
            self.loop.close()
            self.loop = asyncio.new_event_loop()
        self.loop.run_until_complete(self._play(octets))

    async def _play(self, octets):
        one_input(octets)


if __name__ == "__main__":
    atheris.Setup(sys.argv, Turns())
    atheris.Fuzz()
