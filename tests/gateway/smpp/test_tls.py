"""TLS to the SMSC: whom it trusts, whom it leaves, and what it says of a file that cannot be used."""

import ssl
from pathlib import Path

import pytest

from gateway.smpp.pdu import Pdu
from gateway.smpp.session_events import Bound, DeliveryReceived
from gateway.smpp.settings import SmppSettings
from gateway.smpp.tls import Tls, broken_files, client_context, reason_of
from tests.gateway.smpp.scripted import DELIVER, Owner, Smsc, played, running

FILES = Path(__file__).parent / "certificates"
CA, OTHER_CA, LOCKED = (str(FILES / name) for name in ("ca.pem", "other_ca.pem", "locked.key"))
CERT, KEY, SMSC = (str(FILES / name) for name in ("gateway.crt", "gateway.key", "smsc.pem"))
TRUSTED = {"tls": True, "tls_ca_file": CA, "tls_server_name": "smsc.test"}


def smsc_context(*, asks=False, names=None):
    """The SMSC's side; `asks` for a certificate of ours, `names` takes down the SNI."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(SMSC)
    if asks:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(CA)
    if names is not None:
        context.sni_callback = lambda _socket, name, _context: names.append(name)
    return context


# ------------------------------------------------------------------------------------------------ on the wire
def test_a_text_over_tls_with_the_name_in_the_hello():
    names = []

    async def conversation():
        async with running(smsc_tls=smsc_context(names=names), **TRUSTED) as (owner, smsc):
            link = await smsc.accepts()
            await link.binds(DELIVER)
            await owner.gets(Bound)
            assert (await owner.gets(DeliveryReceived)).pdu == DELIVER
            assert link.transport.get_extra_info("ssl_object").version() in ("TLSv1.2", "TLSv1.3")
            assert (await owner.logs("smpp.bound"))["system_id"] == "SMSC"

    played(conversation)
    assert names == ["smsc.test"]


def test_the_smsc_sees_who_we_are():
    async def conversation():
        own = {"tls_cert_file": CERT, "tls_key_file": KEY}
        async with running(smsc_tls=smsc_context(asks=True), **TRUSTED, **own) as (owner, smsc):
            link = await smsc.accepts()
            await link.binds()
            await owner.gets(Bound)
            subject = link.transport.get_extra_info("peercert")["subject"]
            assert subject == ((("commonName", "gateway.test"),),)

    played(conversation)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"tls": True, "tls_ca_file": CA}, "IP address mismatch"),
        ({**TRUSTED, "tls_server_name": "other.test"}, "Hostname mismatch"),
        ({**TRUSTED, "tls_ca_file": OTHER_CA}, "unable to get local issuer"),
        ({"tls": True, "tls_server_name": "smsc.test"}, "unable to get local issuer"),  # the system's certificates
    ],
)
def test_a_certificate_that_is_not_the_smscs_gets_no_password(settings, why):
    async def conversation():
        async with running(smsc_tls=smsc_context(), **settings) as (owner, smsc):
            for attempt in (1, 2):
                fields = await owner.logs("smpp.bind_failed")
                assert fields["attempt"] == attempt
                assert fields["status"].startswith("certificate refused, ")
                assert why in fields["status"]
                assert fields["status"].endswith(f" at 127.0.0.1:{owner.esme.settings.port}")
            assert smsc.links.empty()
            assert owner.events.empty()

    played(conversation)


def test_it_is_taken_when_it_becomes_the_smscs():
    async def conversation():
        wrong = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        wrong.load_cert_chain(CERT, KEY)
        smsc = Smsc()
        port = await smsc.listen(tls=wrong)
        smsc.server.close()
        await smsc.server.wait_closed()
        async with running(smsc_tls=smsc_context(), **TRUSTED, reconnect_max_s=0.01) as (owner, smsc):
            connection = owner.connection
            good, connection.settings = connection.settings, SmppSettings(**TRUSTED, port=port)
            assert good.port != port
            await owner.logs("smpp.bind_failed")
            connection.settings = good
            connection._back_off_s = lambda: 0.001
            await (await smsc.accepts()).binds()
            await owner.gets(Bound)

    played(conversation)


def test_any_certificate_will_do_where_the_operator_says_so():
    async def conversation():
        async with running(smsc_tls=smsc_context(), tls=True, tls_verify=False) as (owner, smsc):
            await (await smsc.accepts()).binds()
            await owner.gets(Bound)

    played(conversation)


def test_renewed_certificates_count_from_the_next_connection(tmp_path):
    own = tmp_path / "ca.pem"

    async def conversation():
        async with running(smsc_tls=smsc_context(), **{**TRUSTED, "tls_ca_file": str(own)}) as (owner, smsc):
            link = await smsc.accepts()
            await link.binds()
            await owner.logs("smpp.bound")
            own.unlink()
            link.transport.abort()
            await owner.logs("smpp.unbound")
            assert (await owner.logs("smpp.bind_failed"))["status"].startswith("FileNotFoundError at ")
            renewed.replace(own)
            while not (line := await owner.lines.get())[1]["status"].startswith("certificate refused"):
                assert line[0] == "smpp.bind_failed"

    own.write_bytes(Path(CA).read_bytes())
    renewed = tmp_path / "renewed.pem"
    renewed.write_bytes(Path(OTHER_CA).read_bytes())
    played(conversation)


def test_the_context_is_made_once_while_nothing_changes():
    tls = Tls(SmppSettings(**TRUSTED))
    assert tls.context() is tls.context()


def test_a_peer_without_tls_and_one_that_asks_who_we_are():
    async def conversation():
        async with running(**TRUSTED) as (owner, smsc):
            link = await smsc.accepts()
            link.transport.write(b"\x00\x00\x00\x10\x00\x00\x00\x15\x00\x00\x00\x00\x00\x00\x00\x01")
            assert (await owner.logs("smpp.bind_failed"))["status"].startswith("TLS failed, wrong version number")
        async with running(smsc_tls=smsc_context(asks=True), **TRUSTED) as (owner, _):
            # with TLS 1.3 it is told only after the handshake, by an alert or as the end of the connection
            status = (await owner.logs("smpp.bind_failed"))["status"]
            assert status.startswith("TLS failed, ") or status in ("connection_lost", "ConnectionResetError")
            assert not owner.esme.bound

    played(conversation)


def test_a_connection_that_is_cut_within_a_pdu():
    async def conversation():
        async with running(smsc_tls=smsc_context(), **TRUSTED) as (owner, smsc):
            link = await smsc.accepts()
            await link.binds()
            await owner.gets(Bound)
            link.transport.write(b"\x00\x00\x00\x20\x00\x00")
            link.transport.abort()
            second = await smsc.accepts()
            await second.binds(Pdu("enquire_link", 0, 5))
            await second.hears("enquire_link_resp")

    played(conversation)


# ------------------------------------------------------------------------------------------------ the context
def test_verified_unless_the_operator_says_no():
    context = Tls(SmppSettings(tls=True)).context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    context = Tls(SmppSettings(tls=True, tls_verify=False)).context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)


def test_our_own_authority_is_trusted_instead_of_the_systems():
    (authority,) = client_context(CA).get_ca_certs()
    assert authority["subject"] == ((("commonName", "ca"),),)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (("", "", ""), []),
        ((CA, CERT, KEY), []),
        (("", SMSC, ""), []),  # certificate and key in one file
        ((CA + "x", CERT, KEY + "x"), [("ca", "a file that exists"), ("key", "a file that exists")]),
        ((KEY, "", ""), [("ca", "a file of certificates in PEM")]),
        (("", CERT, ""), [("cert", "without a passphrase")]),
        (("", SMSC, KEY), [("cert", "key values mismatch")]),
        (("", CERT, LOCKED), [("cert", "without a passphrase")]),
        ((KEY, CERT, LOCKED), [("ca", "a file of certificates in PEM"), ("cert", "without a passphrase")]),
    ],
)
def test_what_is_wrong_with_a_file(files, expected):
    found = list(broken_files(*files))
    assert [which for which, _, _ in found] == [which for which, _ in expected]
    for (_, _, allowed), (_, part) in zip(found, expected, strict=True):
        assert part in allowed


def test_reasons():
    assert reason_of(TimeoutError()) == "TimeoutError"
    assert reason_of(ssl.SSLError()) == "TLS failed, sslerror"
    assert Owner().connection._tls is None
