"""What a subscription remembers, as a row: what is written is read back, also what an earlier version wrote."""

from datetime import UTC, datetime

from gateway.store import rows
from handlers.subscription import Memory, Said

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


def test_q65_what_each_sender_wrote_is_read_back():
    memory = Memory(
        texts={"+31612345678": (Said("ab", AT, 0), Said("cd", AT, 100)), "+31697000009": (Said("ef", AT, 200),)},
        unknown_replies={"+31612345678": (AT,), "+31697000009": (AT, AT)},
    )
    assert rows.decode_memory(rows.encode_memory(memory)) == memory


def test_q65_a_memory_from_before_it_was_kept_by_sender():
    body = (
        '{"locations":{},"handset_place":{"+31612345678":"DE"},"announced":{},'
        '"last_text":["ab",1793610000000000,100],"unknown_replies":[1793610000000000]}'
    )
    assert rows.decode_memory(body) == Memory(handset_place={"+31612345678": "DE"})
