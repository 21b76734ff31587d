"""TLS to the SMSC: one context from the files that the configuration names, and what is wrong with them.

Rules of this module:
* The SMSC's certificate and its name are verified unless the operator has said no; TLS 1.2 is the least.
* A file is judged by loading it, before anything starts. Nobody is asked for a passphrase: the service has no one.

Must not be put here: sockets, when to connect (`connection`).
"""

import ssl
from collections.abc import Iterator
from pathlib import Path

from gateway.smpp.settings import SmppSettings


def client_context(
    ca_file: str = "", cert_file: str = "", key_file: str = "", *, verify: bool = True
) -> ssl.SSLContext:
    """What a client needs: whom to trust ("" is the system's certificates) and, if asked for, who it is itself.

    `key_file` may be "" where `cert_file` holds the key too. Raises OSError (ssl.SSLError is one).
    """
    # create_default_context verifies chain and name, and offers no less than TLS 1.2
    context = ssl.create_default_context(cafile=ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert_file:
        context.load_cert_chain(cert_file, key_file or None, password=lambda: "")
    return context


class Tls:
    """The context for the next connection. Certificates that were renewed count from then on."""

    def __init__(self, settings: SmppSettings) -> None:
        self._files = (settings.tls_ca_file, settings.tls_cert_file, settings.tls_key_file)
        self._verify = settings.tls_verify
        self._context: ssl.SSLContext | None = None
        self._read_at: tuple[int, ...] = ()

    def context(self) -> ssl.SSLContext:
        """Raises OSError where a file can no longer be used."""
        changed_at = tuple(Path(path).stat().st_mtime_ns for path in self._files if path)
        if self._context is None or changed_at != self._read_at:
            self._context = client_context(*self._files, verify=self._verify)
            self._read_at = changed_at
        return self._context


def broken_files(ca_file: str, cert_file: str, key_file: str) -> Iterator[tuple[str, str, str]]:
    """What cannot be used: (which of ca, cert and key, what was found, what is allowed)."""
    files = (("ca", ca_file), ("cert", cert_file), ("key", key_file))
    missing = [(which, path, "a file that exists") for which, path in files if path and not Path(path).is_file()]
    if missing:
        yield from missing
        return
    if ca_file:
        try:
            client_context(ca_file)
        except OSError:
            yield "ca", ca_file, "a file of certificates in PEM"
    if cert_file:
        try:
            client_context(cert_file=cert_file, key_file=key_file)
        except OSError as error:
            yield "cert", cert_file, f"a certificate in PEM and its key without a passphrase ({reason_of(error)})"


def reason_of(error: BaseException) -> str:
    """Why there is no connection, in a few words: what the certificate lacks rather than that it failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate refused, {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        # only what OpenSSL raised itself has a reason
        return f"TLS failed, {(getattr(error, 'reason', '') or type(error).__name__).lower().replace('_', ' ')}"
    return type(error).__name__
