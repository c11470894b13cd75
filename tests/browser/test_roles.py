"""The day of each role: what it does in the browser, and what then stands on the pages and in the tables."""

import csv
import io

import pytest

from tests.browser.conftest import Look
from tests.browser.people import add_row, choose, fill_sign_in, open_proposal, rows, send, sign_in

TRADE = "trade-hub-yunnan-lao-cai"
TRADE_TITLE = "Make Yunnan and Lao Cai centres of China–ASEAN trade connectivity"
HEALTH = "health-care-yunnan"
SOURCE = "janaaastha-hekou-2026"
BUS = "Open a bus line from Lao Cai to Kunming"
SIGNING_IN = pytest.mark.parametrize("own_live", [{"TRACKER_VIEWERS_SIGN_IN": "yes"}], indirect=True, ids=["closed"])


def _log(page, served, slug, kind):
    """Open a short form from the page of the proposal."""
    page.goto(served / f"proposals/{slug}/")
    page.get_by_role("link", name=kind).click()


def _open_waiting(page, served, title):
    """Open what waits for the reader by that title."""
    page.goto(served / "admin/review/")
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("link", name=title).first.click()


def _allow_refusal(faults):
    """Pass over what the browser says about the answer to an entry that was refused on purpose."""
    assert [fault for fault in faults if "400 (Bad Request)" not in fault] == []
    faults.clear()


def _upload(page, name, table):
    written = io.StringIO()
    writer = csv.DictWriter(written, fieldnames=list(table[0]))
    writer.writeheader()
    writer.writerows(table)
    file = {"name": name, "mimeType": "text/csv", "buffer": written.getvalue().encode()}
    page.get_by_label("File:").set_input_files(file)
    send(page, "Upload and look")


@SIGNING_IN
def test_a_viewer_signs_in_and_sees_what_is_published_and_no_more(own_live, open_page):
    staff = sign_in(open_page(), own_live, "editor")
    _log(staff, own_live, TRADE, "Write a note")
    staff.get_by_label("Note", exact=True).fill("Kunming waits for word from Beijing.")
    send(staff, "Save")
    assert staff.get_by_text("Kunming waits for word from Beijing.").is_visible()
    open_proposal(staff, own_live, "health+care+yunnan")
    staff.get_by_label("Reason for this change").fill("The wording is in doubt.")
    send(staff, "Make a draft again")
    staff.get_by_text("viewers no longer see it").wait_for()
    brief = own_live / "brief/?counterpart=yunnan"
    staff.goto(brief)
    assert staff.get_by_text("Kunming waits for word from Beijing.").first.is_visible()

    page = open_page()
    page.goto(own_live / "proposals/?q=yunnan")
    assert page.get_by_role("heading", name="Sign in").is_visible()
    for closed in ("proposals.csv", "calendar.ics", "brief/"):
        answer = page.request.get(own_live / closed, max_redirects=0)
        assert answer.status in (302, 403), closed
    fill_sign_in(page, "viewer")
    page.wait_for_url(own_live / "proposals/?q=yunnan")
    assert page.get_by_role("link", name=TRADE_TITLE).is_visible()
    assert page.get_by_role("link", name="Cooperate with Yunnan in health care").count() == 0
    page.goto(own_live / f"proposals/{TRADE}/")
    assert page.get_by_text("Kunming waits for word from Beijing.").count() == 0
    assert page.get_by_role("link", name="Log a development").count() == 0
    page.goto(brief)
    assert page.get_by_role("link", name=TRADE_TITLE).first.is_visible()
    assert page.get_by_text("Kunming waits for word from Beijing.").count() == 0
    slugs = {row["slug"] for row in rows(page, own_live / "proposals.csv")}
    assert TRADE in slugs
    assert HEALTH not in slugs
    assert page.request.get(own_live / f"proposals/{HEALTH}/").status == 404
    assert page.request.get(own_live / f"proposals/{TRADE}/log/note/").status == 404
    page.goto(own_live / "admin/")
    assert page.get_by_text("You are signed in as viewer, who may not see that page").is_visible()


def _write_draft(page):
    """Write the draft with the remarks that come while it is written, and submit it."""
    page.get_by_role("link", name="New proposal").click()
    remarks = page.locator(".tracker-remarks")
    page.get_by_label("Title [en]").fill("Tourism with Yunnan and promote destinations and products")
    remarks.get_by_role("link", name="Look at it").first.wait_for()
    assert remarks.get_by_role("listitem").count() >= 4
    page.get_by_label("Title [en]").fill(BUS)
    remarks.get_by_text("Cooperate with Yunnan in tourism").first.wait_for(state="detached")
    choose(page, "theme", "Transport")
    page.get_by_label("Nature").select_option("One-off")
    page.get_by_label("To:", exact=True).first.select_option("Proposed")
    page.get_by_role("link", name="Today").first.click()
    page.get_by_label("Reason [en]").first.fill("The province asked for it.")
    add_row(page, "Involved organization")
    choose(page, "involvements-0-organization", "Lao Cai Province")
    page.locator("select[name=involvements-0-role]").select_option("lead")
    send(page, "Submit for review")
    page.get_by_text("waits for an editor").first.wait_for()


def test_a_draft_goes_from_a_contributor_by_way_of_a_comment_onto_the_public_pages(own_live, open_page):
    page = sign_in(open_page(), own_live, "laocai")
    _write_draft(page)

    editor = sign_in(open_page(), own_live, "editor")
    assert rows(editor, own_live / "proposals.csv?q=bus+line") == []
    _open_waiting(editor, own_live, BUS)
    send(editor, "Return with a comment")
    assert editor.get_by_role("link", name="Say in a comment what is to be mended.").is_visible()
    editor.get_by_label("Reason or comment").fill("Say how one can tell that it is done.")
    send(editor, "Return with a comment")
    editor.get_by_text("went back to its authors").wait_for()

    _open_waiting(page, own_live, BUS)
    assert page.get_by_text("Say how one can tell that it is done.").first.is_visible()
    page.get_by_label("Completion test [en]").fill("Tickets are on sale and a bus leaves each day.")
    send(page, "Submit for review")
    page.get_by_text("waits for an editor").first.wait_for()
    _open_waiting(editor, own_live, BUS)
    send(editor, "Publish")
    editor.get_by_text("is published").first.wait_for()

    page.goto(own_live / "proposals/open-a-bus-line-from-lao-cai-to-kunming/")
    assert page.get_by_text("Tickets are on sale and a bus leaves each day.").first.is_visible()
    (row,) = rows(page, own_live / "proposals.csv?q=bus+line")
    assert (row["status"], row["nature"], row["lead"]) == ("proposed", "one_off", "lao-cai")


def test_what_a_contributor_enters_about_the_published_waits_for_an_editor(own_live, open_page, faults):
    page = sign_in(open_page(Look("phone")), own_live, "laocai")
    happened, said = "The free trade pilot zone at Hekou was opened.", "A quarter of the trade goes by way of Hekou."
    _log(page, own_live, TRADE, "Log a development")
    send(page, "Propose")
    assert page.get_by_text("Say where it stands").first.is_visible()
    _allow_refusal(faults)
    page.get_by_label("Advances it").check()
    page.get_by_label("What happened", exact=True).fill(happened)
    page.get_by_label("Source", exact=True).fill(SOURCE)
    send(page, "Propose")
    page.get_by_text("It is saved once an editor accepts it").wait_for()
    assert page.get_by_text(happened).count() == 0
    open_proposal(page, own_live, "centres+connectivity")
    page.get_by_label("Completion test [en]").fill(said)
    page.get_by_label("Why", exact=True).fill("The old words could not be measured.")
    send(page, "Propose this change")
    page.get_by_text("waits for an editor; nothing has changed yet").wait_for()
    assert rows(page, own_live / "developments.csv?q=free+trade+pilot+zone+at+Hekou") == []

    editor = sign_in(open_page(), own_live, "editor")
    editor.goto(own_live / "admin/review/")
    waiting = editor.get_by_role("row").filter(has=editor.get_by_role("link", name=TRADE_TITLE))
    assert waiting.count() == 2
    waiting.filter(has_text="The old words could not be measured.").get_by_role("link").first.click()
    compared = editor.get_by_role("row").filter(has=editor.get_by_role("rowheader", name="Completion test [en]"))
    assert said in compared.get_by_role("cell").last.inner_text()
    assert said not in compared.get_by_role("cell").first.inner_text()
    send(editor, "Accept")
    editor.get_by_text("is accepted and made").wait_for()
    waiting.get_by_role("link").first.click()
    assert editor.get_by_text(happened).is_visible()
    send(editor, "Accept")
    editor.get_by_text("is accepted and made").wait_for()

    page.goto(own_live / f"proposals/{TRADE}/")
    assert page.get_by_text(said).first.is_visible()
    assert page.get_by_text(happened).first.is_visible()
    told = [row for row in rows(page, own_live / "developments.csv") if row["summary"] == happened]
    assert [(row["proposal"], row["bearing"], row["sources"]) for row in told] == [(TRADE, "advances", SOURCE)]


def test_nothing_is_completed_by_one_person_alone(own_live, open_page):
    page = sign_in(open_page(), own_live, "editor")
    _log(page, own_live, HEALTH, "Change the status")
    assert page.get_by_label("Completed").is_disabled()  # a continuing commitment: the reason stands beside it
    assert page.get_by_text("Not possible:").count() >= 1
    _log(page, own_live, TRADE, "Change the status")
    page.get_by_label("Completed").check()
    page.get_by_label("Reason", exact=True).fill("The joint notice is out.")
    page.get_by_label("Source", exact=True).fill(SOURCE)
    send(page, "Save")
    page.get_by_text("needs a second person").first.wait_for()
    (row,) = rows(page, own_live / "proposals.csv?q=centres+connectivity")
    assert row["status"] == "agreed"
    _open_waiting(page, own_live, TRADE_TITLE)
    assert page.get_by_text("The joint notice is out.").first.is_visible()
    assert page.get_by_role("button", name="Accept").count() == 0

    second = sign_in(open_page(), own_live, "second")
    _open_waiting(second, own_live, TRADE_TITLE)
    send(second, "Accept")
    second.get_by_text("is accepted and made").wait_for()
    second.goto(own_live / f"proposals/{TRADE}/")
    assert second.locator(".lede .status-completed").is_visible()
    assert second.get_by_text("The joint notice is out.").first.is_visible()
    (row,) = rows(second, own_live / "proposals.csv?q=centres+connectivity")
    assert row["status"] == "completed"


def test_an_editor_enters_one_thing_about_many_proposals_at_once(own_live, open_page):
    page = sign_in(open_page(), own_live, "editor", "/admin/tracker/proposal/?q=poverty")
    page.locator("#action-toggle").check()
    page.get_by_label("Action:").select_option("Change the status of the chosen proposals")
    send(page, "Go")
    page.get_by_label("Pledged").check()
    page.get_by_label("Reason", exact=True).fill("It stands in the minutes.")
    page.get_by_label("Source", exact=True).fill(SOURCE)
    send(page, "Save for all that are ticked")
    assert "for one proposal it is not possible" in page.get_by_role("alert").inner_text()
    refused = page.get_by_role("row").filter(has_text="Not possible:")
    refused.get_by_role("checkbox").uncheck()
    send(page, "Save for all that are ticked")
    page.get_by_text("Saved for 1 proposal.").wait_for()
    standing = {row["slug"]: row["status"] for row in rows(page, own_live / "proposals.csv?q=poverty")}
    assert standing["poverty-reduction-yunnan"] == standing["poverty-pilot-2023-2025-yunnan"] == "pledged"
    assert standing["local-cooperation-yunnan"] == "agreed"
    page.goto(own_live / "proposals/poverty-reduction-yunnan/")
    assert page.get_by_text("It stands in the minutes.").first.is_visible()


def test_an_administrator_makes_an_account_and_gives_it_a_role(own_live, open_page):
    password = "nam-thi-song-hong-2026"  # noqa: S105
    page = sign_in(open_page(), own_live, "keeper")
    page.get_by_role("link", name="Users").first.click()
    page.get_by_role("link", name="Add user").click()
    page.get_by_label("Username:").fill("dienbien")
    page.get_by_label("Password:", exact=True).fill(password)
    page.get_by_label("Password confirmation:").fill(password)
    page.get_by_label("Contributor:").check()
    choose(page, "account-0-organization", "Dien Bien Province")
    send(page, "Save")
    page.get_by_text("was added successfully").wait_for()

    person = sign_in(open_page(), own_live, "dienbien", password=password)
    assert person.get_by_role("link", name="Users").count() == 0
    assert person.get_by_role("link", name="Dien Bien").first.is_visible()
    assert person.request.get(own_live / "admin/auth/user/").status == 403
    open_proposal(person, own_live, "long+phu+gate")
    assert person.get_by_role("button", name="Propose this change").is_visible()
    open_proposal(person, own_live, "centres+connectivity")
    assert person.get_by_role("button", name="Propose this change").count() == 0

    page.goto(own_live / "admin/auth/user/?q=dienbien")
    page.get_by_role("link", name="dienbien").click()
    page.get_by_label("Editor:").check()
    send(page, "Save")
    page.get_by_text("was changed successfully").wait_for()
    open_proposal(person, own_live, "centres+connectivity")
    assert person.get_by_role("button", name="Make a draft again").is_visible()


def test_a_table_with_one_bad_row_is_looked_at_and_brought_in(own_live, open_page):
    page = sign_in(open_page(), own_live, "editor", "/admin/imports/")
    known = {row["slug"]: row for row in rows(page, own_live / "proposals.csv")}
    good, bad = known["poverty-reduction-yunnan"], known[TRADE]
    good["title"], bad["theme"] = "Reduce poverty along the border with Yunnan", "hunger"
    _upload(page, "poverty.csv", [good, bad])
    send(page, "Check every row")
    page.get_by_text("1 row would be saved. Nothing is saved yet.").wait_for()
    assert page.get_by_role("link", name="1 Refused").is_visible()
    refused = page.get_by_role("row").filter(has_text="hunger").inner_text()
    assert "theme" in refused
    assert "transport" in refused  # it names what is allowed
    page.get_by_role("link", name="1 Changed").click()
    assert page.get_by_role("insertion").inner_text() == good["title"]
    assert rows(page, own_live / "proposals.csv?q=reduce+poverty+along") == []
    send(page, "Confirm and save")
    page.goto(own_live / "admin/imports/")
    assert page.get_by_role("row").filter(has_text="poverty.csv").is_visible()

    page.goto(own_live / f"proposals/{good['slug']}/")
    assert page.get_by_role("heading", name=good["title"]).is_visible()
    (row,) = rows(page, own_live / "proposals.csv?q=reduce+poverty+along")
    assert row["slug"] == good["slug"]
    page.goto(own_live / "admin/imports/")
    _upload(page, "again.csv", [row])
    send(page, "Check every row")
    page.get_by_text("there is nothing to save").wait_for()
