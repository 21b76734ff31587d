"""The tables of the store, and how an older file becomes a newer one.

`PRAGMA user_version` counts the steps that were applied; each step is a list of statements run in one transaction.
A file from a newer program is refused. SQL stays in the portable subset: no triggers, no rowid meaning.
Instants are integer microseconds since 1970 UTC (business clock); bodies are JSON with a format number.
Must not be put here: queries of the running gateway.
"""

import sqlite3

STEPS: tuple[tuple[str, ...], ...] = (
    (
        # One row: the boot counter that makes ids unique, and the last committed business instant.
        """CREATE TABLE gateway (
            one INTEGER PRIMARY KEY CHECK (one = 1), boot INTEGER NOT NULL, business_now INTEGER NOT NULL,
            log_key BLOB NOT NULL) STRICT""",
        """CREATE TABLE subscription (
            id TEXT PRIMARY KEY, customer TEXT NOT NULL, msisdn TEXT NOT NULL, format INTEGER NOT NULL,
            profile TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
        "CREATE INDEX subscription_customer ON subscription (customer, msisdn)",
        "CREATE INDEX subscription_msisdn ON subscription (msisdn)",
        # What changes with every text or border: apart, so that a profile is not rewritten with it.
        """CREATE TABLE memory (
            subscription TEXT PRIMARY KEY, body TEXT NOT NULL, blocks_made INTEGER NOT NULL)
            STRICT, WITHOUT ROWID""",
        # Whose a number or IMSI was, and when: since 0 = open (the first owner's), until NULL = still.
        """CREATE TABLE number (
            value TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER, subscription TEXT NOT NULL,
            imsi TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (value, since)) STRICT, WITHOUT ROWID""",
        "CREATE INDEX number_subscription ON number (subscription)",
        # All that begins anew on the 1st; the sums that are listed or checked are columns too.
        """CREATE TABLE period (
            subscription TEXT NOT NULL, period TEXT NOT NULL, format INTEGER NOT NULL, body TEXT NOT NULL,
            charges_ueur INTEGER NOT NULL, volume_bytes INTEGER NOT NULL, tail BLOB,
            PRIMARY KEY (subscription, period)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE block (
            id TEXT PRIMARY KEY, subscription TEXT NOT NULL, reason TEXT NOT NULL, start INTEGER, until INTEGER,
            period TEXT, category TEXT, level INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
        "CREATE INDEX block_subscription ON block (subscription)",
        """CREATE TABLE session (
            subscription TEXT NOT NULL, session TEXT NOT NULL, total_bytes INTEGER NOT NULL,
            used_at INTEGER NOT NULL, PRIMARY KEY (subscription, session)) STRICT, WITHOUT ROWID""",
        # key: a digest of (source, id); digest: of the content. For an event that only counted, trace is what was
        # looked at and previous the one before it in its month: a list that costs no index (period.tail is its head).
        """CREATE TABLE event (
            key BLOB PRIMARY KEY, digest BLOB NOT NULL, at INTEGER NOT NULL, seq INTEGER NOT NULL,
            answer TEXT NOT NULL, trace TEXT NOT NULL, previous BLOB) STRICT, WITHOUT ROWID""",
        """CREATE TABLE ledger (
            subscription TEXT NOT NULL, period TEXT NOT NULL, kind TEXT NOT NULL, level INTEGER NOT NULL,
            version INTEGER NOT NULL, notification TEXT NOT NULL,
            PRIMARY KEY (subscription, period, kind, level, version)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE notification (
            id TEXT PRIMARY KEY, subscription TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL,
            state TEXT NOT NULL, reason TEXT, recipient TEXT NOT NULL, language TEXT NOT NULL, text TEXT,
            parts INTEGER NOT NULL, data_coding INTEGER NOT NULL, created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL, validity_s INTEGER NOT NULL, attempts INTEGER NOT NULL,
            event_source TEXT NOT NULL, event_id TEXT NOT NULL, flow_id TEXT NOT NULL) STRICT, WITHOUT ROWID""",
        "CREATE INDEX notification_subscription ON notification (subscription, seq)",
        """CREATE INDEX notification_active ON notification (subscription, seq)
            WHERE state IN ('pending', 'inflight', 'unknown')""",
        # message_key: what a receipt's id is compared with. reference: the UDH's; umr: user_message_reference.
        """CREATE TABLE part (
            notification TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL, message_id TEXT,
            message_key TEXT, attempts INTEGER NOT NULL, reference INTEGER NOT NULL, umr INTEGER NOT NULL,
            PRIMARY KEY (notification, number)) STRICT, WITHOUT ROWID""",
        "CREATE INDEX part_message_key ON part (message_key) WHERE message_key IS NOT NULL",
        # Receipts that came before the answer they speak of.
        """CREATE TABLE early_receipt (
            key TEXT PRIMARY KEY, state TEXT NOT NULL, error TEXT NOT NULL, at INTEGER NOT NULL)
            STRICT, WITHOUT ROWID""",
        # Parts of long texts to the service number, until the last has come; joined ones stay a while.
        """CREATE TABLE mo_part (
            sender TEXT NOT NULL, destination TEXT NOT NULL, reference INTEGER NOT NULL, total INTEGER NOT NULL,
            number INTEGER NOT NULL, data_coding INTEGER NOT NULL, payload BLOB NOT NULL, at INTEGER NOT NULL,
            joined INTEGER NOT NULL, PRIMARY KEY (sender, destination, reference, total, number))
            STRICT, WITHOUT ROWID""",
        """CREATE TABLE decision (
            subscription TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, decided_at INTEGER NOT NULL,
            body TEXT NOT NULL, PRIMARY KEY (subscription, seq)) STRICT, WITHOUT ROWID""",
        # The audit record of each consent to go on (rules 2.2).
        """CREATE TABLE consent (
            block TEXT PRIMARY KEY, subscription TEXT NOT NULL, period TEXT NOT NULL, level INTEGER NOT NULL,
            at INTEGER NOT NULL, charges_ueur INTEGER NOT NULL, rate_ueur_per_mb INTEGER NOT NULL,
            text TEXT NOT NULL, flow_id TEXT NOT NULL) STRICT, WITHOUT ROWID""",
        # Numbers that an erased subscription had, as keyed digests: the next owner's time begins when he gets it.
        "CREATE TABLE tombstone (key BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        """CREATE TABLE policy_push (
            subscription TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL,
            PRIMARY KEY (subscription, seq)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE due (
            at INTEGER NOT NULL, kind TEXT NOT NULL, subscription TEXT NOT NULL,
            PRIMARY KEY (at, kind, subscription)) STRICT, WITHOUT ROWID""",
        # What could not be judged: kept for a person, never tried again by itself.
        """CREATE TABLE quarantine (
            id TEXT PRIMARY KEY, at INTEGER NOT NULL, item TEXT NOT NULL, error TEXT NOT NULL)
            STRICT, WITHOUT ROWID""",
        "INSERT INTO gateway VALUES (1, 0, 0, randomblob(32))",
    ),
    (
        # The states by name: for a list of three SQLite builds a table, at each change of a row, which took as long as
        # all else that happens to a text.
        "DROP INDEX notification_active",
        """CREATE INDEX notification_active ON notification (subscription, seq)
            WHERE state = 'pending' OR state = 'inflight' OR state = 'unknown'""",
    ),
    (
        # Q51: whose border text it is, kept over a restart: the number of a Combi SIM, or '' for the own handset.
        "ALTER TABLE notification ADD COLUMN handset TEXT NOT NULL DEFAULT ''",
        # Which Combi SIM it was is not known of these: they are nobody's, so that no other handset cancels them.
        "UPDATE notification SET handset = '?' WHERE kind = 'border_combi'",
        # Whether something was erased of which copies may still lie between the rows.
        "ALTER TABLE gateway ADD COLUMN scrub_due INTEGER NOT NULL DEFAULT 0",
    ),
    (
        # Events lie in the order in which they were judged, and only their keys, which are random, are spread: a row
        # of 200 octets at a random place dirtied a page of its own, which took longer than all else of an event.
        "ALTER TABLE event RENAME TO event_by_key",
        """CREATE TABLE event (
            seq INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, digest BLOB NOT NULL, at INTEGER NOT NULL,
            answer TEXT NOT NULL, trace TEXT NOT NULL, previous INTEGER) STRICT""",
        """INSERT INTO event SELECT e.seq, e.key, e.digest, e.at, e.answer, e.trace, b.seq
            FROM event_by_key e LEFT JOIN event_by_key b ON b.key = e.previous ORDER BY e.seq""",
        "DROP TABLE event_by_key",
        # The list of a month's counted events is one of seqs now: period.last is its head.
        "ALTER TABLE period ADD COLUMN last INTEGER",
        "UPDATE period SET last = (SELECT seq FROM event WHERE event.key = period.tail) WHERE tail IS NOT NULL",
        "ALTER TABLE period DROP COLUMN tail",
    ),
    (
        # P9: a receipt may tell of a text whose answer was lost.
        "CREATE INDEX notification_unknown ON notification (recipient) WHERE state = 'unknown'",
    ),
    (
        # That a text is under way is said once, by the text: to mark its parts as well took a tenth of its time.
        "UPDATE part SET state = 'pending' WHERE state = 'inflight'",
        "ALTER TABLE part DROP COLUMN attempts",
    ),
)


class NewerStore(Exception):  # noqa: N818 - a fact about the file
    """The file was written by a newer program."""


def migrate(connection: sqlite3.Connection) -> tuple[int, int]:
    """Bring the file to the newest step; returns (from, to). Each step is one transaction (killed: begun anew)."""
    (before,) = connection.execute("PRAGMA user_version").fetchone()
    if before > len(STEPS):
        raise NewerStore(f"store has schema {before}, this program knows up to {len(STEPS)}")
    for number, statements in enumerate(STEPS[before:], start=before + 1):
        connection.execute("BEGIN IMMEDIATE")
        for statement in statements:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    return before, len(STEPS)
