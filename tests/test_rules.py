"""Rules of what is entered: the same wherever it is, in the workplace, a short form, a file, the sheet of a meeting."""

from __future__ import annotations

from datetime import date

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from tests.admin_pages import MODELS, address, errors_of, filled, make_everything
from tests.imports import check, csv, refusals
from tests.makers import (
    make_account,
    make_development,
    make_meeting,
    make_organization,
    make_proposal,
    make_statement,
)
from tests.new_meeting_pages import Table, done, faults, line, ticked
from tests.pages import freeze, read
from tracker.choices import Publication, Side, Stance
from tracker.models import Development, FormerAddress, Note, Proposal
from tracker.models.base import Searched
from tracker.staff_scales import AccountRole

pytestmark = pytest.mark.django_db

KINDS = [name for name in MODELS if issubclass(apps.get_model("tracker", name), Searched)]
TEXTS = {"proposal": "title_en", "source": "title", "statement": "summary_en", "development": "summary_en"}


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture
def editor(client):
    client.force_login(make_account(AccountRole.EDITOR, name="linh"))
    return client


@pytest.fixture
def contributor(client):
    """Somebody of Dien Bien, which has a part in the published proposal `gate` and in the draft `bridge`."""
    own = make_organization("dien-bien", name="Dien Bien")
    make_proposal(slug="gate", lead=[own])
    make_proposal(slug="bridge", lead=[own], publication=Publication.DRAFT)
    client.force_login(make_account(AccountRole.CONTRIBUTOR, own))
    return client


def change(client, record, **typed):
    """Open the page of a record, type into it, and save."""
    url = address(record._meta.model_name, "change", record.pk)
    return client.post(url, filled(client.get(url)) | typed)


# --- found as it stands --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_mended_in_the_workplace_is_found_by_its_new_words(editor, kind):
    record = make_everything()[kind]
    assert change(editor, record, **{TEXTS.get(kind, "name_en"): "Hữu Nghị"}).status_code == 302
    found = editor.get(address(kind, "changelist"), {"q": "huu nghi"}).context["cl"].result_list
    assert record in found


def test_a_day_that_is_taken_out_is_that_of_the_meeting_as_finely_as_it_is_known(editor):
    meeting = make_meeting(date(2024, 6, 30), first_day=date(2024, 6, 1), precision="month")
    said = make_statement(make_proposal(), meeting, said_on=date(2024, 6, 12))
    assert change(editor, said, said_on="").status_code == 302
    said.refresh_from_db()
    assert (said.said_on, said.precision) == (date(2024, 6, 30), "month")


# --- what happened lies in the past --------------------------------------------------------------------------------


DAYS_TO_COME = [
    ("2026-11-21", "2026-11-21", "day"),
    ("2027-Q1", "2027-03-31", "quarter"),
    ("2031", "2031-12-31", "year"),
]


@pytest.mark.parametrize(("written", "day", "precision"), DAYS_TO_COME)
def test_what_is_yet_to_come_has_not_happened_wherever_it_is_entered(editor, written, day, precision):
    table = Table()
    told = f"{written} is in the future"
    development = make_development(table.gate)
    entered = errors_of(change(editor, development, happened_on=day, precision=precision))
    assert told in entered["happened_on"]
    short = {"when": written, "bears": "advances", "summary_en": "Opened.", "source": table.source.slug}
    assert told in read(editor.post(f"/proposals/{table.gate.slug}/log/development/", short)).text
    head, row = "development|proposal|bearing|happened_on|precision|summary|sources", f"new|{table.gate.slug}|advances|"
    rows = csv(head, f"{row}{day}|{precision}|Opened.|{table.source.slug}")
    ((_row, column, _value, reason, _allowed),) = refusals(check(editor, "developments", rows))
    assert (column, told in reason) == ("happened_on", True)
    sheet = faults(editor.post(table.address, table.typed(when=written, **{"new-title": "Later", "new-when": written})))
    assert told in sheet["when"]
    assert told in sheet["new-when"]
    assert Development.objects.count() == 1


def test_what_began_may_not_be_over(editor):
    development = make_development(make_proposal())
    for day, precision in (("2026-12-31", "year"), ("2026-11-30", "month"), ("2026-11-20", "none")):
        assert change(editor, development, happened_on=day, precision=precision).status_code == 302
    assert "happened_on" in errors_of(change(editor, development, happened_on="2026-11-21", precision="none"))


# --- who keeps what is restricted ----------------------------------------------------------------------------------


def test_what_is_restricted_and_nothing_else_has_a_keeper(editor):
    proposal, keeper = make_proposal(), make_organization()
    note = Note.objects.create(proposal=proposal, written_on=date(2024, 8, 1), text_en="Ask again.")
    for record in (make_development(proposal), note):
        told = errors_of(change(editor, record, visibility="restricted"))
        assert told == {"held_by": "What is restricted is kept by an organization: choose it."}
        assert change(editor, record, visibility="restricted", held_by=keeper.pk).status_code == 302
        record.refresh_from_db()
        assert record.held_by == keeper
        assert change(editor, record, visibility="internal").status_code == 302
        record.refresh_from_db()
        assert record.held_by is None
        with pytest.raises(IntegrityError), transaction.atomic():
            type(record).objects.filter(pk=record.pk).update(held_by=keeper)


def test_a_contributor_keeps_what_is_restricted_in_the_own_organization(contributor):
    other, own = make_organization(), Proposal.objects.get(slug="bridge")
    development = make_development(own)
    note = {"proposal": own.pk, "written_on": "2026-11-19", "text_en": "Ask.", "visibility": "restricted"}
    told = [
        errors_of(change(contributor, development, visibility="restricted", held_by=other.pk)),
        errors_of(contributor.post(address("note", "add"), note | {"held_by": other.pk})),
    ]
    words = "Contributors keep what is restricted with their own organization, or with what belongs to it."
    assert told == [{"held_by": words}] * 2
    mine = own.involvements.get().organization_id
    assert contributor.post(address("note", "add"), note | {"held_by": mine}).status_code == 302
    assert change(contributor, development, visibility="restricted", held_by=mine).status_code == 302


# --- addresses -----------------------------------------------------------------------------------------------------


def test_a_new_ask_does_not_take_the_address_that_leads_to_what_it_was_merged_into(editor):
    table = Table()
    FormerAddress.objects.create(slug="offer-fifty-scholarships", proposal=table.gate)
    done(editor.post(table.address, table.typed(asks="1") | table.ask()))
    assert Proposal.objects.get(title_en="Offer fifty scholarships").slug == "offer-fifty-scholarships-2"
    told = errors_of(change(editor, table.train, slug="offer-fifty-scholarships"))
    assert told["slug"].startswith("This address leads to “Open the gate”")


# --- answers -------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(editor):
    """Give two delegations and an ask of Vietnam's."""
    table = Table()
    table.said = table.gate.statements.get()
    return table


def entry(table, **typed):
    """Write an answer as the short form takes it; the workplace takes the same, but for the names of two fields."""
    return {
        "stance": "agreed",
        "organization": table.yunnan.pk,
        "summary_en": "Agreed to it.",
        "source": table.source.slug,
        **typed,
    }


def in_workplace(client, table, **typed):
    sent = entry(table) | {"proposal": table.gate.pk, "meeting": table.fifth.pk, "source": table.source.pk}
    sent |= {"answers": table.said.pk, **typed}
    url = address("statement", "add")
    return client.post(url, filled(client.get(url)) | sent)


def in_short_form(client, table, **typed):
    sent = entry(table) | {"asks": [table.said.pk], "when": ""} | typed
    return client.post(f"/proposals/{table.gate.slug}/log/answer/", sent)


def in_file(client, table, answer, **typed):
    row = {"key": answer.key, "stance": "agreed", "summary": "Agreed to it.", **typed}
    file = check(client, "statements", csv("|".join(row), "|".join(row.values())))
    return {column: reason for _row, column, _value, reason, _allowed in refusals(file)}


def answer_of(table, **fields):
    given = {"organization": table.yunnan, "answers": table.said, "summary_en": "Yes.", **fields}
    return make_statement(table.gate, table.fifth, Stance.AGREED, **given)


def test_nobody_answers_their_own_side_wherever_it_is_entered(editor, asked):
    words = "Nobody answers their own side: both this ask and the answer are of Vietnam."
    own = asked.lao_cai
    assert errors_of(in_workplace(editor, asked, organization=own.pk)) == {"organization": words}
    assert words in read(in_short_form(editor, asked, organization=own.pk)).text
    item = f"item-{asked.gate.pk}"
    sent = asked.typed() | {item: ticked("raised", "answered")} | line(asked.gate, "raised")
    sheet = faults(editor.post(asked.address, sent | line(asked.gate, "answered", speaker="lao cai")))
    assert sheet == {f"{item}-answered-speaker": words}
    assert in_file(editor, asked, answer_of(asked), organization="lao-cai") == {"organization": words}
    assert in_workplace(editor, asked, organization=own.pk, stance="agreed_jointly").status_code == 302


def test_an_answer_follows_its_ask_wherever_it_is_entered(editor, asked):
    words = "2025-10-29 is before the ask of 2025-10-30; an answer follows what it answers."
    assert errors_of(in_workplace(editor, asked, said_on="2025-10-29")) == {"said_on": words}
    assert words in read(in_short_form(editor, asked, when="2025-10-29")).text
    assert in_file(editor, asked, answer_of(asked), said_on="2025-10-29") == {"said_on": words}
    assert in_workplace(editor, asked, said_on="2025-10-31", precision="month").status_code == 302


def test_the_same_answer_is_on_record_once_wherever_it_is_entered(editor, asked):
    words = "This answer to that ask is on record already."
    answer_of(asked, summary_en="Agreed to it.")
    assert errors_of(in_workplace(editor, asked)) == {"summary_en": words}
    assert words in read(in_short_form(editor, asked)).text
    assert in_file(editor, asked, answer_of(asked)) == {"summary": words}
    assert in_workplace(editor, asked, organization=make_organization(side=Side.CHINA).pk).status_code == 302


def test_an_answer_stays_with_its_proposal_in_a_file_too(editor, asked):
    answer = answer_of(asked, summary_en="Agreed to it.")
    told = in_file(editor, asked, answer, proposal=asked.train.slug)
    assert told == {"proposal": "That was said about another proposal; an answer stays with its ask."}
    assert in_file(editor, asked, answer, summary="Agreed to all of it.") == {}


def test_a_file_costs_the_same_however_many_answers_it_mends(editor, asked, django_assert_max_num_queries):
    answers = [answer_of(asked, summary_en=f"Yes, {number}.") for number in range(30)]
    rows = [f"{one.key}|Agreed, {number}." for number, one in enumerate(answers)]
    with django_assert_max_num_queries(70):
        file = check(editor, "statements", csv("key|summary", *rows))
    assert file.reading["counts"]["changed"] == 30
