"""The report's page with 5,000 off-ramps in Chromium, from a file: to read, to search, to filter. Limit: 1 s each.

Exits 1 when one takes longer. Needs chromium.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from recover.plugins import registry
from recover.report import brief, controls, page, render
from recover.report.elements import Section, table
from recover.report.texts import Texts
from recover.testing import sample

ROWS = 5_000
LIMIT = 1_000


def made(folder: Path) -> Path:
    """A page with a table of so many rows and a board of as many off-ramps."""
    view = sample.view()
    ramp = view.offramps[0]
    names = [f"address{n:05}" for n in range(ROWS)]
    view = replace(view, offramps=tuple(replace(ramp, through=n, address=n) for n in names))
    template = registry.load().templates["report"]
    texts = Texts.load(template.folder, "en")
    rows = [(n, "L1", "Acme", f"{at:,}") for at, n in enumerate(names)]
    heads = (("Address", "mono"), ("Loss", "text"), ("Service", "text"), ("Amount", "number"))
    paper = brief.report(sample.view(), texts)
    extra = Section(id="R18", title="Rows", blocks=(table("Rows", heads, rows),))  # type: ignore[arg-type]
    paper = replace(paper, sections=(*paper.sections, extra))
    style, script = render.inside(template, "page.css"), page.script()
    path = folder / "report.html"
    path.write_bytes(page.html(paper, style, script, controls.controls(view, texts)))
    return path


def _timed(what: str, began: int) -> bool:
    taken = (time.monotonic_ns() - began) // 1_000_000
    print(f"{what}: {taken} ms, limit {LIMIT} ms")
    return taken > LIMIT


def _used(tab: Page) -> bool:
    began = time.monotonic_ns()
    tab.get_by_label("Search this page").fill("address04999")
    tab.wait_for_selector(".hit.current")
    slow = _timed("search", began)
    for name, value in (("Loss", "L1"), ("Rule", "lifo")):
        began = time.monotonic_ns()
        tab.get_by_role("toolbar").get_by_label(name, exact=True).select_option(value)
        tab.evaluate("document.body.offsetHeight")
        slow |= _timed(f"choice of {name.lower()}", began)
    return slow


def main() -> int:
    browser = shutil.which("chromium")
    if browser is None:
        print("chromium is not here")
        return 1
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        path = made(Path(folder))
        print(f"{ROWS:,} rows twice, {path.stat().st_size:,} bytes")
        opened = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        tab = opened.new_page(viewport={"width": 1280, "height": 900})
        tab.goto("about:blank")
        began = time.monotonic_ns()
        tab.goto(path.as_uri(), wait_until="load")
        tab.wait_for_selector(".tools")
        slow = _timed("read, with its tools", began)
        slow |= _used(tab)
        opened.close()
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
