"""All that an operator can get wrong before start, looked at in one go: config, tariff sheet, language files.

`python -m gateway check` and start-up both come by here; neither starts with a fault. A fault in one part does not
hide those of the others: what can still be read is read, with defaults in place of what cannot.
Must not be put here: opening sockets or databases.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway import fitting, tariffs, texts
from gateway.config import DEFAULT_FILE, BadConfig, Config, Fault, policy_of, read
from gateway.settings import PolicySection, ServiceSection, TariffSection, TemplateSection, nearest
from gateway.tariffs import Sheet
from gateway.texts import Texts
from handlers.policy import Policy, Tariffs


@dataclass(frozen=True, slots=True)
class Loaded:
    """All that the gateway is built from, without a fault."""

    config: Config
    sheet: Sheet
    policy: Policy
    texts: Texts

    @property
    def tariffs(self) -> Tariffs:
        return self.sheet.tariffs


def check(config_path: Path | None, environ: Mapping[str, str], *, every_place: bool = False) -> Loaded:
    """Load everything; raises `BadConfig` with every fault there is.

    Without a path it is config.toml in the working folder. Texts are tried with the longest values; `every_place`
    tries each place of the sheet instead of the one with the longest name.
    """
    reading = read(config_path or DEFAULT_FILE, environ)
    faults = list(reading.faults)
    service = reading.sections.get("service", ServiceSection())
    rules = reading.sections.get("policy", PolicySection())
    sheet_file = reading.sections.get("tariffs", TariffSection()).file
    folder = reading.sections.get("templates", TemplateSection()).folder
    try:
        sheet = tariffs.load(Path(sheet_file) if sheet_file else tariffs.PACKAGED, gb_bytes=rules.gb_bytes)
    except BadConfig as bad:
        faults += bad.faults
        # The texts are judged all the same, against the sheet that is known to be whole.
        sheet = tariffs.load(tariffs.PACKAGED, gb_bytes=rules.gb_bytes)
    policy = policy_of(service, rules, sheet.tariffs)
    try:
        loaded = Texts.load(Path(folder) if folder else texts.PACKAGED, sheet, policy)
    except BadConfig as bad:
        raise BadConfig(faults + bad.faults) from bad
    faults += fitting.faults(loaded, sheet, policy, every_place=every_place)
    if service.language not in loaded.languages:
        spoken = ", ".join(loaded.languages) + nearest(service.language, dict.fromkeys(loaded.languages))
        faults.append(Fault(str(reading.path), "service.language", f'"{service.language}"', f"one of {spoken}"))
    if faults:
        raise BadConfig(faults)
    return Loaded(reading.config(), sheet, policy, loaded)


def format_faults(faults: list[Fault]) -> str:
    """One line a fault, then how many: what `check` prints and what a refused start says."""
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return "\n".join([*map(str, faults), count])
