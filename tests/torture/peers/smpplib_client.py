"""smpplib's client as the ESME under test, as its documents have it: handlers, a bind, `listen`.

    python -m tests.torture.peers.smpplib_client --port {port} …

What the documents leave to the application is here: it answers a text with a text, tells receipts from texts, and
binds anew, ever more slowly, after whatever `listen` raised. Nothing of the library is changed.
"""

import argparse
import contextlib
import signal
import sys
import time

import smpplib.client
import smpplib.consts
import smpplib.exceptions

REPLY = b"Codes: BERICHT, INFO, LIMIET"
RECEIPT_TYPES = 0x3C
RECONNECT_MIN_S = 0.05


class Esme:
    def __init__(self, options):
        self.options = options
        # A silent link is probed when the socket's timeout runs out.
        self.client = smpplib.client.Client(
            options.host, options.port, timeout=options.enquire_link_s, allow_unknown_opt_params=True
        )
        self.client.set_message_received_handler(self.on_message)
        self.client.set_message_sent_handler(lambda **_: None)

    def on_message(self, pdu):
        if pdu.command == "deliver_sm" and not pdu.esm_class & RECEIPT_TYPES:
            self.client.send_message(
                source_addr_ton=smpplib.consts.SMPP_TON_NWSPEC,
                source_addr=self.options.service_number,
                dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
                dest_addr_npi=smpplib.consts.SMPP_NPI_ISDN,
                destination_addr=pdu.source_addr.decode(),
                short_message=REPLY,
                registered_delivery=1,
            )
        return smpplib.consts.SMPP_ESME_ROK

    def run(self):
        """One session, from connect to whatever ended it; whether it was bound."""
        bound = False
        try:
            self.client.connect()
            self.client.bind_transceiver(system_id=self.options.system_id, password=self.options.password)
            bound = True
            self.client.listen()
        except Exception as error:  # noqa: BLE001 - whatever the library raises, the application goes on
            print(f"{type(error).__name__}: {error}", flush=True)  # noqa: T201 - the suite keeps its last lines
        finally:
            self.client.disconnect()
        return bound

    def keep_running(self):
        pause_s = RECONNECT_MIN_S
        while True:
            bound = self.run()
            pause_s = RECONNECT_MIN_S if bound else min(2 * pause_s, self.options.reconnect_max_s)
            time.sleep(pause_s)

    def stop(self, *_):
        with contextlib.suppress(smpplib.exceptions.PDUError, smpplib.exceptions.ConnectionError, OSError):
            self.client.unbind()
        sys.exit(0)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--system-id", default="gateway")
    parser.add_argument("--password", default="secret")
    parser.add_argument("--service-number", default="1330")
    parser.add_argument("--enquire-link-s", type=float, default=1.5)
    parser.add_argument("--reconnect-max-s", type=float, default=0.5)
    esme = Esme(parser.parse_args())
    signal.signal(signal.SIGTERM, esme.stop)
    esme.keep_running()


if __name__ == "__main__":
    main()
