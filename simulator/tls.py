"""TLS for the SMSC's listener: one context from PEM files, each fault told with the file it is in.

Not here: the socket (smsc.py).
"""

import ssl
from pathlib import Path


class BadCertificate(ValueError):  # noqa: N818 - whose fault it is
    """A file can not be used; the message names it."""


def server_context(
    cert_file: Path, key_file: Path | None = None, client_ca_file: Path | None = None
) -> ssl.SSLContext:
    """What the listener shows, and whom it asks for a certificate: nobody without `client_ca_file`. The key may stand
    in `cert_file`. BadCertificate when a file is missing, is no PEM, or wants a passphrase.
    """
    for path in (cert_file, key_file, client_ca_file):
        if path is not None and not path.is_file():
            raise BadCertificate(f"{path}: there is no such file")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # Nobody is there to type a passphrase.
        context.load_cert_chain(cert_file, key_file, password=lambda: "")
    except OSError as error:
        raise BadCertificate(
            f"{cert_file}: no certificate in PEM with its key, without a passphrase ({_reason(error)})"
        ) from None
    if client_ca_file is not None:
        try:
            context.load_verify_locations(client_ca_file)
        except OSError as error:
            raise BadCertificate(f"{client_ca_file}: no certificates in PEM ({_reason(error)})") from None
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _reason(error: OSError) -> str:
    named = getattr(error, "reason", "") or str(error) or type(error).__name__
    return str(named).lower().replace("_", " ")
