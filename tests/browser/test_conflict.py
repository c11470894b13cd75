"""Two people have the same proposal open, each in a browser of their own, and nothing of what they enter is lost."""

from tests.browser.people import add_row, choose, open_proposal, rows, send, sign_in

TRADE = "trade-hub-yunnan-lao-cai"
THEIRS, MINE = "Half of the trade goes by way of Lao Cai.", "A third of the trade goes by way of Lao Cai."
TITLE_VI, TITLE_ZH = "Xây dựng Vân Nam và Lào Cai thành trung tâm kết nối", "把云南和老街建成连接中心"
SAID = "Reported that the centres are being planned."


def _add_statement(page):
    add_row(page, "Statement")
    choose(page, "new_statements-0-organization", "Yunnan Province")
    choose(page, "new_statements-0-meeting", "Joint Working Group")
    choose(page, "new_statements-0-source", "Jana")
    page.locator("[name=new_statements-0-stance]").select_option("reported")
    page.locator("[name=new_statements-0-summary_en]").fill(SAID)


def _said(page, served):
    told = [row for row in rows(page, served / "statements.csv") if row["summary"] == SAID]
    return [(row["proposal"], row["organization"], row["stance"]) for row in told]


def test_two_browsers_edit_one_proposal_and_nothing_is_lost(own_live, open_page):
    first = sign_in(open_page(), own_live, "editor")
    second = sign_in(open_page(), own_live, "second")
    for page in (first, second):
        open_proposal(page, own_live, "centres+connectivity")
    first.get_by_label("Completion test [en]").fill(THEIRS)
    first.get_by_label("Title [vi]").fill(TITLE_VI)
    first.get_by_label("Reason for this change").fill("The ministry gave the figure.")
    send(first, "Save")
    first.get_by_text("was changed successfully").wait_for()

    second.get_by_label("Completion test [en]").fill(MINE)
    second.get_by_label("Title [zh-hans]").fill(TITLE_ZH)
    _add_statement(second)
    send(second, "Save")
    conflict = second.get_by_role("region", name="Somebody else saved this record while you had it open")
    assert "editor" in conflict.get_by_role("listitem").inner_text()
    both = conflict.get_by_role("row").filter(has_text=THEIRS)
    assert MINE in both.inner_text()
    assert conflict.get_by_role("row").filter(has_text=TITLE_VI).get_by_text("theirs, already in the form").is_visible()
    assert second.get_by_label("Title [vi]").input_value() == TITLE_VI
    assert _said(second, own_live) == []
    both.get_by_label("keep mine").check()
    send(second, "Save")
    second.get_by_text("was changed successfully").wait_for()

    open_proposal(second, own_live, "centres+connectivity")
    entered = {name: second.get_by_label(name).input_value() for name in ("Title [vi]", "Title [zh-hans]")}
    assert entered == {"Title [vi]": TITLE_VI, "Title [zh-hans]": TITLE_ZH}
    assert second.get_by_label("Completion test [en]").input_value() == MINE
    with second.expect_navigation():
        second.get_by_role("link", name="History", exact=True).first.click()
    history = second.get_by_role("main").inner_text()
    for words in (THEIRS, MINE, TITLE_VI, TITLE_ZH, "The ministry gave the figure.", SAID):
        assert words in history
    second.goto(own_live / f"proposals/{TRADE}/")
    assert second.get_by_text(MINE).first.is_visible()
    assert _said(second, own_live) == [(TRADE, "yunnan", "reported")]
