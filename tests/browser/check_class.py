"""A class in real browsers: joining, playing, leaving, and the teacher's side."""

import csv

import pytest
from playwright.sync_api import expect
from site_of_run import Site
from steps import order, waits

import p2p_cosim as p2p

DAY = {
    "name": "classed",
    "houses": {"count": 3, "sites": ["652.A"]},
    "clock": {"start": "2024-06-21 11:00", "ticks": 12},
}


@pytest.fixture
def site(tmp_path):
    with Site(p2p.Scenario.model_validate(DAY), tmp_path, players=2) as site:
        yield site


@pytest.fixture
def room(site):
    return site.session.classroom


def joined(open_page, site, seat, name):
    """A player's browser, with his house from the next gate on."""
    page = open_page(f"{site.url}/#/class", viewport={"width": 360, "height": 740})
    expect(page.locator("#step")).to_be_hidden()
    page.fill("#join-code", seat.code.upper())
    page.fill("#join-name", name)
    page.click("#join")
    expect(page.locator("h1")).to_have_text("House")
    expect(page.locator("#hand")).to_contain_text("is yours from the next round on")
    return page


def leading(open_page, site, room):
    """The teacher's browser."""
    page = open_page(f"{site.url}/#/class")
    page.fill("#teacher-code", room.teacher)
    page.click("#teach")
    expect(page.locator("#teacher code")).to_have_count(2)
    expect(page.locator("#step")).to_be_visible()
    return page


def closed(teacher, page):
    """The teacher closes the gate, and a page shows what came of it."""
    before = page.locator("main").get_attribute("data-ready")
    teacher.click("#step")
    expect(page.locator("main")).not_to_have_attribute("data-ready", before)


def test_two_join_play_and_are_ranked_and_one_leaves(site, room, open_page):
    teacher = leading(open_page, site, room)
    ada = joined(open_page, site, room.seats[0], "Ada")
    bea = joined(open_page, site, room.seats[1], "Bea")
    closed(teacher, ada)
    expect(ada.locator("#hand")).to_contain_text("You trade for House 1")
    bea.goto(f"{site.url}/#/market")
    order(bea, "bid", 0.3, 0.28)
    waits(bea, 1)
    closed(teacher, bea)
    expect(teacher.locator("#class-board")).to_contain_text("Bea")
    expect(teacher.get_by_role("cell", name="● here")).to_have_count(2)
    assert {seat.rounds for seat in room.seats} == {1}
    with teacher.expect_download() as saved:
        teacher.click("#plays")
    (play,) = csv.DictReader(saved.value.path().read_text().splitlines())
    assert (play["house"], play["player"], play["energy_wh"]) == ("house_2", "Bea", "300")

    ada.context.close()
    closed(teacher, bea)
    expect(teacher.get_by_role("cell", name="○ its agent")).to_have_count(1)
    assert [*site.session.hands.led()] == ["house_2"]


def test_a_reload_before_the_gate_changes_nothing_and_after_it_the_house_comes_back(
    site, room, open_page
):
    teacher = leading(open_page, site, room)
    ada = joined(open_page, site, room.seats[0], "Ada")
    closed(teacher, ada)
    ada.reload()
    ada.wait_for_selector("main[data-ready]")
    closed(teacher, ada)
    expect(ada.locator("#hand")).to_contain_text("You trade for House 1")
    ada.goto("about:blank")
    site_was = site.session.simulation.tick
    teacher.click("#step")
    expect(teacher.locator("#clock")).to_contain_text(f"Interval {site_was + 2} of")
    assert [*site.session.hands.led()] == []
    ada.goto(f"{site.url}/#/house/house_1")
    expect(ada.locator("#hand")).to_contain_text("is yours from the next round on")
    closed(teacher, ada)
    expect(ada.locator("#hand")).to_contain_text("You trade for House 1")


def test_the_teacher_plays_pauses_and_begins_another_game(site, room, open_page):
    teacher = leading(open_page, site, room)
    ada = joined(open_page, site, room.seats[0], "Ada")
    teacher.select_option("#speed", "1")
    teacher.click("#play")
    expect(ada.locator("#clock")).to_contain_text("Interval 3 of")
    teacher.click("#play")
    expect(ada.locator("#clock")).to_contain_text("the gate is open")
    teacher.select_option("#scenario", "outage")
    teacher.click("#next-game")
    expect(ada.locator(".brand")).to_have_text("outage")
    expect(ada.locator("#hand")).to_contain_text("is yours from the next round on")


def test_a_wrong_code_is_told_and_leads_nowhere(site, room, open_page, expected_errors):
    expected_errors.append("403")
    page = open_page(f"{site.url}/#/class")
    page.fill("#join-code", "nobodys")
    page.click("#join")
    expect(page.get_by_text("no such join code in this class")).to_be_visible()
    page.fill("#teacher-code", room.seats[0].code)
    page.click("#teach")
    expect(page.get_by_text("that is for the teacher")).to_be_visible()
    expect(page.locator("#step")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_a_class_has_no_serious_finding_of_axe(site, room, open_page, scheme, request):
    page = open_page(f"{site.url}/#/class", color_scheme=scheme, bypass_csp=True)
    page.fill("#teacher-code", room.teacher)
    page.click("#teach")
    expect(page.locator("#teacher code")).to_have_count(2)
    page.add_script_tag(path=request.path.parent / "node_modules/axe-core/axe.min.js")
    found = page.evaluate("axe.run().then(({violations}) => violations)")
    assert not [v for v in found if v["impact"] in ("serious", "critical")]
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
