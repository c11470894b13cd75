"""What each table takes from a file, and what it refuses in which words."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint
from openpyxl import Workbook

from tests.admin_pages import make_figures
from tests.imports import bring_in, check, counts, csv, make_user, refusals, upload
from tests.makers import (
    make_deadline,
    make_development,
    make_gate,
    make_meeting,
    make_organization,
    make_post,
    make_proposal,
    make_source,
    make_statement,
    make_theme,
)
from tests.pages import freeze
from tracker.choices import Bears, Precision, Side, Stance
from tracker.importing.rules import broken_constraints
from tracker.models import (
    Bearing,
    Development,
    FormerAddress,
    Observation,
    Organization,
    Proposal,
    Source,
    Statement,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture(autouse=True)
def editor(client):
    user = make_user()
    client.force_login(user)
    return user


def reasons(file):
    return [reason for _row, _column, _value, reason, _allowed in refusals(file)]


# --- texts and languages -------------------------------------------------------------------------------------------


def test_texts_go_into_the_language_of_the_file_and_the_fallback_is_no_translation(client):
    make_proposal("Open the gate", slug="gate", theme=make_theme("gates"))
    head = "slug|title"
    assert counts(check(client, "proposals", csv(head, "gate|Open the gate"), "vi")) == (0, 0, 1, 0)
    bring_in(client, "proposals", csv(head, "gate|Mở cửa khẩu"), "vi")
    bring_in(client, "proposals", csv("slug|title_zh_hans", "gate|开通口岸"), "vi")
    gate = Proposal.objects.get()
    assert (gate.title_en, gate.title_vi, gate.title_zh_hans) == ("Open the gate", "Mở cửa khẩu", "开通口岸")
    assert "mo cua khau" in gate.search_text
    assert "开通口岸" in gate.search_text
    assert counts(bring_in(client, "proposals", csv(head, "gate|"), "vi")) == (0, 1, 0, 0)
    assert Proposal.objects.get().title_vi == ""
    assert reasons(check(client, "proposals", csv(head, "gate|"))) == ["A value is needed here."]


def test_a_new_record_needs_its_english_text(client):
    make_theme("gates")
    head = "slug|title|theme|nature"
    file = check(client, "proposals", csv(head, "gate|Mở cửa khẩu|gates|one_off"), "vi")
    assert reasons(file) == ["A new record needs its English text too; give it in the column “title_en”."]
    rows = csv(head + "|title_en", "gate|Mở cửa khẩu|gates|one_off|Open the gate")
    assert counts(bring_in(client, "proposals", rows, "vi")) == (1, 0, 0, 0)
    assert Proposal.objects.get().title_vi == "Mở cửa khẩu"


# --- proposals -----------------------------------------------------------------------------------------------------


def test_status_and_deadlines_are_not_changed_by_a_file(client):
    gate = make_proposal(slug="gate", theme=make_theme("gates"))
    make_deadline(gate, date(2025, 3, 31), phrase_en="soon")
    head = "slug|title|theme|nature|status|deadline_phrase|deadline_end|schedule|times_raised"
    file = check(
        client, "proposals",
        csv(head, "gate|Open the gate|gates|one_off|pledged|soon|2025-04-01|not_due|99",
            "a|A|gates|one_off|agreed|||x|", "b|B|gates|one_off||later||", "gate2|Open|gates|one_off|proposed||||"),
    )  # fmt: skip
    assert [(row, column, allowed) for row, column, _value, _reason, allowed in refusals(file)] == [
        (2, "status", ["proposed"]), (2, "deadline_end", ["2025-03-31"]), (3, "status", ["proposed"]),
        (4, "", []),
    ]  # fmt: skip
    assert "it changes on the scale, with a date, a reason and a source" in reasons(file)[0]
    assert "A new proposal comes in as a draft" in reasons(file)[2]
    assert reasons(file)[3] == "The row has 8 cells, the heading 9."


def test_organizations_and_gates_of_a_proposal_become_those_of_the_row(client):
    old, new = make_organization("old"), make_organization("new", side=Side.CHINA)
    proposal = make_proposal(slug="gate", lead=[old], proposer=[old], partner=[old])
    make_gate("north"), make_gate("south")
    file = bring_in(client, "proposals", csv("slug|lead|gates", "gate|new; old|south;north"))
    assert counts(file) == (0, 1, 0, 0)
    roles = {(one.role, one.organization.slug) for one in proposal.involvements.all()}
    assert roles == {("lead", "new"), ("lead", "old"), ("proposer", "old"), ("partner", "old")}
    assert sorted(proposal.gates.values_list("slug", flat=True)) == ["north", "south"]
    newest = proposal.history.first()
    assert sorted(row.bordergate.slug for row in newest.gates.all()) == ["north", "south"]
    bring_in(client, "proposals", csv("slug|lead|gates", "gate|new|"))
    assert {one.organization for one in proposal.involvements.filter(role="lead")} == {new}
    assert not proposal.gates.exists()
    assert proposal.involvements.model.history.filter(history_type="-").get().organization == old


def test_a_merged_proposal_is_pointed_to_by_its_new_code(client):
    kept = make_proposal(slug="kept", theme=make_theme("gates"))
    FormerAddress.objects.create(slug="gone", proposal=kept)
    file = check(client, "proposals", csv("slug|title|theme|nature", "gone|A|gates|one_off"))
    assert refusals(file)[0][3:] == ("This proposal was merged into another; use its code.", ["kept"])


def test_faults_of_one_row_are_told_together_and_doubles_name_the_first_row(client):
    make_proposal(slug="gate", theme=make_theme("gates"))
    rows = ["Gate 1|" + "x" * 301 + "|gates|one_off", "gate||gate|once", "gate|Open|gates|one_off", "|A|gates|one_off"]
    file = check(client, "proposals", csv("slug|title|theme|nature", *rows))
    assert [(row, column) for row, column, *_more in refusals(file)] == [
        (2, "slug"), (2, "title"), (3, "title"), (3, "theme"), (3, "nature"), (4, "slug"), (5, "slug"),
    ]  # fmt: skip
    assert reasons(file)[5] == "Row 3 of this file is the same record."
    assert "at most 300 characters (it has 301)" in reasons(file)[1]


# --- statements ----------------------------------------------------------------------------------------------------


@pytest.fixture
def said():
    """Make what a statement refers to."""
    make_proposal(slug="gate")
    make_meeting(date(2024, 6, 12), slug="talks")
    make_organization("vietnam"), make_organization("china", side=Side.CHINA)
    make_source("report", document="000.txt", url="https://a.test/1")
    make_source("copy", url="https://b.test/2"), make_source("other", url="https://b.test/2")
    make_post("Phạm Đức Toản", Organization.objects.get(slug="vietnam"), title_en="Chair", title_vi="Chủ tịch")


HEAD = "proposal|meeting|organization|addressee|stance|blanket|summary|document|paragraph|said_on|speaker|post"
ASK = "gate|talks|vietnam|china|requested|no|Asked for it.|000.txt|9||Pham Duc Toan|Chủ tịch"


def test_a_statement_without_a_key_is_known_again(client, said):
    assert counts(bring_in(client, "statements", csv(HEAD, ASK))) == (1, 0, 0, 0)
    ask = Statement.objects.select_related("post__person").get()
    assert (ask.said_on, ask.precision, ask.source.slug, ask.post.title_en) == (
        date(2024, 6, 12),
        "day",
        "report",
        "Chair",
    )
    assert ask.search_text == "asked for it."
    assert ask.key.startswith("file-")
    assert counts(bring_in(client, "statements", csv(HEAD, ASK))) == (0, 0, 1, 0)
    assert counts(bring_in(client, "statements", csv(HEAD, ASK.replace("for it.", "again.")))) == (0, 1, 0, 0)
    assert [one.summary_en for one in Statement.objects.all()] == ["Asked again."]


def test_an_entered_statement_is_known_by_what_it_says_unless_two_are_alike(client, said):
    fields = {"meeting": Statement._meta.get_field("meeting").related_model.objects.get(), "paragraph": 9}
    organization, china = Organization.objects.get(slug="vietnam"), Organization.objects.get(slug="china")
    gate = Proposal.objects.get()
    for text in ("Asked for it.", "Asked twice.", "Asked twice."):
        make_statement(
            gate, stance=Stance.REQUESTED, organization=organization, addressee=china, summary_en=text,
            source=Source.objects.get(slug="report"), **fields,
        )  # fmt: skip
    plain = HEAD.removesuffix("|speaker|post")
    row = ASK.removesuffix("|Pham Duc Toan|Chủ tịch")
    assert counts(check(client, "statements", csv(plain, row))) == (0, 0, 1, 0)
    file = check(client, "statements", csv(plain, row.replace("for it.", "twice.")))
    assert reasons(file) == ["Several statements on record are like this one; give the key of the one that is meant."]
    assert len(refusals(file)[0][4]) == 3


@pytest.mark.parametrize(
    ("before", "after", "column", "reason"),
    [
        ("gate|", "gates|", "proposal", "There is no proposal with this code."),
        ("talks", "talk", "meeting", "There is no meeting with this code."),
        ("requested", "asked", "stance", "This is not on the scale."),
        ("|no|", "|perhaps|", "blanket", "This is neither yes nor no."),
        ("|no|", "|yes|", "blanket", "Only an answer can be blanket"),
        ("|9|", "|0|", "paragraph", "This is not a whole number above zero."),
        ("Asked for it.", "", "summary", "A value is needed here."),
        ("000.txt", "001.txt", "document", "No source has this; enter the source first."),
        ("000.txt", "", "source", "A source is needed; name it in one of the columns source, document, source_url."),
        ("|9||", "|9|2026-11-21|", "said_on", "2026-11-21 is in the future; here stands what happened."),
        ("|9||", "|9|12.6.2024|", "said_on", "This is not a date."),
        ("|9||", "|9|2024-06-11/2024-06-12|", "said_on", "One day is meant here"),
        ("Pham Duc Toan", "Pham", "speaker", "There is no speaker of this name."),
        ("Chủ tịch", "Secretary", "post", "The speaker has no such post."),
        ("Pham Duc Toan", "", "speaker", "A post without its speaker cannot be told; name the speaker."),
    ],
)
def test_what_a_statement_cannot_say_is_refused_at_its_column(client, said, before, after, column, reason):
    assert before in ASK
    file = check(client, "statements", csv(HEAD, ASK.replace(before, after, 1)))
    ((_row, at, _value, why, _allowed),) = refusals(file)
    assert at == column
    assert why.startswith(reason)


def test_a_source_may_be_named_by_code_document_or_address_if_they_agree(client, said):
    head, row = HEAD + "|source|source_url", ASK + "|report|https://a.test/1"
    assert counts(check(client, "statements", csv(head, row))) == (1, 0, 0, 0)
    assert reasons(check(client, "statements", csv(head, row.replace("|report|", "|other|"))))[0].startswith(
        "This does not belong to the source “other”"
    )
    both = row.replace("000.txt", "").replace("|report|", "||").replace("a.test/1", "b.test/2")
    file = check(client, "statements", csv(head, both))
    assert refusals(file)[0][3].startswith("Several sources have this")
    assert refusals(file)[0][4] == ["copy", "other"]


# --- observations --------------------------------------------------------------------------------------------------


@pytest.fixture
def series():
    return make_figures(make_proposal())[1]


FIGURES = "series|indicator|period_start|period_end|value|unit|vintage|source"


def figure(measured, **other):
    row = {"series": measured.slug, "indicator": "trade-1", "start": "2024-01-01", "end": "2024-12-31", "value": "5.30",
           "unit": "billion", "vintage": "1", "source": measured.observations.first().source.slug, **other}  # fmt: skip
    return "|".join(row.values())


def test_figures_are_known_by_series_period_and_vintage(client, series):
    file = bring_in(client, "observations", csv(FIGURES, figure(series), figure(series, vintage="2", value="-5.25")))
    assert counts(file) == (2, 0, 0, 0)
    added = Observation.objects.filter(period_start=date(2024, 1, 1)).order_by("vintage")
    assert [one.value for one in added] == [Decimal("5.3"), Decimal("-5.25")]
    assert counts(bring_in(client, "observations", csv(FIGURES, figure(series, value="5.3")))) == (0, 0, 1, 0)
    other = csv(FIGURES + "|key", figure(series) + "|mine")
    assert reasons(check(client, "observations", other)) == [
        "This series already has a figure of this vintage for the period."
    ]


@pytest.mark.parametrize(
    ("told", "column", "reason"),
    [
        ({"value": "5,3"}, "value", "A comma could part decimals or thousands"),
        ({"value": "1e3"}, "value", "This is not a number with at most 16 digits"),
        ({"value": "5.12345"}, "value", "This is not a number with at most 16 digits"),
        ({"unit": "million"}, "unit", "The series counts in another unit"),
        ({"indicator": "tourism"}, "indicator", "The series measures another indicator."),
        ({"end": "2023-12-31"}, "period_end", "The period must not end before it starts."),
        ({"start": "2024"}, "period_start", "This is not a day"),
        ({"end": "2024-02-30"}, "period_end", "The calendar has no such day."),
        ({"series": "custom-1"}, "series", "There is no series of figures with this code."),
    ],
)
def test_a_figure_that_cannot_be_is_refused(client, series, told, column, reason):
    file = check(client, "observations", csv(FIGURES, figure(series, **told)))
    ((_row, at, value, why, _allowed),) = refusals(file)
    assert at == column
    assert why.startswith(reason)
    assert value == next(iter(told.values()))


def test_a_workbook_brings_dates_and_numbers_and_no_formulas(client, series):
    book = Workbook()
    book.active.append(FIGURES.split("|"))
    source = series.observations.get().source.slug
    for value in (5.3, "=2+3"):
        year = 2024 if value == 5.3 else 2025
        period = (date(year, 1, 1), date(year, 12, 31))
        book.active.append([series.slug, "trade-1", *period, value, "billion", 1, source])
    file = io.BytesIO()
    book.save(file)
    kept = check(client, "observations", file.getvalue(), name="figures.xlsx")
    assert counts(kept) == (1, 0, 0, 1)
    assert refusals(kept)[0][1:4] == (
        "value", "=2+3", "This is a formula or the error of one. Put the value itself in its place.",
    )  # fmt: skip


# --- developments --------------------------------------------------------------------------------------------------

EVENTS = "development|proposal|happened_on|precision|bearing|summary|sources|gate|occurrence"


@pytest.fixture
def gates():
    make_source("a", url="https://a.test/1"), make_source("b")
    return make_proposal(slug="gate"), make_proposal(slug="road")


def test_a_development_comes_with_all_its_rows(client, gates):
    rows = [
        "d1|gate|2024-09-30|month|advances|Surveyed.|b; a||no",
        "d1|road|2024-09-30|month|neither|Surveyed.|a; b||no",
    ]
    assert counts(bring_in(client, "developments", csv(EVENTS, *rows))) == (2, 0, 0, 0)
    survey = Development.objects.get()
    assert (survey.key, survey.precision, survey.search_text) == ("d1", Precision.MONTH, "surveyed.")
    assert sorted(survey.sources.values_list("slug", flat=True)) == ["a", "b"]
    assert dict(survey.bearings.values_list("proposal__slug", "bears")) == {"gate": "advances", "road": "neither"}
    assert len(survey.history.get().sources.all()) == 2
    assert counts(bring_in(client, "developments", csv(EVENTS, *rows))) == (0, 0, 2, 0)
    changed = [row.replace("Surveyed", "Measured").replace("neither", "sets_back") for row in rows]
    assert counts(bring_in(client, "developments", csv(EVENTS, *changed))) == (0, 2, 0, 0)
    assert Development.objects.get().summary_en == "Measured."
    assert Bearing.objects.get(proposal__slug="road").bears == Bears.SETS_BACK
    assert [one.history_type for one in Bearing.objects.get(proposal__slug="road").history.all()] == ["~", "+"]


def test_rows_of_one_development_stand_and_fall_together(client, gates):
    known = make_development(gates[0], key="d1", sources=[Source.objects.get(slug="a")])
    day = known.happened_on.isoformat()
    file = check(
        client, "developments",
        csv(EVENTS, f"d1|gate|{day}|day|advances|Works began.|a||no", f"d1|road|{day}|day|neither|Works ended.|a||no",
            f"d2|nowhere|{day}|day|advances|New.|a||no", f"d2|gate|{day}|day|advances|New.|a||no",
            f"d3|gate|{day}|day|advances|New.|||no", "d4|gate|2026-11-21|day|advances|New.|a||no",
            f"d1|gate|{day}|day|advances|Works began.|a||no"),
    )  # fmt: skip
    assert [(row, column, reason) for row, column, _value, reason, _allowed in refusals(file)] == [
        (3, "summary", "Row 2 of this file says otherwise of the same development."),
        (4, "proposal", "There is no proposal with this code."),
        (5, "", "It needs row 4 of this file, which is refused."),
        (6, "sources", "A development rests on at least one source."),
        (7, "happened_on", "2026-11-21 is in the future; here stands what happened."),
        (8, "development", "Row 2 of this file is the same record."),
    ]


def test_a_development_without_a_code_is_known_by_day_and_summary(client, gates):
    head = "proposal|happened_on|precision|bearing|summary|source_url"
    row = "gate|2024-09-30|day|advances|Surveyed.|https://a.test/1"
    assert counts(bring_in(client, "developments", csv(head, row))) == (1, 0, 0, 0)
    assert Development.objects.get().sources.get().slug == "a"
    assert counts(bring_in(client, "developments", csv(head, row, row.replace("gate", "road")))) == (1, 0, 1, 0)
    assert Development.objects.count() == 1


# --- the database's rules ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Organization, {"side": "vietnam", "kind": "state"}),
        (Organization, {"side": "moon", "kind": "state", "succeeded_on": date(2024, 1, 1)}),
        (Organization, {"side": "vietnam", "kind": "state", "successor_id": 1}),
        (Proposal, {"nature": "one_off", "expected_interval_months": 3}),
        (Proposal, {"nature": "continuing", "expected_interval_months": 0, "status": "superseded"}),
        (Statement, {"stance": "requested", "paragraph": 0}),
        (Development, {"account_side": "china"}),
        (Development, {"account_side": "china", "account_status": "completed"}),
        (Observation, {"period_start": date(2024, 2, 1), "period_end": date(2024, 1, 1), "vintage": 0}),
    ],
)
def test_rules_asked_of_a_record_are_those_of_the_database(model, values):
    record = model(**values)
    broken = {name for name, _words in broken_constraints(record)}
    for constraint in model._meta.constraints:
        if not isinstance(constraint, CheckConstraint):
            continue
        try:
            constraint.validate(model, record)
        except ValidationError:
            assert constraint.name in broken, constraint.name
        else:
            assert constraint.name not in broken, constraint.name


def test_what_a_language_does_not_know_is_refused_at_the_upload(client):
    with pytest.raises(AssertionError):
        upload(client, "proposals", csv("slug", "a"), language="fr")
