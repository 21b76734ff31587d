"""TLS on the SMSC's port, and what is said of files that can not be used."""

import asyncio
import contextlib
import ssl
from pathlib import Path

import pytest

from simulator.tls import BadCertificate, server_context

FILES = Path(__file__).parents[1] / "gateway" / "smpp" / "certificates"


def client(*, certificate=False):
    context = ssl.create_default_context(cafile=FILES / "ca.pem")
    if certificate:
        context.load_cert_chain(FILES / "gateway.crt", FILES / "gateway.key")
    return context


async def connected(world, context):
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", world.smsc.port, ssl=context, server_hostname="smsc.test"
    )
    peer = world.peer_of(reader, writer)
    await peer.bind()
    return peer


def test_an_esme_binds_and_texts_over_tls(bench, run):
    async def story():
        got = []
        async with bench(tls=server_context(FILES / "smsc.pem"), on_delivered=got.append) as world:
            peer = await connected(world, client())
            assert (await peer.submit(b"hi")).status == 0
            assert [message.submit.short_message for message in got] == [b"hi"]
            (session,) = world.smsc.bound_sessions
            assert session.peer.startswith("127.0.0.1:")

    run(story())


def test_only_who_shows_a_certificate_comes_in_when_one_is_asked_for(bench, run):
    async def story():
        async with bench(tls=server_context(FILES / "smsc.pem", None, FILES / "ca.pem")) as world:
            await connected(world, client(certificate=True))
            # TLS 1.3 refuses a client after its handshake, so the refusal shows at the first read.
            with pytest.raises((ssl.SSLError, ConnectionError, AttributeError)):
                await connected(world, client())
            assert len(world.smsc.bound_sessions) == 1

    run(story())


def test_who_speaks_no_tls_harms_nobody(bench, run):
    async def story():
        async with bench(tls=server_context(FILES / "smsc.pem")) as world:
            plain = await world.peer()
            plain.send("enquire_link")
            with contextlib.suppress(ConnectionResetError):
                # At most an alert (RFC 8446 §6), and then the end.
                assert (await plain.reader.read())[:1] in (b"", b"\x15")
            peer = await connected(world, client())
            assert (await peer.submit()).status == 0

    run(story())


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (("none.pem",), r"none\.pem: there is no such file"),
        (("smsc.pem", "none.key"), r"none\.key: there is no such file"),
        (("README.md",), r"README\.md: no certificate in PEM with its key"),
        (("gateway.crt",), r"gateway\.crt: no certificate in PEM with its key"),
        (("gateway.crt", "locked.key"), "without a passphrase"),
        (("gateway.crt", "gateway.key", "README.md"), r"README\.md: no certificates in PEM"),
    ],
)
def test_files_that_can_not_be_used_are_named(files, told):
    with pytest.raises(BadCertificate, match=told):
        server_context(*(FILES / name for name in files))
