"""The page of a report in a real browser: what it does, who can use it, and that nothing in it runs or loads.

Not collected by `make test`: it needs Debian's chromium and axe-core from npm. `make browser` fetches both.
"""

import shutil

import pytest
from playwright.sync_api import sync_playwright

from simulator.reports.page import document
from tests.browser import axe
from tests.simulator.sample_report import HOSTILE, dutch, failed, report, undecided

CHROMIUM = shutil.which("chromium") or "chromium"
SIZES = {"desktop": (1280, 900), "narrow": (360, 740)}


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        # In a container there is no namespace to build the sandbox with; the page is ours.
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "index.html"
    cases = (dutch(), failed(), undecided(), dutch(number=4, name="Nog een", tags=("@G8",), rules=("G8",)))
    file.write_text(document(report(*cases)), encoding="utf-8")
    return file


@pytest.fixture
def visit(browser, path):
    """Opens the page; complaints of the browser, scripts that fail and whatever it asks of a network end the test."""
    contexts, asked = [], []

    def _visit(anchor="", *, size="desktop", **options):
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: asked.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: asked.append(str(error)))
        page.on("dialog", lambda dialog: asked.append(f"dialog: {dialog.message}"))
        page.on(
            "request", lambda request: asked.append(request.url) if request.url[:5] not in ("file:", "data:") else 0
        )
        page.goto(path.as_uri() + anchor)
        return page

    yield _visit
    for context in contexts:
        context.close()
    assert asked == []


def shown(page):
    """The scenarios that can be seen."""
    return [one.get_attribute("id") for one in page.locator("details.s").all() if one.is_visible()]


# --- what it does


def test_the_verdict_is_seen_without_scrolling(visit):
    page = visit()
    assert page.locator("h1").is_visible()
    assert page.locator("h1").bounding_box()["y"] < 300
    assert page.title().startswith("✗")


@pytest.mark.parametrize("anchor", ["#s1", "#s1.3", "#s4", "#Q7"])
def test_a_link_opens_what_it_leads_to(visit, anchor):
    page = visit(anchor)
    target = page.locator(f'[id="{anchor[1:]}"]')
    target.wait_for(state="visible")
    assert target.evaluate("one => !one.closest('details') || one.closest('details').open")


def test_a_link_leads_to_what_was_filtered_away(visit):
    page = visit()
    page.fill("input[name=q]", "silence")
    assert shown(page) == ["s2"]
    page.locator('#coverage a[href="#s1"]').first.click()
    page.locator("#s1").wait_for(state="visible")
    assert page.input_value("input[name=q]") == ""


def test_scenarios_are_found_by_words_state_and_tag(visit):
    page = visit()
    everything = ["s1", "s4", "s3", "s2"]
    assert shown(page) == everything
    page.fill("input[name=q]", "80% VAN je")
    assert shown(page) == ["s1", "s4"]
    assert page.locator("output").inner_text() == "2 van 4 scenario's"
    page.select_option("select[name=t]", "@G8")
    assert shown(page) == ["s4"]
    page.fill("input[name=q]", "")
    page.select_option("select[name=t]", "")
    page.select_option("select[name=s]", "no")
    assert shown(page) == ["s2"]
    assert [one.inner_text() for one in page.locator(".fe > h3").all() if one.is_visible()] == ["Silence 1 scenario"]
    page.select_option("select[name=s]", "")
    assert shown(page) == everything
    assert page.locator("output").inner_text() == ""


def test_all_are_opened_and_closed(visit):
    page = visit()
    page.locator("button[data-do=open]").click()
    assert all(one.evaluate("one => one.open") for one in page.locator("details.s").all())
    page.locator("button[data-do=close]").click()
    assert not any(one.evaluate("one => one.open") for one in page.locator("details.s").all())


def test_a_keyboard_is_enough(visit):
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("tag/er")
    assert page.input_value("input[name=q]") == "tag/er"
    page.fill("input[name=q]", "")
    page.locator("#s1 > summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#s1").evaluate("one => one.open")
    page.locator("#s1 .i details summary").focus()
    page.keyboard.press("Space")
    assert page.locator("#s1 .i details ul").is_visible()


def test_without_a_script_the_page_is_whole(visit):
    page = visit("#s1", java_script_enabled=False)
    assert not page.locator("#filter").is_visible()
    assert page.locator("#s1 > summary").is_visible()
    page.locator("#s1 > summary").click()
    assert len(page.locator("#failures li").all()) == 2


# --- what a stranger wrote


def test_a_hostile_text_is_seen_as_it_was_written(visit):
    page = visit("#s2")
    assert page.locator("#s2 bdi").inner_text().startswith("</p></details><script>alert(1)</script>")
    assert HOSTILE[:20] in page.locator("#s2 > summary").inner_text()


def test_nothing_can_be_made_to_run_or_load(visit, browser, path):
    del visit
    page = browser.new_page()
    page.goto(path.as_uri())
    broken = []
    page.on("console", lambda message: broken.append(message.text))
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            const image = document.createElement("img");
            image.src = "http://127.0.0.1:9/x.png";
            document.body.append(image);
            document.body.insertAdjacentHTML("beforeend", "<p style='color: red' onclick='window.ran = true'>x</p>");
            document.body.lastElementChild.click();
        }"""
    )
    page.wait_for_function("() => document.images[0].complete")
    assert page.evaluate("window.ran") is None
    assert sum("Content Security Policy" in one for one in broken) >= 4
    page.close()


# --- who can use it


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
def test_axe_finds_nothing(visit, scheme, size):
    page = visit(size=size, color_scheme=scheme)
    found = axe.looked_at(page)
    assert axe.told(found) == []
    assert len(found["passes"]) > 20


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_runs_over_the_side(visit, size, scheme):
    page = visit("#s2", size=size, color_scheme=scheme)
    page.locator("button[data-do=open]").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_reader_s_colours_are_kept_to(visit, scheme):
    page = visit(color_scheme=scheme)
    channels = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (sum(channels) > 600) == (scheme == "light")


def test_on_paper_there_is_no_filter_and_no_menu(visit):
    page = visit()
    page.emulate_media(media="print")
    assert not page.locator("#filter").is_visible()
    assert not page.locator("nav").is_visible()
    assert page.locator("h1").is_visible()
    assert len(page.pdf()) > 10_000


def test_names_of_states_are_heard_and_not_only_seen(visit):
    page = visit()
    marks = page.evaluate(
        "[...document.querySelectorAll('.s > summary')].map((one) => getComputedStyle(one, '::before').content)"
    )
    assert [one.split("/")[1].strip(' "') for one in marks] == ["geslaagd:", "geslaagd:", "open vraag:", "failed:"]
