"""aiosmpplib's ESME as the ESME under test, as its documents have it: a hook, a broker, `start`.

    python -m tests.torture.peers.aiosmpplib_client --port {port} …

What the documents leave to the application is here: it answers a text with a text, and puts a text that was refused
for now back into the broker. The library comes back by itself.
"""

import argparse
import asyncio
import itertools
import signal

from aiosmpplib import (
    ESME,
    NPI,
    TON,
    AbstractHook,
    DeliverSm,
    PhoneNumber,
    SmppCommandStatus,
    StructuredLogger,
    SubmitSm,
    SubmitSmResp,
)
from aiosmpplib.retrytimer import SimpleExponentialBackoff
from aiosmpplib.throttle import SimpleThrottleHandler

REPLY = "Codes: BERICHT, INFO, LIMIET"
LATER = (SmppCommandStatus.ESME_RTHROTTLED, SmppCommandStatus.ESME_RMSGQFUL)
RETRY_S = 0.2
RECONNECT_MIN_MS = 50


class Hook(AbstractHook):
    """The application; `esme` is set once it is there."""

    def __init__(self, options):
        self.options = options
        self.esme = None
        self.texts = {}
        self.count = itertools.count(1)

    async def sending(self, smpp_message, pdu, client_id):
        """Nothing to do before a message leaves."""

    async def received(self, smpp_message, pdu, client_id):  # noqa: ARG002 - the library gives them
        if isinstance(smpp_message, SubmitSmResp):
            number = self.texts.pop(smpp_message.log_id, None)
            if number is not None and smpp_message.command_status in LATER:
                asyncio.get_running_loop().call_later(RETRY_S, self.reply_soon, number)
        elif isinstance(smpp_message, DeliverSm) and not smpp_message.is_receipt():
            await self.reply(smpp_message.source.number)

    async def send_error(self, smpp_message, error, client_id):
        """An answer that never came is not asked for again."""

    async def reply(self, number):
        log_id = str(next(self.count))
        self.texts[log_id] = number
        message = SubmitSm(
            short_message=REPLY,
            source=PhoneNumber(self.options.service_number, ton=TON.NETWORK_SPECIFIC, npi=NPI.UNKNOWN),
            destination=PhoneNumber(number, ton=TON.INTERNATIONAL, npi=NPI.ISDN),
            log_id=log_id,
        )
        await self.esme.broker.enqueue(message)

    def reply_soon(self, number):
        self.again.create_task(self.reply(number))


async def run(options):
    hook = Hook(options)
    doublings = max(0, round(options.reconnect_max_s * 1000 / RECONNECT_MIN_MS).bit_length() - 1)
    logger = StructuredLogger("throttle", "ERROR", {})
    hook.esme = ESME(
        smsc_host=options.host,
        smsc_port=options.port,
        system_id=options.system_id,
        password=options.password,
        hook=hook,
        enquire_link_interval=options.enquire_link_s,
        socket_timeout=options.response_timeout_s,
        retry_timer=SimpleExponentialBackoff(RECONNECT_MIN_MS, doublings),
        throttle_handler=SimpleThrottleHandler(logger, sampling_period=RETRY_S, throttle_wait=RETRY_S),
        log_level="ERROR",
    )
    async with asyncio.TaskGroup() as hook.again:
        running = hook.again.create_task(hook.esme.start())
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        running.add_done_callback(lambda _task: stop.set())
        await stop.wait()
        await hook.esme.stop()
        running.cancel()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--system-id", default="gateway")
    parser.add_argument("--password", default="secret")
    parser.add_argument("--service-number", default="1330")
    parser.add_argument("--response-timeout-s", type=float, default=1.0)
    parser.add_argument("--enquire-link-s", type=float, default=1.5)
    parser.add_argument("--reconnect-max-s", type=float, default=0.5)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
