"""Both codecs under atheris, which looks for octets that reach new lines; `make fuzz-long` runs it.

The octets are one PDU, whose length is made true. What it finds lies in build/fuzz then, and belongs in found.py.
Must not be put here: what is checked (codecs.py).
"""

import sys

import atheris

with atheris.instrument_imports(include=["gateway.smpp", "simulator"]):
    from tests.fuzz.codecs import judged
    from tests.fuzz.corpus import HEADER_BYTES

LONGEST = 4_096


def one_input(octets):
    if HEADER_BYTES <= len(octets) <= LONGEST:
        judged(len(octets).to_bytes(4, "big") + octets[4:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
