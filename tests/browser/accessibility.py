"""axe-core in a page: what WCAG 2.2 AA asks and a machine can find."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.serving import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def axe() -> Path:
    """The file of axe-core; without it the test is skipped, or fails where CHEXVIEW_REQUIRE_BROWSER is 1."""
    if not AXE.is_file():
        sentence = "axe-core is not here; run npm ci"
        if os.environ.get("CHEXVIEW_REQUIRE_BROWSER") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return AXE


def violations(page: Page, selector: str, rule: str = "") -> list[str]:
    """What axe-core finds wrong inside the element ``selector``, shadow trees included: rule, what is wrong, where.

    By all rules, or by one of them.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe().read_text("utf-8"))  # evaluated, not added as a script, which the page's own policy forbids
    found = page.evaluate(
        "([selector, runOnly]) => axe.run(selector, { runOnly, resultTypes: ['violations'] })",
        [selector, {"type": "rule", "values": [rule]} if rule else {"type": "tag", "values": TAGS}],
    )
    assert found["passes"], f"axe-core looked at nothing in {selector}"
    return [
        f"{rule['id']}: {rule['help']}: {node['target']} {node['html'][:160]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
