"""A member of staff at work: what is entered in the admin is on the dashboard and in the CSV at once."""

import csv
import io


def _choose(page, name, text):
    """Choose in an autocomplete field of the admin."""
    page.locator(f"select[name={name}] + .select2 .select2-selection").click()
    page.locator(".select2-search__field").last.fill(text)
    page.locator(".select2-results__option", has_text=text).first.click()


def _rows(page, address):
    answer = page.request.get(address)
    assert answer.status == 200
    return list(csv.DictReader(io.StringIO(answer.text())))


def _add_meeting(page, served):
    page.goto(served / "admin/tracker/meeting/add/")
    page.fill("input[name=name_en]", "Follow-up on Long Phu")
    _choose(page, "series", "Joint Working Group")
    assert page.input_value("input[name=slug]") == "follow-up-on-long-phu"
    page.fill("input[name=when]", "2026-04-10")
    page.locator("select[name=publication]").select_option("published")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was added successfully").wait_for()


def _add_statement(page, served, organization, stance, words):
    page.goto(served / "admin/tracker/statement/add/")
    _choose(page, "proposal", "Long Phu")
    _choose(page, "meeting", "Follow-up on Long Phu")
    _choose(page, "organization", organization)
    _choose(page, "source", "Dien Bien")
    page.locator("select[name=stance]").select_option(stance)
    page.fill("textarea[name=summary_en]", words)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was added successfully").wait_for()


def test_what_staff_enter_is_on_the_dashboard_and_in_the_csv_at_once(staff_page, own_live):
    page = staff_page
    _add_meeting(page, own_live)
    _add_statement(page, own_live, "Dien Bien Province", "requested", "Asked again when the gate opens.")
    _add_statement(page, own_live, "Yunnan Province", "pledged", "Undertook to report to Beijing this spring.")
    page.goto(own_live / "admin/tracker/statuschange/add/")
    _choose(page, "proposal", "Long Phu")
    page.locator("select[name=new]").select_option("pledged")
    page.fill("input[name=effective_on]", "2026-04-10")
    page.fill("textarea[name=reason_en]", "Yunnan named the act it would do.")
    page.get_by_role("button", name="Save", exact=True).click()
    assert page.get_by_text("needs a source").first.is_visible()
    _choose(page, "source", "Dien Bien")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was added successfully").wait_for()

    page.goto(own_live / "proposals/long-phu-gate/")
    assert page.get_by_text("Undertook to report to Beijing this spring.").is_visible()
    assert page.get_by_text("Yunnan named the act it would do.").is_visible()
    assert page.locator(".lede .status-pledged").is_visible()
    page.goto(own_live / "meetings/follow-up-on-long-phu/")
    assert page.get_by_text("Asked again when the gate opens.").is_visible()

    (row,) = _rows(page, own_live / "proposals.csv?q=long+phu+gate&gate=a-pa-chai-long-phu&status=pledged")
    assert (row["slug"], row["status"], row["status_since"]) == ("long-phu-gate", "pledged", "2026-04-10")
    said = _rows(page, own_live / "statements.csv?meeting=follow-up-on-long-phu")
    assert sorted(one["stance"] for one in said) == ["pledged", "requested"]
    (change,) = [one for one in _rows(page, own_live / "status-changes.csv") if one["effective_on"] == "2026-04-10"]
    assert (change["proposal"], change["old"], change["new"]) == ("long-phu-gate", "partly_done", "pledged")
    (meeting,) = [one for one in _rows(page, own_live / "meetings.csv") if one["slug"] == "follow-up-on-long-phu"]
    assert (meeting["asks"], meeting["asks_answered"]) == ("1", "1")
