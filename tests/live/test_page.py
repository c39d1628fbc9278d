"""The report's page in a real Chromium, from a file: each control by mouse or keyboard; no request, no error."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from recover.letters.written import Papers
from recover.plugins import registry
from recover.sdk import View
from recover.testing import sample

pytestmark = pytest.mark.nodes
BROWSER = shutil.which("chromium")


@dataclass
class Seen:
    """A page that is open, and what it did on its own."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if BROWSER is None:
        why = "chromium is not here: install it from the system's archive"
        if os.environ.get("RECOVER_REQUIRE_NODES") == "1":
            pytest.fail(f"RECOVER_REQUIRE_NODES=1, and {why}", pytrace=False)
        pytest.skip(f"NOT RUN IN A BROWSER: {why}")
    with sync_playwright() as play:
        # The sandbox needs rights that a container of tests has not.
        opened = play.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def view() -> View:
    """The sample, with one route of two hops to its first off-ramp."""
    found = sample.view()
    ramp = found.offramps[0]
    same: dict[str, Any] = {
        "asset": ramp.asset,
        "loss": "L1",
        "through": ramp.through,
        "service": ramp.service,
        "way": "both",
    }
    same |= {"ended": "600", "hops": 2, "history": "whole", "least": "600", "moved": "600", "traced": "600"}
    same |= {"balance": "700", "left": "100", "inputs": None, "time": ramp.first, "remains": "[]", "began": "[]"}
    same["over"] = ""
    same |= {"held": '[["L1","700"]]', "taken": '[["L1","600"]]'}
    hops = [{**same, "hop": n, "seq": 900 + n, "tx": f"{n}" * 64, "src": "a", "dst": "b"} for n in (1, 2)]
    return replace(found, tables={**found.tables, "routes": lambda: pa.Table.from_pylist(hops)})


def written(view: View, folder: Path) -> str:
    path = folder / "report.html"
    papers = Papers(view, list(registry.load().templates.values())).every()
    path.write_bytes(next(data for name, data in papers if name == "report.html"))
    return path.as_uri()


@pytest.fixture(scope="module")
def file(view: View, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    written(view, folder)
    return folder / "report.html"


@pytest.fixture(params=[1280, 420])
def seen(request: pytest.FixtureRequest, browser: Any, file: Path) -> Iterator[Seen]:
    context = browser.new_context(viewport={"width": request.param, "height": 800})
    here = Seen(context.new_page())
    here.page.on("console", lambda line: here.said.append(line.text))
    here.page.on("pageerror", lambda error: here.said.append(str(error)))
    here.page.on("request", lambda asked: here.asked.append(asked.url))
    here.page.goto(file.as_uri())
    here.page.wait_for_selector(".tools")
    yield here
    wide = here.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    context.close()
    assert here.said == []
    assert here.asked == [file.as_uri()]
    assert wide <= 0, "the page is wider than the window"


def select(page: Page, name: str) -> Any:
    return page.get_by_role("toolbar").get_by_label(name, exact=True)


def test_search_by_keyboard_goes_from_place_to_place(seen: Seen) -> None:
    page = seen.page
    page.keyboard.press("/")
    page.keyboard.type("unlabelled hub")
    # The page searches at each key: what the first letters find is there before the whole is typed.
    page.wait_for_selector(".hit.current")
    expect(page.locator(".hit:not(:has-text('unlabelled hub'))")).to_have_count(0)
    found = int(re.findall(r"of (\d+)", page.inner_text(".count"))[0])
    assert found == page.locator(".hit").count() > 0
    for place in page.locator(".hit").all_text_contents():
        assert "unlabelled hub" in place.lower()
    page.keyboard.press("Enter")
    expect(page.locator(".count")).to_have_text(f"{2 % found or found} of {found}")
    page.keyboard.press("Shift+Enter")
    expect(page.locator(".count")).to_have_text(f"1 of {found}")
    page.keyboard.press("Escape")
    assert page.locator(".hit").count() == 0
    page.keyboard.press("/")
    page.keyboard.type("zzzz")
    expect(page.locator(".count")).to_have_text("Nothing found")


def test_a_fold_hides_a_section_and_a_link_or_a_search_opens_it(seen: Seen) -> None:
    page = seen.page
    shut = page.locator("#R7 p").first
    expect(shut).to_be_visible()
    page.locator("#R7 h2 button").focus()
    page.keyboard.press("Enter")
    expect(shut).to_be_hidden()
    assert page.locator("#R7 h2 button").get_attribute("aria-expanded") == "false"
    page.locator('nav a[href="#R7"]').click()
    expect(shut).to_be_visible()
    page.get_by_role("button", name="Fold all", exact=True).click()
    expect(page.locator("#R2 dl").first).to_be_hidden()
    page.get_by_role("button", name="Unfold all").click()
    expect(page.locator("#R2 dl").first).to_be_visible()


def test_rule_loss_and_service_choose_the_rows_and_the_figures_are_the_views(seen: Seen, view: View) -> None:
    page = seen.page
    rows = page.locator(".board tbody tr")
    assert rows.count() == len(view.offramps)
    for at, ramp in enumerate(view.offramps):
        for rule, amount in ramp.by_rule.items():
            select(page, "Rule").select_option(rule)
            shown = re.sub(r"[^0-9]", "", rows.nth(at).locator("td.number").nth(1).inner_text().split(" ")[0])
            assert int(shown) == amount, (ramp.address, rule)
    select(page, "Rule").select_option(view.case.rule)
    chosen = view.case.losses[0].id
    select(page, "Loss").select_option(chosen)
    having = [r for r in view.offramps if any(chosen in sums for sums in r.by_rule_and_loss.values())]
    assert rows.count() == len(having)
    expect(page.locator(".board .state")).to_have_text(f"Only some rows are shown: Loss {chosen}")
    losses = page.locator("#R3 tbody tr:visible td:first-child")
    assert set(losses.all_text_contents()) <= {chosen}
    page.get_by_role("button", name="Show everything").click()
    assert rows.count() == len(view.offramps)
    expect(page.locator(".board .state")).to_be_hidden()


def choose(page: Page, name: str, value: str) -> list[list[str]]:
    """The rows that a choice leaves, as lists of first lines, of each table that has a column of services."""
    select(page, name).select_option(value)
    told = """heads => [...document.querySelectorAll('main section table')]
        .filter(t => heads.includes(t.tHead.rows[0].cells[0].textContent)
            || heads.includes(t.tHead.rows[0].cells[1].textContent))
        .map(t => [...t.tBodies[0].rows].filter(r => !r.hidden).map(r => r.textContent))"""
    return list(page.evaluate(told, ["Service", "Went to"]))


def test_a_choice_of_service_keeps_its_rows_in_every_table_also_a_hubs_and_those_under_other_rules(
    browser: Any, view: View, tmp_path: Path
) -> None:
    acme, hub = view.offramps
    acme = replace(acme, by_rule={"fifo": 600, "lifo": 0, "prorata": 300})
    page = browser.new_page()
    page.goto(written(replace(view, offramps=(acme, hub)), tmp_path))
    page.wait_for_selector(".tools")
    everything = choose(page, "Went to", "")
    assert max(map(len, everything)) >= 4
    for name, other in (("Acme", "Unlabelled hub"), ("Unlabelled hub", "Acme")):
        kept = choose(page, "Went to", name)
        assert len(kept) == len(everything)
        for before, rows in zip(everything, kept, strict=True):
            # A row that names nobody goes with the one above it.
            due, last = [], ""
            for row in before:
                last = next((n for n in (name, other) if n in row), last if row[0] in "lp" else "")
                due += [row] if last == name else []
            assert rows == due
    assert any("lifo" in row for rows in choose(page, "Went to", "Acme") for row in rows)
    # What is printed is the whole, whatever is chosen on the screen.
    page.emulate_media(media="print")
    hidden = (
        "[...document.querySelectorAll('main section tbody tr')].filter(r => !r.getClientRects().length).length"
    )
    assert page.evaluate(hidden) == 0
    page.close()


def test_a_search_finds_headings_captions_facts_heads_and_pictures(seen: Seen) -> None:
    page = seen.page
    for words, place in (
        ("Methodology", "h2.hit"),
        ("Losses as declared", "caption.hit"),
        ("Journal head", "dt.hit"),
        ("width of a band", "figure.hit"),
        ("over all rules", "thead tr.hit"),
    ):
        page.get_by_role("searchbox").fill(words)
        page.wait_for_selector(place, state="attached")


def test_the_keyboard_alone_reads_filters_copies_and_keeps_its_place(seen: Seen) -> None:
    page = seen.page
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    at = "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
    reached, hashes = set(), 0
    page.keyboard.press("/")
    select(page, "Loss").focus()
    page.keyboard.press("ArrowDown")
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(at))
        if page.evaluate(at) == "Show everything":
            page.keyboard.press("Enter")
            assert page.evaluate(at) == "Show everything", "the focus is where it was"
            assert select(page, "Loss").input_value() == ""
        if page.evaluate("document.activeElement.matches('dd.mono')"):
            page.keyboard.press("Enter")
            hashes += page.evaluate("window.copied === document.activeElement.textContent.trim()")
    assert reached >= {"Fold all", "Print", "Follow", "Show everything"}
    assert hashes
    page.get_by_role("button", name="Follow").first.focus()
    page.keyboard.press("Enter")
    page.locator("dialog code").first.focus()
    page.keyboard.press("Enter")
    # What is said lies over the box, and not under what dims the page behind it.
    assert page.evaluate("document.querySelector('.said').closest('dialog[open]') !== null")
    page.keyboard.press("Escape")
    assert page.evaluate(at) == "Follow"


def test_a_route_says_its_rule_where_another_is_chosen(seen: Seen) -> None:
    page = seen.page
    select(page, "Rule").select_option("lifo")
    page.get_by_role("button", name="Follow").first.click()
    expect(page.locator("dialog h2")).to_have_text("Routes · Under fifo (declared)")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Follow").first).to_have_text("Follow · Under fifo (declared)")


@pytest.mark.slow
def test_a_search_and_a_choice_take_less_than_a_second_with_five_thousand_nodes(
    browser: Any, view: View, tmp_path: Path
) -> None:
    ramps = [replace(view.offramps[n % 2], address=f"a{n}", through=f"a{n}") for n in range(5_000)]
    exhibits = tuple(replace(view.exhibits[0], number=n, name=f"{n}.json") for n in range(1, 5_001))
    if os.getloadavg()[0] > (os.cpu_count() or 1):
        pytest.skip("NOT MEASURED: the machine has no core to spare")
    address = written(replace(view, offramps=tuple(ramps), exhibits=exhibits), tmp_path)
    act = """async ([name, value]) => {
        const box = document.querySelector(name);
        box.value = value;
        box.dispatchEvent(new Event(box.matches('input') ? 'input' : 'change', { bubbles: true }));
        while (box.matches('input') && !document.querySelector('.hit')) await new Promise(go => setTimeout(go, 5));
        document.body.getBoundingClientRect();
    }"""
    page = browser.new_page()
    page.goto(address)
    page.wait_for_selector(".tools")
    assert page.locator("#R5 tbody tr").count() >= 5_000
    # Time of the page's own thread: other work of the machine is no part of it.
    meter = page.context.new_cdp_session(page)
    meter.send("Performance.enable", {"timeDomain": "threadTicks"})

    def seconds() -> float:
        told = {one["name"]: one["value"] for one in meter.send("Performance.getMetrics")["metrics"]}
        return float(told["TaskDuration"])

    spent = {}
    for name, pair in {
        "search": (".tools input", "4999.json"),
        "service": (".tools select:nth-of-type(2)", "Acme"),
        "rule": (".tools select:nth-of-type(3)", "lifo"),
    }.items():
        before = seconds()
        page.evaluate(act, pair)
        spent[name] = seconds() - before
    assert 0 < max(spent.values()) < 1, spent
    page.close()


def test_an_exhibit_opens_its_record_and_escape_goes_back(seen: Seen) -> None:
    page = seen.page
    link = page.locator('a[href^="#exhibit-"]').first
    number = link.text_content()  # what is out of sight has no inner text
    link.focus()
    page.keyboard.press("Enter")
    box = page.locator("dialog[open]")
    expect(box.locator("h2")).to_have_text(f"Exhibit {number}")
    row = page.locator(f"#exhibit-{number} td").all_text_contents()
    assert box.locator("dd").all_text_contents() == row
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert page.evaluate("document.activeElement.hash") == f"#exhibit-{number}"


def test_a_route_is_followed_hop_by_hop(seen: Seen) -> None:
    page = seen.page
    page.get_by_role("button", name="Follow").first.click()
    box = page.locator("dialog[open]")
    assert box.locator("li").count() == 2
    assert "700 − 600 = 100" in re.sub(r"[^0-9−= ]", "", box.locator("li").first.inner_text()).replace("  ", " ")
    # Each hop here is the sentence that the report prints.
    printed = page.locator("#R9").text_content() or ""
    for sentence in box.locator("li").all_text_contents():
        assert sentence in printed
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    box.locator("code").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("window.copied")
    assert page.evaluate("window.copied") == "1" * 64
    page.get_by_role("button", name="Close").click()
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_an_identifier_is_copied_whole_by_click_and_by_keyboard(seen: Seen) -> None:
    page = seen.page
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    cell = page.locator(".board td.mono").first
    cell.click()
    first = cell.locator("bdi").inner_text()
    page.wait_for_function("window.copied")
    assert page.evaluate("window.copied") == first
    page.evaluate("window.copied = ''")
    page.locator(".board .table").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_function("window.copied")
    assert page.evaluate("window.copied") == first
    expect(page.locator(".said")).to_have_text(f"Copied: {first}")


def test_without_script_the_page_is_whole(browser: Any, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    for number in range(2, 18):
        assert page.locator(f"#R{number} h2").is_visible()
    assert page.locator(".tools, .board, dialog").count() == 0
    context.close()


def test_print_shows_everything_and_no_tool(browser: Any, file: Path) -> None:
    page = browser.new_page()
    page.goto(file.as_uri())
    page.wait_for_selector(".tools")
    page.get_by_role("button", name="Fold all", exact=True).click()
    page.evaluate("window.print = () => dispatchEvent(new Event('beforeprint'))")
    page.get_by_role("button", name="Print").click()
    page.emulate_media(media="print")
    assert page.locator("#R7 p").first.is_visible()
    assert not page.locator(".tools").is_visible()
    assert not page.locator(".board").is_visible()
    page.close()
