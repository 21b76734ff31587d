"""What must hold when a test is over, whatever it looked at: strict by default, as scenarios are.

Every text was looked at, every armed fault struck, the log holds no error that the test did not speak of, the
gateway lives and spoke proper SMPP, and each text is the one that the gateway says it sent.

Not here: how pytest is told (hooks.py).
"""

from collections.abc import Iterator

from simulator.plugin.outcome import Message
from simulator.plugin.stage import Stage
from simulator.plugin.watching import GatewayLog


def unmet(stage: Stage, *, armed: bool = True) -> str:
    """The first thing that does not hold, headline first; "" when all does. `armed`: faults must have struck."""
    return next(_unmet(stage, armed=armed), "")


def _unmet(stage: Stage, *, armed: bool) -> Iterator[str]:
    yield from _died(stage)
    if not stage.lenient:
        yield from _unseen(stage)
    if armed:
        yield from _unfired(stage)
    yield from _errors(stage)
    yield from _bad_smpp(stage)
    yield from _mistaken(stage)


def _died(stage: Stage) -> Iterator[str]:
    child = stage.lent.pair.child
    if not child.is_running and not stage.lent.pair.down:
        yield f"The gateway died, exit code {child.exit_code}\n{child.last_lines()}"


def _unseen(stage: Stage) -> Iterator[str]:
    unseen = [message for message in stage.messages if not message.seen]
    for subscriber in dict.fromkeys(message.subscriber for message in unseen):
        found = [message for message in unseen if message.subscriber is subscriber]
        count = "a text" if len(found) == 1 else f"{len(found)} texts"
        lines = [f"{subscriber.name} got {count} that the test never looked at: {', '.join(map(_name, found))}"]
        lines += [f"    {message.text}" for message in found]
        lines += [
            "  Why: tests are strict: every text must be looked at (.one(), .kinds, the inbox, .last) or cleared",
            "  Add: .clear() behind the act, or @pytest.mark.lenient above the test",
        ]
        yield "\n".join(lines)


def _name(message: Message) -> str:
    return message.kind or "(fits no template)"


def _unfired(stage: Stage) -> Iterator[str]:
    stage.scene.count_told()
    for armed in stage.scene.armed:
        if armed.fault.hits == 0:
            yield f'The fault "{armed.name}" was armed but occurred 0 times: this test proves nothing about it'


def _errors(stage: Stage) -> Iterator[str]:
    log = GatewayLog(stage)
    for line in (line for line in log.lines if line.level == "error" and line.event not in stage.expected_errors):
        hint = f'  Add: gateway_log.expect_error("{line.event}"), if the test is about it'
        yield f"The gateway logged an error that the test does not expect: {line.event}\n    {line!r:.300}\n{hint}"


def _bad_smpp(stage: Stage) -> Iterator[str]:
    complaints = list(stage.world.smsc.complaints)[stage.complaints_start :]
    if complaints:
        yield "\n    ".join(["The gateway spoke no proper SMPP", *complaints[:3]])


def _mistaken(stage: Stage) -> Iterator[str]:
    """The handset and the gateway must agree on what a text is."""
    for message in stage.messages:
        if message.told is not None and message.kind != message.told["kind"]:
            said = message.told["kind"]
            yield f"A text to {message.subscriber.name} reads as {_name(message)}; the gateway says it sent {said}"
