"""A new meeting in ten minutes: what the sheet offers, what one save keeps, and what remains."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.makers import (
    TODAY,
    make_meeting,
    make_organization,
    make_post,
    make_proposal,
    make_source,
    make_statement,
    make_theme,
)
from tests.new_meeting_pages import SHEET, Table, counts, done, line, signed_in, ticked
from tests.pages import freeze, get, read
from tracker.choices import MeetingState, Precision, Publication, Role, Stance, Status
from tracker.models import Account, Meeting, Proposal, Source, Statement
from tracker.staff_scales import AccountRole

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


# --- what is offered -----------------------------------------------------------------------------------------------


def test_the_next_meeting_is_suggested_from_the_last_without_place_or_date(editor, table):
    page = get(editor, table.address)
    values = {one.attrs["name"]: one.attrs.get("value", "") for one in page.all("input") if "name" in one.attrs}
    assert values["name_en"] == "Sixth annual conference with Yunnan"
    assert values["name_vi"] == "Hội nghị lần thứ sáu với Vân Nam"
    assert values["name_zh_hans"] == "与云南省第六次会议"
    assert (values["number"], values["slug"]) == ("6", "conference-6")
    assert (values["when"], values["place_en"]) == ("", "")
    boxes = [one for one in page.all("input", name="organizations") if "checked" in one.attrs]
    assert {one.attrs["value"] for one in boxes} == {str(table.yunnan.pk), str(table.lao_cai.pk)}


def test_what_is_open_with_the_counterpart_is_listed_by_theme_with_where_it_stands(editor, table):
    make_proposal("Closed", status=Status.DECLINED, addressee=[table.yunnan])
    make_proposal("Draft", publication=Publication.DRAFT, addressee=[table.yunnan])
    make_proposal("Elsewhere")
    page = get(editor, table.address)
    rows = page.all("tbody", "tracker-item")
    assert [row.all("th")[0].all("a")[0].text for row in rows] == ["Open the gate", "Build the railway"]
    assert [theme.text for theme in page.all("tbody", "tracker-theme")] == ["Gates", "Rail"]
    gate = rows[0].text
    for words in ("Proposed", "2025-10-30 Lao Cai", "Requested", "by Lunar New Year", "Overdue"):
        assert words in gate
    assert "not yet at this series" in rows[1].text
    assert not [box for box in page.all("input", type="checkbox") if box.attrs.get("name", "").startswith("item-")
                and "checked" in box.attrs]  # fmt: skip


def test_a_meeting_on_record_as_planned_is_completed_rather_than_entered_twice(editor, table):
    planned = make_meeting(None, table.series, "conference-6", number=6, state=MeetingState.PLANNED, precision="none")
    response = editor.get(table.address)
    assert response["Location"] == f"{SHEET}?meeting=conference-6"
    assert f"{SHEET}?meeting=conference-6" in dict(get(editor, SHEET).links())
    done(editor.post(f"{SHEET}?meeting=conference-6", table.typed(slug="conference-6")))
    planned.refresh_from_db()
    assert (planned.state, planned.last_day) == (MeetingState.HELD, date(2026, 11, 18))


def test_only_editors_record_meetings_and_an_unknown_one_is_not_found(client, table):
    signed_in(client, AccountRole.CONTRIBUTOR, "hoa")
    Account.objects.update_or_create(user=User.objects.get(username="hoa"), defaults={"organization": table.lao_cai})
    assert client.get(table.address).status_code == 403
    assert client.post(table.address, table.typed()).status_code == 403
    assert client.get(f"{SHEET}conference-5/").status_code == 403
    assert Meeting.objects.count() == 1
    client.force_login(User.objects.create_superuser("root"), backend="tracker.access.RulesBackend")
    for address in (f"{SHEET}?series=nobody", f"{SHEET}?meeting=nobody", f"{SHEET}nobody/"):
        assert client.get(address).status_code == 404


# --- what is kept --------------------------------------------------------------------------------------------------


def whole_meeting(table):
    """Write a meeting with a matter asked and answered, one reported done, a new ask, and a blanket answer to that."""
    sent = table.typed(asks="1") | table.ask() | {
        f"item-{table.gate.pk}": ticked("raised", "answered"),
        f"item-{table.train.pk}": ticked("reported"),
        "ask-0": ticked("blanket"),
        "blanket-stance": "agreed",
        "blanket-summary_en": "Agreed with what was asked.",
        "blanket-paragraph": "9",
    }  # fmt: skip
    sent |= line(table.gate, "raised", "Asked again.") | line(table.gate, "answered", "Undertook it.", stance="pledged")
    return sent | line(table.train, "reported", "Said that it is built.")


def test_a_meeting_and_what_was_said_of_open_matters_is_recorded_with_one_save(editor, table):
    where = done(editor.post(table.address, whole_meeting(table)))
    meeting = Meeting.objects.get(number=6)
    assert where == reverse("admin:new_meeting_done", args=[meeting.slug])
    assert (meeting.slug, meeting.publication) == ("sixth-annual-conference-with-yunnan", Publication.PUBLISHED)
    assert list(meeting.sources.all()) == [table.source]
    assert set(meeting.organizations.all()) == {table.yunnan, table.lao_cai}

    ask, answer = table.gate.statements.filter(meeting=meeting).order_by("id")
    assert (ask.stance, ask.post, ask.organization, ask.addressee) == (
        "requested", table.ours, table.lao_cai, table.yunnan,
    )  # fmt: skip
    assert (answer.stance, answer.post, answer.addressee, answer.answers) == (
        "pledged", table.theirs, table.lao_cai, ask,
    )  # fmt: skip
    assert (ask.said_on, ask.precision, ask.source, ask.paragraph) == (date(2026, 11, 18), "day", table.source, 4)
    told = table.train.statements.get(meeting=meeting)
    assert (told.stance, told.organization) == ("reported", table.yunnan)
    table.train.refresh_from_db()
    assert table.train.status == Status.PROPOSED


def test_a_new_ask_becomes_a_draft_with_parties_deadline_first_status_and_statements(editor, table):
    done(editor.post(table.address, whole_meeting(table)))
    new = Proposal.objects.get(title_en="Offer fifty scholarships")
    assert (new.publication, new.status, new.slug) == (Publication.DRAFT, "proposed", "offer-fifty-scholarships")
    change = new.status_changes.get()
    assert (change.effective_on, change.source, change.recorded_by.username) == (
        date(2026, 11, 18), table.source, "linh",
    )  # fmt: skip
    assert "Sixth annual conference" in change.reason_en
    roles = {(one.role, one.organization) for one in new.involvements.all()}
    assert roles == {(Role.PROPOSER, table.lao_cai), (Role.ADDRESSEE, table.yunnan)}
    deadline = new.deadlines.get()
    assert (deadline.phrase, deadline.last_day, deadline.precision) == ("in 2027", date(2027, 12, 31), Precision.YEAR)
    said = new.statements.order_by("id")
    assert list(said.values_list("stance", "blanket")) == [("requested", False), ("agreed", True)]


def test_one_blanket_answer_reaches_every_ask_of_the_other_side_and_no_other(editor, table):
    theirs = make_proposal("Buy our fruit", proposer=[table.yunnan])
    make_statement(theirs, table.fifth, organization=table.yunnan)
    sent = table.typed(asks="1") | table.ask() | {
        f"item-{table.gate.pk}": ticked("raised"),
        f"item-{theirs.pk}": ticked("raised"),
        "blanket-everything": "on",
        "blanket-stance": "agreed",
        "blanket-summary_en": "Agreed with everything.",
    }  # fmt: skip
    sent |= line(table.gate, "raised") | line(theirs, "raised")
    done(editor.post(table.address, sent))
    met = Statement.objects.filter(blanket=True)
    assert {one.proposal.title for one in met} == {"Open the gate", "Offer fifty scholarships"}
    assert {one.organization for one in met} == {table.yunnan}
    assert len({one.key for one in met}) == 2


def test_new_proposals_are_published_where_the_editor_says_so(editor, table):
    done(editor.post(table.address, table.typed(asks="1", publish_asks="yes") | table.ask()))
    new = Proposal.objects.get(title_en="Offer fifty scholarships")
    assert (new.publication, new.status) == (Publication.PUBLISHED, Status.PROPOSED)
    assert new.review_steps.get().action == "published"
    assert "Offer fifty scholarships" in get(editor, f"/proposals/{new.slug}/").text


def test_a_new_source_is_added_on_the_way(editor, table):
    new = {"new-publisher": "VNA", "new-title": "Leaders meet", "new-language": "vi", "new-grade": "official"}
    sent = (
        table.typed(**{"common-source": ""}) | new | {f"item-{table.gate.pk}": ["raised"]} | line(table.gate, "raised")
    )
    done(editor.post(table.address, sent))
    source = Source.objects.get(title="Leaders meet")
    assert table.gate.statements.get(meeting__number=6).source == source
    assert list(Meeting.objects.get(number=6).sources.all()) == [source]


def test_a_line_may_name_its_own_speaker_addressee_and_source(editor, table):
    other, ministry = make_source(title="Second report"), make_organization("ministry")
    typed = {"speaker": "Ministry", "addressee": "yunnan", "source": "second report"}
    sent = table.typed(**{"common-vietnam": "", "common-china": "", "common-source": ""})
    done(editor.post(table.address, sent | {f"item-{table.gate.pk}": ["raised"]} | line(table.gate, "raised", **typed)))
    said = table.gate.statements.get(meeting__number=6)
    assert (said.post, said.organization, said.addressee, said.source) == (None, ministry, table.yunnan, other)


def test_a_planned_meeting_is_entered_without_a_date(editor, table):
    done(editor.post(table.address, table.typed(when="", state="planned")))
    assert Meeting.objects.get(number=6).last_day is None


def test_what_goes_on_tomorrow_is_dated_by_today(editor, table):
    sent = table.typed(asks="1", when="2026-11-20/2026-11-21") | table.ask()
    done(editor.post(table.address, sent))
    assert Statement.objects.get(meeting__number=6).said_on == TODAY


# --- without scripts -----------------------------------------------------------------------------------------------


def test_fields_open_and_rows_come_without_scripts_and_nothing_is_saved(editor, table):
    before = counts()
    sent = table.typed(asks="3") | {f"item-{table.gate.pk}": ["raised"], "ask-2-title_en": "Kept"}
    page = read(editor.post(table.address, sent | {"action": "open"}))
    assert page.all("textarea", name=f"item-{table.gate.pk}-raised-summary_en")
    assert not page.all("ul", "errorlist")
    page = read(editor.post(table.address, sent | {"action": "more"}))
    assert page.one("input", name="asks").attrs["value"] == "6"
    assert page.one("input", name="ask-2-title_en").attrs["value"] == "Kept"
    assert page.all("input", name="ask-5-title_en")
    assert counts() == before


# --- afterwards ----------------------------------------------------------------------------------------------------


def test_the_summary_lists_what_is_recorded_and_what_remains(editor, table):
    sent = table.typed(asks="1", published="") | table.ask(completion_test_en="")
    sent |= {f"item-{table.gate.pk}": ["answered"], f"item-{table.train.pk}": ["reported"]}
    sent |= line(table.gate, "answered", "Undertook it.", stance="pledged") | line(table.train, "reported")
    page = get(editor, done(editor.post(table.address, sent)))
    assert "3 statements on record" in page.text
    assert "The meeting is a draft" in page.text
    assert "Drafts to publish" in page.text
    assert "Proposals without a completion test" in page.text
    links = [href for href, words in page.links() if words == "Change the status"]
    asked = [{name: values[0] for name, values in parse_qs(urlsplit(href).query).items()} for href in links]
    assert [urlsplit(href).path for href in links] == [
        reverse("entry", args=[matter.slug, "status"]) for matter in (table.gate, table.train)
    ]
    assert (asked[0]["new"], asked[0]["when"]) == ("pledged", "2026-11-18")
    assert "new" not in asked[1]
    form = get(editor, links[0])
    assert form.id("id_when").attrs["value"] == "2026-11-18"
    (chosen,) = [one for one in form.all("input", name="new") if "checked" in one.attrs]
    assert chosen.attrs["value"] == "pledged"


# --- cost ----------------------------------------------------------------------------------------------------------


def test_the_sheet_and_the_summary_cost_as_many_queries_for_many_matters(client, table):
    client.force_login(User.objects.create_superuser("root"), backend="tracker.access.RulesBackend")

    def cost(address):
        with CaptureQueriesContext(connection) as asked:
            get(client, address)
        return len(asked)

    addresses = (f"{SHEET}?meeting=conference-5", table.address, f"{SHEET}conference-5/")
    few = [cost(address) for address in addresses]
    for number in range(12):
        proposal = make_proposal(f"Matter {number}", theme=make_theme(f"theme-{number}"))
        make_statement(proposal, table.fifth, post=make_post(f"Speaker {number}"))
        make_statement(proposal, table.fifth, Stance.AGREED, organization=table.yunnan)
    assert [cost(address) for address in addresses] == few
    assert max(few) <= 17


def test_what_is_raised_again_starts_from_our_own_words_for_the_last_ask(editor, table):
    name = f"item-{table.gate.pk}"
    (box,) = [one for one in get(editor, table.address).all("input", name=name) if one.attrs["value"] == "raised"]
    assert box.attrs["data-summary_en"] == "Asked to open it."
    page = read(editor.post(table.address, table.typed(action="open") | {name: ["raised"]}))
    assert page.one("textarea", name=f"{name}-raised-summary_en").text == "Asked to open it."
    # words that nobody has seen are never saved
    assert editor.post(table.address, table.typed() | {name: ["raised"]}).status_code == 200
    assert table.gate.statements.count() == 1


def test_only_stances_that_fit_are_offered(editor, table):
    sent = table.typed(action="open") | {f"item-{table.gate.pk}": ["raised", "answered", "reported"]}
    page = read(editor.post(table.address, sent))
    offered = {
        kind: [
            one.attrs["value"] for one in page.one("select", name=f"item-{table.gate.pk}-{kind}-stance").all("option")
        ]
        for kind in ("raised", "answered")
    }
    assert offered["raised"] == ["requested", "proposed", "welcomed", "reaffirmed"]
    assert set(offered["answered"]) == {
        "",
        "agreed",
        "pledged",
        "supported",
        "noted",
        "deferred",
        "declined",
        "agreed_jointly",
    }
    assert not page.all("select", name=f"item-{table.gate.pk}-reported-stance")


# --- the way there -------------------------------------------------------------------------------------------------


def test_the_list_the_page_and_the_public_page_of_meetings_lead_to_the_sheet(editor, table):
    assert SHEET in dict(get(editor, "/admin/tracker/meeting/").links())
    here = f"{SHEET}?meeting=conference-5"
    assert here in dict(get(editor, reverse("admin:tracker_meeting_change", args=[table.fifth.pk])).links())
    public = get(editor, table.fifth.get_absolute_url())
    assert here in dict(public.links())
    editor.logout()
    assert here not in dict(get(editor, table.fifth.get_absolute_url()).links())


def test_the_readers_language_leads_in_the_sheet_and_english_is_named(editor, table):
    page = read(editor.get(table.address, headers={"accept-language": "vi"}))
    for name in ("name", "place", "ask-0-title", "ask-0-raised-summary"):
        of_text = [one for one in page.all("label") if f"id_{name}_" in one.attrs.get("for", "")]
        assert [one.attrs["for"] for one in of_text] == [f"id_{name}_{one}" for one in ("vi", "en", "zh_hans")]
        assert [one.text for one in of_text[1:]] == ["English", "中文"]


# --- help with new asks --------------------------------------------------------------------------------------------


def test_new_asks_are_remarked_on_while_typed_when_shown_again_and_once_saved(editor, table):
    ask = table.ask(title_en="Gate, open it, and build a road", completion_test_en="")
    beside = editor.post(reverse("admin:entry_help") + "?ask=0", ask, headers={"HX-Request": "true"})
    assert "may ask for two things" in read(beside).text
    assert "Nobody leads it" not in read(beside).text
    again = read(editor.post(table.address, table.typed(asks="2", action="open") | table.ask(title_en="Open gate")))
    (row,) = again.all("fieldset", id="ask-0")
    assert reverse("admin:tracker_proposal_change", args=[table.gate.pk]) in [
        link.attrs["href"] for link in row.all("a")
    ]
    assert "Worth a look" not in again.one("fieldset", id="ask-1").text
    saved = get(editor, done(editor.post(table.address, table.typed(asks="1") | ask)))
    assert "does not begin with a verb: “Gate, open it," in saved.text
    assert "Nobody leads it" in saved.text
