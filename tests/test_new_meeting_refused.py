"""What the sheet of a meeting refuses: in words, at its place, with nothing saved and nothing lost."""

from __future__ import annotations

import pytest

from tests.makers import make_post, make_proposal
from tests.new_meeting_pages import SHEET, Table, counts, done, faults, line, signed_in, ticked
from tests.pages import freeze, get, read
from tracker.choices import Status
from tracker.models import Meeting, Proposal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture
def editor(client):
    return signed_in(client)


@pytest.fixture
def table():
    return Table()


def test_nothing_is_saved_or_lost_while_anything_is_wrong(editor, table):
    before = counts()
    sent = table.typed(asks="2", when="soon") | table.ask(theme="", due="2027", phrase="") | {
        f"item-{table.gate.pk}": ticked("raised", "answered"),
        "ask-1-title_en": "",
        "new-publisher": "",
    }  # fmt: skip
    sent |= line(table.gate, "raised", "", paragraph="0") | line(table.gate, "answered", "Kept words.", stance="")
    response = editor.post(table.address, sent)
    found = faults(response)
    assert counts() == before
    item = f"item-{table.gate.pk}"
    assert set(found) == {
        "when", "ask-0-theme", "ask-0-phrase",
        f"{item}-raised-summary_en", f"{item}-raised-paragraph", f"{item}-answered-stance",
    }  # fmt: skip
    assert "“soon” is not a date; allowed" in found["when"]
    page = read(response)
    assert "6 things are to be mended" in page.one(css="errornote").text
    assert [href for href, _words in page.one(css="errornote").links()] == [f"#{item}", "#ask-0"]
    assert page.one("textarea", name=f"{item}-answered-summary_en").text == "Kept words."
    assert page.one("input", name="ask-0-title_en").attrs["value"] == "Offer fifty scholarships"
    assert len([one for one in page.all("input", name=item) if "checked" in one.attrs]) == 2


def test_a_name_that_means_nobody_or_several_is_explained(editor, table):
    make_post("Wang Wei", table.yunnan)
    sent = table.typed(**{"common-vietnam": "Napoleon", "common-china": "wang", "common-source": "Wang Ning"})
    found = faults(editor.post(table.address, sent))
    assert "“Napoleon” is not on record" in found["common-vietnam"]
    assert "may be one of 2; say which: Wang Ning, Secretary of Yunnan; Wang Wei" in found["common-china"]
    assert "is not on record" in found["common-source"]
    found = faults(editor.post(table.address, table.typed(**{"common-vietnam": "wang ning"})))
    assert "belongs to the side “China”" in found["common-vietnam"]


def test_what_was_said_needs_a_speaker_and_a_source(editor, table):
    sent = table.typed(**{"common-vietnam": "", "common-source": ""}) | {f"item-{table.gate.pk}": ["raised"]}
    found = faults(editor.post(table.address, sent | line(table.gate, "raised")))
    assert set(found) == {f"item-{table.gate.pk}-raised-speaker", "common-source"}


def test_nobody_answers_themselves(editor, table):
    item = f"item-{table.gate.pk}"
    sent = table.typed() | {item: ["raised", "answered"]} | line(table.gate, "raised")
    found = faults(editor.post(table.address, sent | line(table.gate, "answered", speaker="lao cai")))
    assert "Nobody answers their own side" in found[f"{item}-answered-speaker"]
    blanket = {"blanket-stance": "agreed", "blanket-summary_en": "Agreed.", "blanket-speaker": "lao cai"}
    response = editor.post(table.address, sent | {item: ["raised", "blanket"]} | blanket)
    assert "Nobody answers their own side" in read(response).id(item).text
    assert Meeting.objects.count() == 1


def test_a_blanket_answer_names_what_it_answers(editor, table):
    blanket = {"blanket-stance": "agreed", "blanket-summary_en": "Agreed."}
    response = editor.post(table.address, table.typed() | blanket)
    assert "Tick what the blanket answer answers" in read(response).text
    unsaid = {"blanket-stance": "agreed"}
    found = faults(editor.post(table.address, table.typed(**unsaid) | {f"item-{table.gate.pk}": ["blanket"]}))
    assert set(found) == {"blanket-summary_en"}
    assert Meeting.objects.count() == 1


def test_a_meeting_is_not_entered_twice(editor, table):
    sent = table.typed(asks="1") | table.ask()
    done(editor.post(table.address, sent))
    before = counts()
    again = read(editor.post(table.address, sent))  # a double click
    assert counts() == before
    assert "with this number or on this day is on record" in again.one(css="errornote").text
    (button,) = [one for one in again.all("button") if "Continue recording" in one.text]
    continued = read(editor.post(button.attrs["formaction"], sent | {"action": "open"}))
    assert counts() == before
    assert continued.one("input", name="ask-0-title_en").attrs["value"] == "Offer fifty scholarships"

    other = table.typed(number="", name_en="Evening talks")
    assert "is on record" in read(editor.post(table.address, other)).one(css="errornote").text
    assert counts() == before
    done(editor.post(table.address, other | {"another": "on"}))
    assert Meeting.objects.count() == 3


def test_what_a_meeting_has_on_record_is_shown_added_to_and_not_doubled(editor, table):
    address = f"{SHEET}?meeting=conference-5"
    page = get(editor, address)
    assert "On record for this meeting: Requested, Lao Cai" in page.id(f"item-{table.gate.pk}").text
    assert not page.all("input", name="number")
    sent = {"action": "save", "asks": "0", "common-china": "wang ning", "common-source": "conference-report"}
    sent |= {f"item-{table.gate.pk}": ["answered"]} | line(table.gate, "answered", "Agreed to it.")
    done(editor.post(address, sent))
    assert table.gate.statements.filter(meeting=table.fifth).count() == 2
    assert "This is on record for this meeting already." in read(editor.post(address, sent)).text
    assert table.gate.statements.filter(meeting=table.fifth).count() == 2
    nothing = read(editor.post(address, {"action": "save", "asks": "0"}))
    assert "there is nothing to save" in nothing.one(css="errornote").text


def test_an_ask_that_is_on_record_word_for_word_was_raised_again(editor, table):
    sent = table.typed(asks="2") | table.ask(title_en="Open the gate") | table.ask(1)
    response = editor.post(table.address, sent | table.ask(2) | {"asks": "3"})
    found = faults(response)
    assert "tick it above" in found["ask-0-title_en"]
    assert "stands above already" in found["ask-2-title_en"]
    assert Proposal.objects.count() == 2


def test_what_was_said_waits_until_the_meeting_was_held(editor, table):
    sent = table.typed(state="planned") | {f"item-{table.gate.pk}": ["raised"]} | line(table.gate, "raised")
    assert "set the state to “Held”" in faults(editor.post(table.address, sent))["state"]
    assert (
        "a meeting to come is planned, not held"
        in faults(editor.post(table.address, table.typed(when="2027-03-01")))["when"]
    )


def test_a_matter_that_was_closed_meanwhile_keeps_its_entries(editor, table):
    closed = make_proposal("Closed meanwhile", status=Status.DECLINED, addressee=[table.yunnan])
    sent = table.typed(when="") | {f"item-{closed.pk}": ["raised"]} | line(closed, "raised", "Typed before.")
    page = read(editor.post(table.address, sent))
    assert page.one("textarea", name=f"item-{closed.pk}-raised-summary_en").text == "Typed before."
