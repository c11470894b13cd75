"""An officer records a conference on one sheet, in a real browser with the real seeds."""

import csv
import io

import pytest

from tests.browser.conftest import Look
from tests.browser.serving import PASSWORD

CONFERENCE = "admin/new-meeting/?meeting=yunnan-secretaries-conference-6"


def _row(page, title):
    return page.locator("tbody.tracker-item").filter(has=page.get_by_role("link", name=title, exact=True))


def _say(row, kind, words, paragraph, **typed):
    """Tick a matter and fill in what opens beneath it."""
    row.locator(f"input[value={kind}]").check()
    line = row.locator(f"[data-line={kind}]")
    if "stance" in typed:
        line.locator("select[name$=stance]").select_option(typed["stance"])
    if "speaker" in typed:
        line.locator("input[name$=speaker]").fill(typed["speaker"])
    line.locator("textarea[name$=summary_en]").fill(words)
    line.locator("input[name$=paragraph]").fill(str(paragraph))


def _ask(page, number, title, words):
    ask = page.locator(f"#ask-{number}")
    ask.locator("input[name$=title_en]").fill(title)
    ask.locator("select[name$=theme]").select_option(index=1)
    ask.locator("select[name$=nature]").select_option("one_off")
    ask.locator("textarea[name$=raised-summary_en]").fill(words)
    ask.locator("input[name$=completion_test_en]").fill("A joint notice names the day.")


def _head(page):
    page.fill("input[name=when]", "2026-10-15")
    page.fill("input[name=place_en]", "Kunming, Yunnan")
    page.fill("input[name=common-vietnam]", "trinh viet hung")
    page.fill("input[name=common-china]", "wang ning")
    page.locator("summary", has_text="A source that is not on record yet").click()
    page.fill("input[name=new-publisher]", "Yunnan Daily")
    page.fill("input[name=new-title]", "Sixth conference held in Kunming")


def _rows_of(page, address):
    return list(csv.DictReader(io.StringIO(page.request.get(address).text())))


def test_a_conference_is_recorded_on_one_sheet(staff_page, own_live):
    page = staff_page
    page.goto(own_live / CONFERENCE)
    _head(page)
    gate = _row(page, "Pilot a smart border gate between Vietnam and Yunnan")
    gate.locator("input[value=raised]").check()
    assert "smart" in gate.locator("textarea[name$=raised-summary_en]").input_value()  # our words for the last ask
    _say(gate, "raised", "Asked when the pilot begins.", 5)
    _say(gate, "answered", "Undertook to begin it in spring.", 6, stance="pledged")
    _say(_row(page, "Cooperate with Yunnan in health care"), "reported", "Said that the hospitals work together.", 7)
    _ask(page, 0, "Open a direct bus line from Lao Cai to Kunming", "Asked for a bus line.")
    page.fill("textarea[name=blanket-summary_en]", "Agreed with what was asked.")
    page.locator("input[name=blanket-everything]").check()
    page.get_by_role("button", name="Save all").click()
    page.get_by_text("statements on record").wait_for()
    assert page.locator("a", has_text="Change the status").count() >= 2
    assert page.get_by_role("link", name="Open a direct bus line from Lao Cai to Kunming").count() == 4

    said = _rows_of(page, own_live / "statements.csv?meeting=yunnan-secretaries-conference-6")
    assert sorted((one["stance"], one["blanket"]) for one in said) == [
        ("agreed", "yes"), ("pledged", "no"), ("reported", "no"), ("requested", "no"),
    ]  # fmt: skip
    page.goto(own_live / "meetings/yunnan-secretaries-conference-6/")
    assert page.get_by_text("Undertook to begin it in spring.").first.is_visible()


def test_a_fault_is_shown_at_its_row_and_nothing_typed_is_lost(staff_page, own_live):
    page = staff_page
    page.goto(own_live / CONFERENCE)
    row = _row(page, "Cooperate with Yunnan in health care")
    _say(row, "raised", "Asked again.", 5)
    row.locator("input[value=raised]").uncheck()
    assert row.locator("[data-line=raised]").is_hidden()
    row.locator("input[value=raised]").check()  # what was typed comes back
    page.fill("input[name=when]", "2026-10-15")
    page.get_by_role("button", name="Save all").click()
    assert page.locator(".errornote").is_visible()
    assert row.locator(".has-fault").count() == 1
    assert row.locator("textarea[name$=summary_en]").input_value() == "Asked again."
    assert page.input_value("input[name=when]") == "2026-10-15"


@pytest.mark.parametrize("look", [Look(), Look("phone", "dark")], ids=str)
def test_the_sheet_fits_the_screen_and_works_without_scripts(own_live, open_page, look):
    page = open_page(look, java_script_enabled=False)
    page.goto(own_live / f"admin/login/?next=/{CONFERENCE}")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", PASSWORD)
    page.locator("[type=submit]").last.click()
    page.goto(own_live / CONFERENCE)
    row = _row(page, "Cooperate with Yunnan in health care")
    row.locator("input[value=answered]").check()
    page.get_by_role("button", name="Show the fields of what is ticked").last.click()
    row.locator("textarea[name$=answered-summary_en]").fill("Agreed.")
    assert row.locator("input[value=answered]").is_checked()
    page.get_by_role("button", name="More rows").click()
    assert page.locator(".tracker-ask").count() == 6
    assert row.locator("textarea[name$=answered-summary_en]").input_value() == "Agreed."
    right = page.locator("form.tracker-day").bounding_box()
    assert right["x"] + right["width"] <= page.viewport_size["width"]
