"""Receipts that are the last word of a text are taken together; what comes of them is what comes of each alone."""

import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.store.batch import Batch
from tests.gateway.store.bench import NUMBER, OTHER, Bench

TEXTS = ("HELP", "INFO", "LIMIET", "BERICHT")
IDS = ("1f", "001F", "31", "7")  # one id in two spellings, what it is in decimal, another
SENDERS = st.sampled_from((NUMBER, OTHER))
ANSWERS = st.tuples(
    st.just("answer"), SENDERS, st.sampled_from(("accepted", "accepted", "failed")), st.sampled_from(IDS)
)
RECEIPTS = st.tuples(
    st.just("receipt"), SENDERS, st.sampled_from(("delivered", "failed", "expired", "")), st.sampled_from(IDS)
)
STEPS = st.lists(st.lists(st.one_of(ANSWERS, RECEIPTS, RECEIPTS), max_size=6), max_size=8)


class Nothing(dict):
    """Remembers none, so that each receipt is looked up by itself."""

    def __setitem__(self, key, value):
        pass

    def __ior__(self, other):
        return self


def played(bench, steps):
    """What the store holds of texts and parts after these batches, and what was told."""
    bench.open().apply(bench.put(NUMBER), bench.put(OTHER))
    bench.apply(*(bench.text(text, sender) for text in TEXTS for sender in (NUMBER, OTHER)))
    flying = {}
    for step in ([], *steps):
        items = []
        for kind, sender, what, one in step:
            if kind == "receipt":
                items.append(bench.receipt(one, what, recipient=sender))
            elif (send := flying.pop(sender, None)) is not None:
                items += bench.answers(send, what, one, reason="" if what == "accepted" else "ESME_RINVDSTADR")
        flying |= {send.recipient: send for send in bench.apply(*items, slots=64).sends}
    rows = (
        bench.sql("SELECT id, state, reason FROM notification ORDER BY seq"),
        bench.sql("SELECT notification, state, message_id, message_key FROM part ORDER BY notification"),
        bench.sql("SELECT state, error FROM early_receipt ORDER BY key"),
    )
    return rows, bench.facts


@pytest.fixture(scope="module")
def play(loaded, runner):
    def _play(steps):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "gateway.db"
            with closing(Bench(path, loaded, runner)) as bench:
                return played(bench, steps)

    return _play


@settings(deadline=None, max_examples=60)
@given(steps=STEPS)
def test_together_or_each_alone(play, steps):
    together = play(steps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Batch, "standing", property(lambda _: Nothing(), lambda _, __: None), raising=False)
        assert play(steps) == together


def test_answer_and_receipt_of_one_batch(play):
    rows, facts = play([[("answer", NUMBER, "accepted", "1f"), ("receipt", NUMBER, "delivered", "001F")]])
    assert rows[0][0][1:] == ("delivered", None)
    assert rows[1][0][1:] == ("delivered", "1f", "1f")
    (told,) = [fields for name, fields in facts if name == "mt.delivered"]
    assert (told["dlr_stat"], told["flow_id"], told["msisdn"]) == ("DELIVRD", "f-2", NUMBER)
