"""The page of a load run in a real browser: seen at once, usable by anybody, and asking for nothing.

Not collected by `make test`: it needs Debian's chromium and axe-core from npm. `make browser` fetches both.
"""

import shutil

import pytest
from playwright.sync_api import sync_playwright

from simulator.load.compare import compare
from simulator.load.page import page as document
from tests.browser import axe
from tests.simulator.load import sample

CHROMIUM = shutil.which("chromium") or "chromium"
SIZES = {"desktop": (1280, 900), "narrow": (360, 740)}
STEP = {"rate": 100.0, "done_per_s": 99.0, "p50_ms": 1.0, "p99_ms": None, "gateway_pct": None}


def whole(verdict):
    """A run with everything that a page can show."""
    run = sample.run(kind="spike", verdict=verdict, slow_second=10, soak=True, p99=100 if verdict == "pass" else 1)
    steps = [STEP | {"ok": True, "broken": []}, STEP | {"ok": False, "broken": ["p99 whole flow < 100 ms: 120 ms"]}]
    run["limit"] = {"steps": steps, "last_good": 100.0, "bottleneck": ["the SMPP window: 60 of 64 in use"]}
    run["comparison"] = compare(run, [sample.run()])
    return document(run, [sample.run()])


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        # In a container there is no namespace to build the sandbox with; the page is ours.
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def visit(browser, tmp_path):
    """Opens a page; whatever the browser complains of or asks of a network ends the test."""
    contexts, asked = [], []

    def _visit(*, verdict="pass", size="desktop", **options):
        path = tmp_path / f"{verdict}.html"
        path.write_text(whole(verdict), encoding="utf-8")
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: asked.append(f"{message.type}: {message.text}"))
        page.on("request", lambda request: asked.append(request.url) if request.url[:5] != "file:" else 0)
        page.goto(path.as_uri())
        return page

    yield _visit
    for context in contexts:
        context.close()
    assert asked == []


@pytest.mark.parametrize("verdict", ["pass", "fail", "invalid"])
def test_the_verdict_is_seen_without_scrolling(visit, verdict):
    page = visit(verdict=verdict)
    assert page.locator(".verdict").inner_text() == verdict.upper()
    assert page.locator("h1").bounding_box()["y"] < 200
    assert page.title().startswith(verdict.upper())


def test_a_flow_opens_by_keyboard(visit):
    page = visit()
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".story").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("verdict", ["pass", "fail", "invalid"])
def test_axe_finds_nothing(visit, scheme, size, verdict):
    page = visit(verdict=verdict, size=size, color_scheme=scheme)
    found = axe.looked_at(page)
    assert axe.told(found) == []
    assert len(found["passes"]) > 15


@pytest.mark.parametrize("size", list(SIZES))
def test_nothing_runs_over_the_side(visit, size):
    page = visit(size=size)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]


def test_it_can_be_printed(visit):
    page = visit()
    page.emulate_media(media="print")
    assert page.locator("h1").is_visible()
    assert len(page.pdf()) > 20_000
