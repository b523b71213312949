"""The operator's page, in a real browser, during an outage."""

import pytest
from playwright.sync_api import expect
from site_of_run import Site
from steps import step

import p2p_cosim as p2p

FAULT_TICK = 4


@pytest.fixture
def dark(tmp_path):
    """The outage of House 1, just told."""
    with Site(p2p.load("scenarios/outage.yaml"), tmp_path) as site:
        site.step(FAULT_TICK + 1)
        yield site


def test_an_alarm_is_reminded_of_acknowledged_and_shelved(dark, open_page):
    page = open_page(f"{dark.url}/#/operator/house_1")
    row = page.locator("#board li.mine").first
    expect(row).to_contain_text("● active")
    step(page, dark)
    step(page, dark)
    expect(page.locator("#reminder")).to_contain_text("nobody has acknowledged it")
    other = open_page(f"{dark.url}/#/operator/house_1")
    row.get_by_role("button", name="Acknowledge").click()
    expect(row).to_contain_text("◐ acknowledged")
    expect(other.locator("#board li.mine").first).to_contain_text("◐ acknowledged")
    expect(page.locator("#reminder")).to_have_count(0)
    row.get_by_role("button", name="Shelve").click()
    expect(row).to_contain_text("○ shelved until")


def test_a_tap_is_moved_by_hand_and_says_so(dark, open_page):
    page = open_page(f"{dark.url}/#/operator")
    page.select_option("#regulator", index=0)
    low, high = page.get_attribute("#tap", "min"), page.get_attribute("#tap", "max")
    assert (int(low), int(high)) == (-16, 16)
    tap = int(page.input_value("#tap")) - 1
    page.fill("#tap", str(tap))
    page.click("#move-tap")
    expect(page.locator("#by-hand")).to_contain_text(f"to tap {tap}")
    step(page, dark)
    expect(page.get_by_role("cell", name="moved by hand")).to_have_count(1)
    expect(page.locator("#by-hand")).to_have_text("")


def test_an_alarm_is_told_in_words(dark, open_page):
    page = open_page(f"{dark.url}/#/operator")
    words = page.evaluate(
        """async () => {
          const { kindOf, placeLink, placeOf } = await import('/js/parts/alarm_words.js');
          const run = { houses: [{ name: 'house_1' }] };
          const links = ['house_1', 'service_4'].map(place => placeLink(place, run, 'backup'));
          return [kindOf('slg'), kindOf('house_outage'), placeOf('A'), placeOf('AB'),
            placeOf('684-611'), links[0].hash, links[1]];
        }"""
    )
    said = ["One phase to ground", "House outage", "Phase A", "Phases A, B", "684-611"]
    assert words == [*said, "#/backup/house_1", "Service 4"]
