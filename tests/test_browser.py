"""A report as its reader has it: a file on disk, opened in Chromium, online or not, on paper or on a phone."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FOUND = next(filter(None, map(shutil.which, BROWSERS)), None)
pytestmark = pytest.mark.skipif(FOUND is None, reason=f"none of {', '.join(BROWSERS)} is installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=FOUND, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(params=[1280, 390], ids=["desk", "phone"])
def opened(browser: Any, made_site: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The matrix report, with all that it asked for and complained of in `page.told`."""
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    page = context.new_page()
    page.told = []
    page.on("console", lambda message: page.told.append(message.text))
    page.on("pageerror", lambda error: page.told.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith("file:") else page.told.append(asked.url))
    page.goto((made_site / "reports" / "matrix.html").as_uri())
    yield page
    context.close()


def test_a_cell_opens_to_its_quote(opened: Any) -> None:
    quote = opened.locator(".sb-pop").first
    assert not quote.is_visible()
    opened.locator(".sb-cell").first.click()
    assert quote.is_visible()
    assert "Ann Lee said yes" in quote.inner_text()
    opened.keyboard.press("Escape")
    assert not quote.is_visible()


def test_charts_are_drawn_without_a_request_or_a_complaint(opened: Any) -> None:
    opened.wait_for_selector(".js-plotly-plot .bars path")
    assert opened.locator(".js-plotly-plot").count() == opened.locator("figure.chart").count() == 1
    assert opened.evaluate("typeof hostile") == "undefined"
    assert opened.told == []


def test_the_page_does_not_overflow(opened: Any) -> None:
    opened.wait_for_selector(".js-plotly-plot .bars path")
    width = opened.viewport_size["width"]
    assert opened.evaluate("document.documentElement.scrollWidth") <= width


def test_code_is_one_click_away_and_all_of_it_another(opened: Any) -> None:
    code = opened.locator("details.code pre").first
    assert not code.is_visible()
    opened.get_by_label("Show all code").check()
    assert code.is_visible()
    opened.get_by_label("Show all code").uncheck()
    opened.locator("details.code summary").first.click()
    assert code.is_visible()


def test_it_reads_without_javascript(browser: Any, made_site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((made_site / "reports" / "matrix.html").as_uri())
    page.locator(".sb-cell").first.click()
    assert page.locator(".sb-pop").first.is_visible()
    assert page.locator("noscript .note").is_visible()
    assert not page.locator("figure.chart").is_visible()
    context.close()


def test_paper_shows_the_evidence_and_no_buttons(browser: Any, made_site: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto((made_site / "reports" / "matrix.html").as_uri())
    assert page.locator(".sb-pop").first.is_visible()
    assert not page.get_by_role("navigation").first.is_visible()
    assert not page.locator("details.code").first.is_visible()
    context.close()


def test_the_index_leads_to_every_report(browser: Any, made_site: Path) -> None:
    page = browser.new_page()
    page.goto((made_site / "reports" / "index.html").as_uri())
    links = [link.get_attribute("href") for link in page.locator("main a").all()]
    assert links == ["matrix.html", "corpus.html"]
    page.get_by_role("link", name="What was coded").click()
    assert page.title() == "What was coded – Stancebook"
    page.close()
