"""axe-core on a page that stands open: who could not use it."""

import os
from pathlib import Path

AXE = Path(os.environ.get("AXE_CORE", "build/browser/node_modules/axe-core")) / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def looked_at(page):
    """What axe says of all of it, with every fold open."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return page.evaluate("(tags) => axe.run(document, { runOnly: tags })", RULES)


def told(found):
    """A line for each element that fails."""
    return [
        f"{one['id']}: {node['html'][:120]} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
