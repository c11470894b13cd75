"""Status and evidence in short forms: who may, what is saved, what waits, what is refused and how that is said."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from tests.makers import (
    TODAY,
    make_account,
    make_change,
    make_meeting,
    make_organization,
    make_post,
    make_proposal,
    make_source,
    make_statement,
)
from tests.pages import freeze, get, read
from tracker.choices import Nature, Publication, Side, Stance, Status
from tracker.entry import accepting
from tracker.models import (
    Development,
    Proposal,
    ProposedChange,
    Review,
    Source,
    Statement,
    StatusChange,
)
from tracker.staff_scales import AccountRole, ChangeKind, ChangeState
from tracker.transitions import record_status

pytestmark = pytest.mark.django_db

KINDS = ("development", "answer", "status", "review", "note")


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture
def own():
    return make_organization("dien-bien", name="Dien Bien")


@pytest.fixture
def gate(own):
    """A published proposal of Dien Bien, asked at one meeting, agreed."""
    proposal = make_proposal(slug="gate", proposer=[own], status=Status.AGREED)
    make_statement(proposal, make_meeting(name_en="Talks"), organization=own, summary_en="Asked to open it.")
    return proposal


@pytest.fixture
def editor(client):
    user = make_account(AccountRole.EDITOR, name="linh")
    client.force_login(user)
    return user


@pytest.fixture
def contributor(client, own):
    user = make_account(AccountRole.CONTRIBUTOR, own, "minh")
    client.force_login(user)
    return user


def send(client, kind, status=302, slug="gate", **sent):
    """Fill in a short form, the rest as the page offers it; give the response."""
    page = get(client, f"/proposals/{slug}/log/{kind}/")
    filled = {}
    for field in page.one("section", "entry").all():
        name, value = field.attrs.get("name"), field.attrs.get("value", "")
        if field.tag == "input" and field.attrs["type"] in ("text", "hidden", "url", "number"):
            filled[name] = value
        elif field.tag == "input" and "checked" in field.attrs:
            filled.setdefault(name, []).append(value)
        elif field.tag == "select":
            chosen = [one.attrs["value"] for one in field.all("option") if "selected" in one.attrs]
            filled[name] = chosen[0] if chosen else field.all("option")[0].attrs["value"]
    response = client.post(f"/proposals/{slug}/log/{kind}/", filled | sent)
    assert response.status_code == status, problems(response)
    return response


def problems(response):
    """Give what the page says is to be mended, one text for all."""
    found = read(response).all("div", "error") if response.status_code == 400 else []
    return found[0].text if found else ""


# --- who may -------------------------------------------------------------------------------------------------------


def test_only_those_with_a_part_in_the_work_find_the_forms(client, gate, own):
    other = make_organization("lao-cai")
    users = {
        "nobody": None,
        "viewer": make_account(AccountRole.VIEWER, own, "v"),
        "another's contributor": make_account(AccountRole.CONTRIBUTOR, other, "c"),
        "own contributor": make_account(AccountRole.CONTRIBUTOR, own, "o"),
        "editor": make_account(AccountRole.EDITOR, name="e"),
    }
    found = {}
    for who, user in users.items():
        client.logout()
        if user:
            client.force_login(user)
        found[who] = [client.get(f"/proposals/gate/log/{kind}/").status_code for kind in KINDS]
    assert found == {
        "nobody": [404] * 5,
        "viewer": [404] * 5,
        "another's contributor": [404] * 5,
        "own contributor": [200] * 5,
        "editor": [200] * 5,
    }


def test_the_page_leads_staff_to_the_forms_and_viewers_nowhere(client, gate, editor):
    links = [href for href, _words in get(client, "/proposals/gate/").section("record").links()]
    assert links == [f"/proposals/gate/log/{kind}/" for kind in KINDS]
    assert not get(client, "/proposals/gate/?as_of=2026-11-01").all("section", aria_labelledby="record")
    client.logout()
    assert not get(client, "/proposals/gate/").all("section", aria_labelledby="record")


def test_a_kind_of_entry_that_is_not_there_is_not_found(client, gate, editor):
    get(client, "/proposals/gate/log/rumour/", 404)
    get(client, "/proposals/other/log/status/", 404)


# --- what an editor saves at once ----------------------------------------------------------------------------------


def test_a_development_is_logged_with_a_source_found_by_words_of_its_title(client, gate, editor):
    source = make_source("opening", title="Mở cửa khẩu Long Phú")
    response = send(
        client, "development", when="2026-10", bears="advances", summary_en="Works began.", source="cua khau long phu",
        reason="Seen in the paper.",
    )  # fmt: skip
    assert response.url == "/proposals/gate/#evidence"
    development = Development.objects.get()
    assert (development.happened_on, development.precision) == (date(2026, 10, 31), "month")
    assert [source.slug] == [one.slug for one in development.sources.all()]
    assert [(row.proposal, row.bears) for row in development.bearings.all()] == [(gate, "advances")]
    signed = development.history.first()
    assert (signed.history_user, signed.history_change_reason) == (editor, "Seen in the paper.")
    page = get(client, "/proposals/gate/")
    assert "Works began." in page.section("evidence").text
    assert "Your entry is saved." in page.one("ul", "messages").text
    assert source.slug == "opening"


def test_a_month_that_is_not_over_ends_today(client, gate, editor):
    send(client, "development", when="2026-11", bears="neither", summary_en="Works.", source=make_source().slug)
    assert Development.objects.get().happened_on == TODAY


def test_a_source_that_is_not_on_record_is_added_on_the_way(client, gate, editor):
    new = {"new-publisher": "Báo Điện Biên", "new-title": "Cửa khẩu", "new-when": "2026-11-02"}
    new["new-url"] = "https://example.org/1"
    send(client, "development", bears="advances", summary_en="Works began.", **new)
    source = Source.objects.get(publisher="Báo Điện Biên")
    assert (source.slug, source.published, source.language) == ("bao-dien-bien-cua-khau-2026-11-02", "2026-11-02", "vi")
    assert list(Development.objects.get().sources.all()) == [source]
    again = send(client, "development", 400, bears="neither", summary_en="More.", **new)
    assert f"its short name is {source.slug}" in read(again).text
    assert Source.objects.filter(publisher="Báo Điện Biên").count() == 1


def test_the_new_source_is_not_kept_when_the_entry_is_refused(client, gate, editor):
    before = Source.objects.count()
    page = send(client, "development", 400, bears="advances", summary_en="", **{"new-publisher": "Paper"})
    assert "What happened: This field is required." in problems(page)
    assert 'value="Paper"' in page.content.decode()
    assert Source.objects.count() == before


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"source": ""}, "Say where it stands"),
        ({"source": "xyz"}, "No source on record is called “xyz”"),
        ({"source": "Report"}, "Several sources fit “Report”: Agency: Report (one); Agency: Report (two)"),
        ({"when": "soon"}, "“soon” is not a date; allowed: 2024-11-06"),
        ({"when": "2026-11-01/2026-11-03"}, "is a stretch of days"),
        ({"when": "2026-11-21"}, "2026-11-21 is in the future"),
        ({"new-publisher": "Paper"}, "Choose a source on record or add a new one, not both."),
        ({"account_side": "china"}, "An account names both the side and the status"),
        ({"is_occurrence": "on"}, "Only a continuing commitment occurs again; this one is “One-off”"),
        ({"visibility": "restricted", "held_by": ""}, "What is restricted is kept by an organization"),
        ({"bears": "helps"}, "helps"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_entered_stays(client, gate, editor, sent, words):
    make_source("one")
    make_source("two", publisher="Agency")
    Source.objects.exclude(slug__in=("one", "two")).update(search_text="agency | other")
    entered = {"when": "2026-11-02", "bears": "advances", "summary_en": "Kept words.", "source": "one", **sent}
    page = send(client, "development", 400, **entered)
    assert words in problems(page)
    assert "Kept words." in page.content.decode()
    assert not Development.objects.exists()


def test_the_same_fact_is_not_entered_twice_but_may_bear_on_another_proposal(client, gate, editor):
    make_proposal("Other", slug="other")
    entered = {"when": "2026-11-02", "bears": "advances", "summary_en": "Works began.", "source": make_source().slug}
    send(client, "development", **entered)
    assert "on record for this proposal already" in problems(send(client, "development", 400, **entered))
    send(client, "development", slug="other", **entered)
    assert [one.bearings.count() for one in Development.objects.all()] == [2]


def test_an_answer_goes_to_the_ask_that_is_ticked_and_answers_it_on_the_page(client, gate, editor):
    ask = gate.statements.get()
    make_statement(gate, make_meeting(date(2023, 6, 1)), summary_en="Asked before.")
    yunnan = make_organization("yunnan", side=Side.CHINA, name="Yunnan")
    page = get(client, "/proposals/gate/log/answer/")
    labels = [label.text for label in page.id("id_asks").all("label")]
    assert labels[0] == "Talks, 2024-06-12: Dien Bien – Asked to open it."
    assert [box.attrs["value"] for box in page.id("id_asks").all("input") if "checked" in box.attrs] == [str(ask.pk)]
    send(
        client, "answer", when="", stance="pledged", organization=yunnan.pk, summary_en="Will open it.",
        source=make_source().slug, paragraph="3",
    )  # fmt: skip
    said = Statement.objects.get(stance=Stance.PLEDGED)
    assert (said.answers, said.meeting, said.said_on, said.addressee.slug, said.paragraph) == (
        ask, ask.meeting, ask.meeting.last_day, "dien-bien", 3,
    )  # fmt: skip
    assert "Specific answer" in get(client, "/proposals/gate/").section("said").text


def test_several_asks_get_the_answer_each(client, gate, editor):
    second = make_statement(gate, make_meeting(date(2025, 6, 1)), summary_en="Asked again.")
    asks = [gate.statements.first().pk, second.pk]
    speaker = make_post("Wang", make_organization("yunnan", side=Side.CHINA))
    send(
        client, "answer", asks=asks, stance="agreed", blanket="on", post=speaker.pk, summary_en="Yes to all.",
        source=make_source().slug,
    )  # fmt: skip
    said = Statement.objects.filter(stance=Stance.AGREED).order_by("answers")
    assert [(one.answers_id, one.blanket, one.organization.slug) for one in said] == [
        (asks[0], True, "yunnan"),
        (asks[1], True, "yunnan"),
    ]
    assert {one.said_on for one in said} == {TODAY}


def test_what_is_wrong_with_an_answer_is_said(client, gate, editor, own):
    yunnan = make_organization("yunnan", side=Side.CHINA)
    fine = {"stance": "agreed", "summary_en": "Yes.", "source": make_source().slug, "organization": yunnan.pk}
    told = [
        problems(send(client, "answer", 400, **fine | wrong))
        for wrong in (
            {"organization": own.pk},
            {"organization": ""},
            {"when": "2024-06-01"},
            {"asks": []},
            {"stance": "requested"},
        )
    ]
    assert "Nobody answers their own side" in told[0]
    assert "Say who answers" in told[1]
    assert "2024-06-01 is before the ask of 2024-06-12" in told[2]
    assert "Tick the asks that are answered" in told[3]
    assert "requested" in told[4]
    assert Statement.objects.count() == 1
    send(client, "answer", **fine)
    assert "This answer to that ask is on record already" in problems(
        send(client, "answer", 400, asks=[gate.statements.first().pk], **fine)
    )


def test_the_scale_stands_with_its_rules_and_what_is_against_each_status(
    client, gate, editor, django_assert_max_num_queries
):
    with django_assert_max_num_queries(25):
        page = get(client, "/proposals/gate/log/status/")
    rows = {row.one("input").attrs["value"]: row for row in page.id("id_new").all("li")}
    assert list(rows) == Status.values
    assert all(str(Status(value).rule) in row.text for value, row in rows.items())
    assert "present status" in rows["agreed"].text
    assert "The history already says “Agreed” on 2024-06-12." in rows["agreed"].text
    assert "Name the successor" in rows["superseded"].text
    assert [value for value, row in rows.items() if "disabled" in row.one("input").attrs] == ["superseded"]
    assert "Needs a second person" in rows["completed"].text
    assert "This goes back from “Agreed”" in rows["proposed"].text
    assert "No act since the commitment is on record" in rows["under_way"].text
    assert "An answer is on record" not in rows["proposed"].text
    make_statement(gate, make_meeting(), Stance.AGREED)
    send(client, "development", bears="advances", summary_en="Works began.", source=make_source().slug)
    page = get(client, "/proposals/gate/log/status/")
    rows = {row.one("input").attrs["value"]: row for row in page.id("id_new").all("li")}
    assert "An answer is on record" in rows["proposed"].text
    assert "No act since the commitment" not in rows["under_way"].text
    Proposal.objects.update(nature=Nature.CONTINUING)
    page = get(client, "/proposals/gate/log/status/")
    assert "is never completed" in page.id("id_new").all("li")[5].text


def test_a_change_of_status_is_recorded_through_the_scale(client, gate, editor):
    page = send(client, "status", 400, new="under_way", reason_en="Works.", when="2026-11-02")
    assert "“Under way” needs a source." in problems(page)
    source = make_source()
    organization = make_organization("ministry")
    response = send(
        client, "status", new="under_way", reason_en="Works began.", reason_vi="Khởi công.", when="2026-09-30",
        by_then="on", source=source.slug, paragraph="4", awaiting=organization.pk, next="/follow-up/",
    )  # fmt: skip
    assert response.url == "/follow-up/"
    change = StatusChange.objects.get(new=Status.UNDER_WAY)
    assert (change.old, change.effective_on, change.precision, change.recorded_by, change.reason_vi) == (
        "agreed", date(2026, 9, 30), "none", editor, "Khởi công.",
    )  # fmt: skip
    assert (change.source, change.paragraph, change.awaiting) == (source, 4, organization)
    assert Proposal.objects.get().status == Status.UNDER_WAY
    assert "Recorded by linh" in get(client, "/proposals/gate/").section("history").text


def test_afterwards_nobody_is_led_to_another_site(client, gate, editor):
    response = send(client, "review", next="https://evil.example/")
    assert response.url == "/proposals/gate/#evidence"


def test_that_somebody_looked_is_shown_to_all_and_where_only_to_those_who_may_read_it(client, gate, editor):
    source = make_source("paper", publisher="Paper", published_on=None)
    send(client, "review", note_en="Searched the portal.", source="paper", visibility="internal")
    review = Review.objects.get()
    assert (review.reviewed_on, review.reviewer, review.source) == (TODAY, editor, source)
    shown = get(client, "/proposals/gate/").section("evidence").text
    assert "nothing new. Searched the portal. Paper Internal linh" in shown
    assert "You have recorded this" in problems(
        send(client, "review", 400, note_en="Searched the portal.", source="paper")
    )
    assert "is no day" in problems(send(client, "review", 400, when="2026-10"))
    client.logout()
    shown = get(client, "/proposals/gate/").section("evidence").text
    assert "nothing new." in shown
    assert not any(word in shown for word in ("portal", "Paper", "linh", "Internal"))


# --- what a contributor's entries become ---------------------------------------------------------------------------


def accept(client, change, status=302):
    """Accept as another editor, through the front door."""
    editor = make_account(AccountRole.EDITOR, name=f"editor-{change.pk}")
    client.force_login(editor)
    response = client.post(f"/admin/review/changes/{change.pk}/", {"_accept": "yes", "comment": ""})
    assert response.status_code == status
    change.refresh_from_db()
    return editor


def test_on_what_is_published_a_contributors_entries_wait_and_are_saved_as_theirs(client, gate, contributor):
    source = make_source("paper")
    yunnan = make_organization("yunnan", side=Side.CHINA)
    assert "waits until an editor accepts it" in get(client, "/proposals/gate/log/status/").text
    send(client, "status", new="pledged", reason_en="Signed minutes.", source="paper", when="2026-11-02")
    send(client, "development", bears="sets_back", summary_en="Stopped.", source="paper", visibility="restricted")
    send(client, "answer", stance="noted", organization=yunnan.pk, summary_en="Noted it.", source="paper")
    send(client, "review", note_en="Looked.")
    assert (StatusChange.objects.count(), Development.objects.count(), Review.objects.count()) == (1, 0, 0)
    changes = list(ProposedChange.objects.order_by("pk"))
    assert [(one.kind, one.proposed_by, one.state) for one in changes] == [
        (kind, contributor, "waiting") for kind in ("status", "development", "answer", "review")
    ]
    assert changes[0].reason == "Signed minutes."
    assert "Waiting for a second person" in get(client, "/proposals/gate/").section("record").text
    for change in changes:
        accept(client, change)
        assert change.state == ChangeState.ACCEPTED
    pledged = StatusChange.objects.get(new=Status.PLEDGED)
    assert (pledged.recorded_by, pledged.source, pledged.confirmed_by) == (contributor, source, None)
    development = Development.objects.get()
    assert (development.history.first().history_user, development.held_by.slug) == (contributor, "dien-bien")
    assert Statement.objects.get(stance=Stance.NOTED).organization == yunnan
    assert Review.objects.get().reviewer == contributor


def test_a_new_source_of_a_proposed_entry_is_kept_and_named_by_it(client, gate, contributor):
    send(client, "development", bears="advances", summary_en="Works.", **{"new-publisher": "Paper", "new-title": "A"})
    change = ProposedChange.objects.get()
    assert change.payload["source"] == Source.objects.get(publisher="Paper").slug == "paper-a"
    accept(client, change)
    assert Development.objects.get().sources.get().slug == "paper-a"


def test_on_an_own_draft_a_contributor_saves_at_once_and_goes_back_to_the_workplace(client, gate, contributor):
    Proposal.objects.update(publication=Publication.DRAFT)
    response = send(client, "status", new="declined", reason_en="Refused.")
    assert response.url == f"/admin/tracker/proposal/{gate.pk}/change/"
    assert StatusChange.objects.filter(new=Status.DECLINED, recorded_by=contributor).exists()
    Proposal.objects.update(publication=Publication.IN_REVIEW)
    get(client, "/proposals/gate/log/status/", 404)
    get(client, "/proposals/gate/log/note/")


def test_what_no_longer_fits_the_record_is_not_accepted_and_says_why(client, gate, contributor):
    send(client, "status", new="declined", reason_en="Refused.", when="2026-11-02")
    make_change(gate, Status.DECLINED, on=date(2026, 11, 1))
    change = ProposedChange.objects.get()
    editor = accept(client, change, 200)
    assert change.state == ChangeState.WAITING
    with pytest.raises(ValidationError, match="New status: The history already says “Declined” on 2026-11-01"):
        accepting.accept(change, by=editor, today=TODAY)
    with pytest.raises(ValidationError, match="Nobody decides about a change of their own"):
        accepting.accept(change, by=contributor, today=TODAY)


def test_a_proposed_entry_is_described_in_words(client, gate, contributor):
    source = make_source("paper", publisher="Paper", title="Signed")
    send(client, "status", new="pledged", reason_en="Minutes.", source="paper", when="2026-11", by_then="on")
    assert [(one.label, one.value) for one in accepting.described(ProposedChange.objects.get())] == [
        ("New status", "Pledged"),
        ("Date", "2026-11"),
        ("Reason", "Minutes."),
        ("Source", str(source)),
        ("By then; the exact date is unknown", "yes"),
    ]


# --- nothing is completed alone ------------------------------------------------------------------------------------


def completed(client, status=302, **sent):
    entered = {"new": "completed", "reason_en": "It is open.", "source": make_source().slug, "when": "2026-11-02"}
    return send(client, "status", status, **entered | sent)


def test_completed_waits_for_another_editor_who_is_kept_as_the_second_person(client, gate, editor):
    completed(client)
    assert Proposal.objects.get().status == Status.AGREED
    assert "needs a second person, even in a small office" in get(client, "/proposals/gate/").text
    change = ProposedChange.objects.get()
    assert (change.kind, change.payload["new"], change.proposed_by) == (ChangeKind.STATUS, "completed", editor)
    client.post(f"/admin/review/changes/{change.pk}/", {"_accept": "yes"})
    assert Proposal.objects.get().status == Status.AGREED
    second = accept(client, change)
    made = StatusChange.objects.get(new=Status.COMPLETED)
    assert (made.recorded_by, made.confirmed_by, Proposal.objects.get().status) == (editor, second, "completed")
    history = get(client, "/proposals/gate/").section("history").text
    assert f"Recorded by linh, confirmed by {second}" in history
    client.logout()
    assert "linh" not in get(client, "/proposals/gate/").text


def test_the_same_completion_does_not_wait_twice_and_what_moved_on_is_said_in_the_queue(client, gate, editor):
    completed(client)
    change = ProposedChange.objects.get()
    other = make_account(AccountRole.EDITOR, name="other")
    client.force_login(other)
    page = read(completed(client, 400))
    assert "The same step waits already, proposed by linh on" in page.text
    assert f"/admin/review/changes/{change.pk}/" in [href for href, _words in page.links()]
    sent = {
        "proposal": gate.pk, "new": "completed", "effective_on": "2026-11-02", "precision": "day",
        "reason_en": "It is open.", "source": make_source().pk,
    }  # fmt: skip
    assert "The same step waits already" in read(client.post("/admin/tracker/statuschange/add/", sent)).text
    assert ProposedChange.objects.count() == 1
    step = StatusChange(proposal=gate, new="completed", effective_on=TODAY, reason_en="Open.", source=make_source())
    record_status(step, today=TODAY)
    assert "moved on, the proposal has this status already" in get(client, "/admin/review/").text


def test_nobody_passes_by_the_second_person_in_the_workplace(client, gate):
    client.force_login(User.objects.create_superuser("chief"))
    sent = {
        "proposal": gate.pk, "new": "completed", "effective_on": "2026-11-02", "precision": "day",
        "reason_en": "It is open.", "source": make_source().pk,
    }  # fmt: skip
    response = client.post("/admin/tracker/statuschange/add/", sent, follow=True)
    assert "needs a second person" in response.content.decode()
    assert Proposal.objects.get().status == Status.AGREED
    change = ProposedChange.objects.get()
    accept(client, change)
    made = StatusChange.objects.get(new=Status.COMPLETED)
    assert (made.effective_on, made.recorded_by.username) == (date(2026, 11, 2), "chief")


def test_the_writer_of_status_itself_asks_for_the_second_person(gate):
    first, second = make_account(AccountRole.EDITOR, name="a"), make_account(AccountRole.EDITOR, name="b")

    def change():
        return StatusChange(proposal=gate, new="completed", effective_on=TODAY, reason_en="Open.", source=make_source())

    for confirmed_by in (None, first):
        with pytest.raises(ValidationError, match="needs a second person: somebody other than a"):
            record_status(change(), today=TODAY, by=first, confirmed_by=confirmed_by)
    record_status(change(), today=TODAY, by=first, confirmed_by=second)
    assert Proposal.objects.get().status == Status.COMPLETED
