"""Draft, review, published; changes proposed and decided: every step with its row, or neither."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from tests.makers import TODAY, make_account, make_change, make_gate, make_organization, make_proposal, make_theme
from tracker import workflow
from tracker.access import reader_for
from tracker.choices import Nature, Publication, Status
from tracker.entry.accepting import accept
from tracker.models import ProposedChange, ReviewStep
from tracker.staff_scales import AccountRole, ChangeKind, ChangeState, ReviewAction

pytestmark = pytest.mark.django_db

DRAFT, IN_REVIEW, PUBLISHED = Publication.DRAFT, Publication.IN_REVIEW, Publication.PUBLISHED
WORDS = "Mend the title."


class Office:
    """An organization with a contributor, a contributor of another one, two editors and a viewer."""

    def __init__(self):
        self.organization = make_organization(name="Lao Cai")
        self.writer = make_account(AccountRole.CONTRIBUTOR, self.organization, "writer")
        self.stranger = make_account(AccountRole.CONTRIBUTOR, make_organization(), "stranger")
        self.viewer = make_account(AccountRole.VIEWER, self.organization, "viewer")
        self.editor = make_account(AccountRole.EDITOR, name="editor")
        self.second = make_account(AccountRole.EDITOR, name="second")

    def proposal(self, stage=PUBLISHED, **fields):
        return make_proposal(publication=stage, lead=[self.organization], **fields)

    def edit(self, proposal, **after):
        payload = {name: [workflow.values_of(proposal, [name])[name], value] for name, value in after.items()}
        return workflow.propose(proposal, ChangeKind.EDIT, payload, by=self.writer, reason="A source says so.")


@pytest.fixture
def office():
    return Office()


def take(step, proposal, by):
    """Take a step by its name."""
    calls = {
        "submit": lambda: workflow.submit(proposal, by=by),
        "take_back": lambda: workflow.take_back(proposal, by=by),
        "return": lambda: workflow.return_to_author(proposal, by=by, comment=WORDS),
        "publish": lambda: workflow.publish(proposal, by=by),
        "unpublish": lambda: workflow.unpublish(proposal, by=by, reason=WORDS),
    }
    return calls[step]()


def stage_of(proposal):
    return type(proposal).objects.get(pk=proposal.pk).publication


# --- a draft's way -------------------------------------------------------------------------------------------------

LEADS_TO = {
    ("submit", DRAFT): IN_REVIEW,
    ("take_back", IN_REVIEW): DRAFT,
    ("return", IN_REVIEW): DRAFT,
    ("publish", DRAFT): PUBLISHED,
    ("publish", IN_REVIEW): PUBLISHED,
    ("unpublish", PUBLISHED): DRAFT,
}
OF_CONTRIBUTORS = {"submit", "take_back"}


@pytest.mark.parametrize("step", ["submit", "take_back", "return", "publish", "unpublish"])
def test_each_step_starts_from_its_stages_and_is_taken_by_whom_it_belongs_to(office, step):
    for stage in Publication:
        for who in ("viewer", "stranger", "writer", "editor"):
            proposal, by = office.proposal(stage), getattr(office, who)
            allowed = who == "editor" or (who == "writer" and step in OF_CONTRIBUTORS)
            if (step, stage) in LEADS_TO and allowed:
                take(step, proposal, by)
                assert stage_of(proposal) == proposal.publication == LEADS_TO[step, stage]
                assert proposal.review_steps.get().taken_by == by
                assert proposal.history.first().history_user == by
            else:
                with pytest.raises(ValidationError):
                    take(step, proposal, by)
                assert (stage_of(proposal), proposal.review_steps.count()) == (stage, 0), (step, stage, who)


def test_a_step_from_the_wrong_stage_says_where_the_proposal_is_and_where_the_step_starts(office):
    with pytest.raises(ValidationError, match="is at the stage “Published”; this step starts from: Draft, In review"):
        workflow.publish(office.proposal(), by=office.editor)


@pytest.mark.parametrize("comment", ["", "  \n"])
def test_who_returns_or_takes_away_says_why(office, comment):
    waiting, shown = office.proposal(IN_REVIEW), office.proposal()
    with pytest.raises(ValidationError, match="what is to be mended"):
        workflow.return_to_author(waiting, by=office.editor, comment=comment)
    with pytest.raises(ValidationError, match="why it becomes a draft"):
        workflow.unpublish(shown, by=office.editor, reason=comment)
    assert (stage_of(waiting), stage_of(shown), ReviewStep.objects.count()) == (IN_REVIEW, PUBLISHED, 0)


def test_nothing_is_published_without_a_status(office):
    proposal = office.proposal(IN_REVIEW, since=None)
    with pytest.raises(ValidationError, match="record its first status"):
        workflow.publish(proposal, by=office.editor)
    assert stage_of(proposal) == IN_REVIEW


def test_row_and_stage_are_saved_together_or_not_at_all(office, monkeypatch):
    proposal = office.proposal(DRAFT)

    def fail(**_fields):
        raise RuntimeError

    monkeypatch.setattr(ReviewStep.objects, "create", fail)
    with pytest.raises(RuntimeError):
        workflow.submit(proposal, by=office.writer)
    assert stage_of(proposal) == DRAFT


def test_the_way_of_a_draft_stays_on_record(office):
    proposal = office.proposal(DRAFT)
    workflow.submit(proposal, by=office.writer, comment="Please look.")
    workflow.return_to_author(proposal, by=office.editor, comment=WORDS)
    workflow.submit(proposal, by=office.writer)
    workflow.publish(proposal, by=office.second)
    assert list(proposal.review_steps.values_list("action", "comment", "taken_by__username")) == [
        ("submitted", "Please look.", "writer"),
        ("returned", WORDS, "editor"),
        ("submitted", "", "writer"),
        ("published", "", "second"),
    ]
    assert proposal.history.filter(history_change_reason=WORDS).get().history_user == office.editor


# --- proposing -----------------------------------------------------------------------------------------------------


def test_a_change_is_proposed_to_what_is_published_by_who_has_a_part_in_it(office):
    edit = {"title_en": ["Open the gate", "Open it"]}
    for stage, who in ((DRAFT, "writer"), (IN_REVIEW, "writer"), (PUBLISHED, "stranger"), (PUBLISHED, "viewer")):
        with pytest.raises(ValidationError, match="own organization has a part"):
            workflow.propose(office.proposal(stage), ChangeKind.EDIT, edit, by=getattr(office, who), reason="Why")
    proposal = office.proposal()
    change = workflow.propose(proposal, ChangeKind.EDIT, edit, by=office.writer, reason=" Why ")
    assert (change.state, change.reason, change.proposed_by) == ("waiting", "Why", office.writer)
    proposal.refresh_from_db()
    assert proposal.title_en == "Open the gate"


@pytest.mark.parametrize(
    ("payload", "reason", "words"),
    [
        ({}, "Why", "Nothing differs"),
        ({"title_en": ["a", "b"]}, " ", "Say why"),
        ({"slug": ["a", "b"], "status": ["a", "b"]}, "Why", "cannot be proposed: slug, status"),
        ({"publication": ["published", "draft"]}, "Why", "cannot be proposed: publication"),
    ],
)
def test_an_edit_names_columns_that_differ_and_its_reason(office, payload, reason, words):
    with pytest.raises(ValidationError, match=words):
        workflow.propose(office.proposal(), ChangeKind.EDIT, payload, by=office.writer, reason=reason)
    assert not ProposedChange.objects.exists()


# --- deciding ------------------------------------------------------------------------------------------------------


def test_an_accepted_edit_is_written_and_signed_and_nothing_else_moves(office):
    theme, gate = make_theme("transport"), make_gate()
    proposal = office.proposal()
    change = office.edit(
        proposal, title_en="Open it", title_vi="Mở cửa khẩu", theme=theme.pk, gates=[gate.pk],
        nature=Nature.CONTINUING.value, expected_interval_months=12,
    )  # fmt: skip
    make_change(proposal, Status.AGREED, on=date(2024, 9, 1))
    accept(change, by=office.editor, today=TODAY)
    proposal = type(proposal).objects.get()
    assert (proposal.title_en, proposal.title_vi, proposal.theme, proposal.nature) == (
        "Open it", "Mở cửa khẩu", theme, "continuing",
    )  # fmt: skip
    assert (proposal.expected_interval_months, list(proposal.gates.all())) == (12, [gate])
    assert (proposal.status, proposal.publication) == (Status.AGREED, PUBLISHED)
    assert proposal.search_text.startswith("open it | mo cua khau")
    assert {version.history_user for version in proposal.history.filter(title_en="Open it")} == {office.writer}
    change.refresh_from_db()
    assert (change.state, change.decided_by) == (ChangeState.ACCEPTED, office.editor)


def test_what_was_emptied_is_empty_afterwards(office):
    proposal = office.proposal(note_en="A note.")
    proposal.gates.add(make_gate())
    accept(office.edit(proposal, note_en="", gates=[]), by=office.editor, today=TODAY)
    proposal = type(proposal).objects.get()
    assert (proposal.note_en or "", proposal.gates.count()) == ("", 0)


def test_an_edit_whose_before_is_no_longer_true_is_refused_naming_field_before_now_and_after(office):
    proposal = office.proposal()
    change = office.edit(proposal, title_en="Open it", completion_test_en="Lorries pass.")
    proposal.title_en = "Open the Long Phu gate"
    proposal.save(update_fields=["title_en"])
    told = "Before: Open the gate. Now: Open the Long Phu gate. Proposed: Open it."
    with pytest.raises(ValidationError, match=told):
        accept(change, by=office.editor, today=TODAY)
    proposal.refresh_from_db()
    change.refresh_from_db()
    assert (proposal.completion_test_en, change.state) == ("The gate is open.", ChangeState.WAITING)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ({"title_en": ""}, r"Title \[en\]: .* blank"),
        ({"completion_test_en": ""}, "keeps the test"),
        ({"nature": "declaratory"}, "never completed"),
        ({"expected_interval_months": 3}, "continuing commitment"),
        ({"gates": [999999]}, "Border gates: .* no longer exists"),
        ({"theme": 999999}, "Theme: .* not a valid choice"),
    ],
)
def test_an_edit_that_the_rules_forbid_is_not_written(office, after, words):
    proposal = office.proposal(status=Status.COMPLETED)
    change = office.edit(proposal, **after)
    with pytest.raises(ValidationError, match=words):
        accept(change, by=office.editor, today=TODAY)
    change.refresh_from_db()
    assert change.state == ChangeState.WAITING
    assert type(proposal).objects.filter(pk=proposal.pk, title_en="Open the gate", nature="one_off").exists()


def test_only_another_editor_decides_and_only_its_author_takes_a_change_back(office):
    change = office.edit(office.proposal(), title_en="Open it")
    for who in ("viewer", "stranger", "writer"):
        with pytest.raises(ValidationError):
            accept(change, by=getattr(office, who), today=TODAY)
        with pytest.raises(ValidationError):
            workflow.send_back(change, by=getattr(office, who), comment=WORDS)
    for who in ("viewer", "stranger", "editor"):
        with pytest.raises(ValidationError, match="Only whoever proposed"):
            workflow.take_back_change(change, by=getattr(office, who))
    workflow.take_back_change(change, by=office.writer)
    assert (change.state, change.decided_by) == (ChangeState.WITHDRAWN, office.writer)


def test_nobody_decides_about_a_change_of_their_own_not_even_a_lone_administrator(office, django_user_model):
    boss = django_user_model.objects.create_superuser("boss")
    payload = {"new": Status.COMPLETED.value, "reason_en": "Done."}
    change = workflow.propose(office.proposal(), ChangeKind.STATUS, payload, by=boss)
    with pytest.raises(ValidationError, match="second person"):
        workflow.close(change, ChangeState.ACCEPTED, by=boss)
    change.refresh_from_db()
    assert change.state == ChangeState.WAITING


def test_a_change_is_decided_once_and_returned_with_words_that_stay(office):
    change = office.edit(office.proposal(), title_en="Open it")
    with pytest.raises(ValidationError, match="what is to be mended"):
        workflow.send_back(change, by=office.editor, comment=" ")
    workflow.send_back(change, by=office.editor, comment=WORDS)
    for late in (
        lambda: accept(change, by=office.second, today=TODAY),
        lambda: workflow.send_back(change, by=office.second, comment=WORDS),
    ):
        with pytest.raises(ValidationError, match=r"no longer open: Returned on .* by editor"):
            late()
    workflow.take_back_change(change, by=office.writer)
    change.refresh_from_db()
    assert (change.state, change.decided_by, change.comment) == (ChangeState.WITHDRAWN, office.editor, WORDS)


# --- what waits ----------------------------------------------------------------------------------------------------


def test_the_lists_hold_what_waits_for_each(office):
    workflow.submit(office.proposal(DRAFT), by=office.writer)
    back = office.proposal(DRAFT)
    workflow.submit(back, by=office.writer)
    workflow.return_to_author(back, by=office.editor, comment=WORDS)
    office.edit(office.proposal(), title_en="Open it")
    workflow.send_back(office.edit(office.proposal(), title_en="Open"), by=office.editor, comment=WORDS)
    done = {"new": Status.COMPLETED.value, "reason_en": "Done."}
    workflow.propose(office.proposal(), ChangeKind.STATUS, done, by=office.editor)
    workflow.propose(office.proposal(), ChangeKind.STATUS, {**done, "new": "agreed"}, by=office.writer)

    def waiting(user):
        reader = reader_for(user)
        lists = ("drafts_in_review", "changes_to_decide", "own_in_review", "returned_drafts", "own_changes")
        return tuple(len(getattr(workflow, name)(reader)) for name in lists)

    assert waiting(office.second) == (1, 3, 1, 0, 0)
    assert waiting(office.editor) == (1, 2, 1, 0, 1)
    assert waiting(office.writer) == (0, 0, 1, 1, 3)
    assert waiting(office.stranger) == waiting(office.viewer) == (0, 0, 0, 0, 0)


def test_a_draft_submitted_again_no_longer_counts_as_returned(office):
    proposal = office.proposal(DRAFT)
    workflow.submit(proposal, by=office.writer)
    workflow.return_to_author(proposal, by=office.editor, comment=WORDS)
    (returned,) = workflow.returned_drafts(reader_for(office.writer))
    assert (returned, returned.last_comment, returned.last_by) == (proposal, WORDS, "editor")
    workflow.submit(proposal, by=office.writer)
    assert not workflow.returned_drafts(reader_for(office.writer))
    assert [step.action for step in proposal.review_steps.all()][-1] == ReviewAction.SUBMITTED
