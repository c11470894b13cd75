"""Remarks while a proposal is entered: the rules as they are, and the form as it is filled in."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from tests.admin_pages import address, filled, inline
from tests.makers import make_account, make_deadline, make_organization, make_proposal, make_theme
from tests.pages import load_seeds, read
from tracker.choices import Nature, Publication, Role
from tracker.metrics.entry_help import ALIKE, Entry, Known, Rule, likeness, remarks_on
from tracker.models import Proposal
from tracker.models.base import SUFFIXES
from tracker.staff_scales import AccountRole


def rules(title="", *, vi="", zh_hans="", others=(), **known):
    """Give the rules that have something to say about a proposal that lacks nothing else."""
    given = {"tests": {"en": "It is open."}, "has_lead": True, "has_deadline": True, **known}
    entry = Entry(titles={"en": title, "vi": vi, "zh_hans": zh_hans}, **given)
    return [remark.rule for remark in remarks_on(entry, others)]


def about(title="", **texts):
    """Give what the remarks on a title are about."""
    titles = {"en": title, **texts}
    whole = Entry(titles=titles, tests={"en": "x"}, has_lead=True, has_deadline=True)
    return [remark.about for remark in remarks_on(whole, [])]


# --- the rules -----------------------------------------------------------------------------------------------------


def test_a_whole_proposal_is_not_remarked_on_and_one_without_a_title_not_yet():
    assert rules("Open the Long Phu border gate") == []
    assert rules(tests={}, has_lead=False, has_deadline=False) == []


def test_what_is_missing_is_said_and_a_declaration_needs_no_test():
    missing = {"tests": {"en": "  "}, "has_lead": False, "has_deadline": False}
    assert rules("Open the gate", **missing) == [Rule.NO_TEST, Rule.NO_LEAD, Rule.NO_DEADLINE]
    assert rules("Value friendship", **missing, nature=Nature.DECLARATORY) == [Rule.NO_LEAD, Rule.NO_DEADLINE]


@pytest.mark.parametrize(
    "title",
    [
        "The opening of the Long Phu gate",
        "Opening of the Long Phu gate",
        "Long Phu border gate",
        "Construction of a railway to Hekou",
        "2022–2026 memorandum with Guangxi",
        "Border gates",
        "Cooperation in health care",
    ],
)
def test_a_title_that_names_a_thing_or_a_deed_has_no_verb_at_its_start(title):
    assert rules(title) == [Rule.NO_VERB]
    assert about(title)[0].split(" …")[0] in title


@pytest.mark.parametrize(
    "title",
    [
        "Open the gate",
        "Jointly build a bridge",
        "Re-open the gate",
        "Quickly widen the road",
        "Electrify the railway",
        "“Twin” the two towns",
        "Dedicate a lane to fresh fruit",
    ],
)
def test_verbs_adverbs_before_them_and_unknown_words_with_an_object_will_do(title):
    assert rules(title) == []


def test_verbs_are_looked_for_in_each_language():
    assert rules(vi="Mở cửa khẩu Long Phú", zh_hans="开通龙富口岸") == []
    assert rules(vi="Cửa khẩu song phương Long Phú") == [Rule.NO_VERB]
    assert rules(vi="Việc mở cửa khẩu Long Phú") == [Rule.NO_VERB]
    assert rules(zh_hans="龙富双边口岸") == [Rule.NO_VERB]
    assert rules("Open the gate", zh_hans="在四省与云南之间建立新机制") == []


@pytest.mark.parametrize(
    ("texts", "place"),
    [
        ({"title": "Open the gate and build a road"}, "and build a"),
        ({"title": "Open the gate, then widen the road"}, "then widen the"),
        ({"title": "Upgrade the gate; sign the agreement"}, "sign the"),
        ({"title": "Open the gate. Build a road."}, ". Build"),
        ({"title": "Long Phu border gate, and build a road"}, "and build a"),
        ({"title": "Long Phu border gate and open it"}, "and open it"),
        ({"vi": "Mở cửa khẩu và xây dựng đường bộ"}, " và xây dựng"),
        ({"zh_hans": "开通口岸并修建公路"}, "并修建"),
    ],
)
def test_two_actions_in_one_title_are_named_by_the_second(texts, place):
    assert place in about(**texts)


@pytest.mark.parametrize(
    "title",
    [
        "Ease trade and transport across the border",
        "Work with Guangxi in power and clean energy",
        "Plan roads and exchange points",
        "Value and promote cooperation between localities",
        "Open the gate by 31 Dec. 2025",
        "Mark 25 years of the land border treaty and 15 years of the three legal documents",
    ],
)
def test_what_reads_like_a_second_verb_but_is_a_thing_is_one_action(title):
    assert rules(title) == []


def test_a_likely_duplicate_is_named_in_whatever_language_it_is_alike():
    known = Known(
        "long-phu",
        {"en": "Open the Long Phu bilateral border gate", "vi": "Mở cửa khẩu Long Phú", "zh_hans": "开通龙富双边口岸"},
    )
    for texts in (
        {"title": "Open the border gate at Long Phu"},
        {"title": "OPEN the long  phú Border Gates"},
        {"vi": "Mở cửa khẩu Long Phu"},
        {"zh_hans": "开通龙富双边的口岸"},
    ):
        assert rules(**texts, others=[known]) == [Rule.DUPLICATE], texts
    for title in ("Open the Huu Nghi border gate", "Build a bridge", "Widen the road to Long Phu"):
        assert rules(title, others=[known]) == [], title


def test_the_most_alike_come_first_and_no_more_than_three():
    others = [Known(f"one-{number}", {"en": f"Open the gate at Long Phu {number * 'again '}"}) for number in range(5)]
    entry = Entry({"en": "Open the gate at Long Phu"}, {"en": "x"}, has_lead=True, has_deadline=True)
    assert [remark.slug for remark in remarks_on(entry, others)] == ["one-0", "one-1", "one-2"]


# --- on what is known ----------------------------------------------------------------------------------------------


def test_titles_of_the_seeds_raise_few_alarms_and_near_duplicates_are_found(db):
    load_seeds()
    titles = {
        proposal.slug: {suffix: getattr(proposal, f"title_{suffix}") or "" for suffix in SUFFIXES}
        for proposal in Proposal.objects.all()
    }
    remarks = []
    for slug, texts in titles.items():
        others = [Known(other, their) for other, their in titles.items() if other != slug]
        entry = Entry(texts, {"en": "x"}, has_lead=True, has_deadline=True)
        remarks += [(remark.rule, slug) for remark in remarks_on(entry, others)]
    assert len(titles) >= 65
    assert [slug for rule, slug in remarks if rule == Rule.NO_VERB] == []
    assert {slug for rule, slug in remarks if rule == Rule.DUPLICATE} == {
        "smart-gate-guangxi", "smart-gate-yunnan", "poverty-reduction-yunnan", "poverty-pilot-2023-2025-yunnan",
        "border-anniversaries-2024", "border-management-yunnan",
    }  # fmt: skip
    two = {slug for rule, slug in remarks if rule == Rule.TWO_ACTIONS}
    assert {"open-upgrade-gates-yunnan", "open-upgrade-gates-guangxi", "tourism-yunnan", "railways-yunnan"} <= two
    assert len(two) <= 7
    again = {"en": "Pilot a smart border gate with Yunnan"}
    assert likeness(again, titles["smart-gate-yunnan"]) >= ALIKE > likeness(again, titles["long-phu-gate"])


def test_a_short_title_is_held_against_the_long_ones_by_what_it_is_about(db):
    load_seeds()
    known = [
        Known(proposal.slug, {suffix: getattr(proposal, f"title_{suffix}") or "" for suffix in SUFFIXES})
        for proposal in Proposal.objects.all()
    ]

    def named(**titles):
        entry = Entry(titles, {"en": "x"}, has_lead=True, has_deadline=True)
        return [remark.slug for remark in remarks_on(entry, known) if remark.rule == Rule.DUPLICATE]

    assert named(en="Have Yunnan give scholarships") == ["scholarships-yunnan"]
    assert "health-care-yunnan" in named(en="Cooperate in health")
    assert named(zh_hans="开放龙富口岸") == ["long-phu-gate"]
    assert named(zh_hans="由云南提供奖学金") == ["scholarships-yunnan"]
    assert named(vi="Hợp tác với Vân Nam về y tế") == ["health-memorandum-yunnan"]
    for title in ("Cooperate with Yunnan", "Cooperate with Guangxi in tourism", "Open the Dong Dang border gate"):
        assert named(en=title) == [], title
    assert named(zh_hans="拓宽龙富公路") == named(vi="Xây dựng cầu qua sông Hồng") == []


# --- beside the form -----------------------------------------------------------------------------------------------


@pytest.fixture
def editor(client, db):
    client.force_login(make_account(AccountRole.EDITOR))
    return client


def asked(client, typed, proposal=None):
    url = reverse("admin:entry_help") + (f"?proposal={proposal.pk}" if proposal else "")
    response = client.post(url, typed, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return read(response)


def test_the_form_is_remarked_on_as_it_is_filled_in(editor):
    known = make_proposal("Open the Long Phu border gate")
    page = asked(editor, {"title_en": "The Long Phu border gate, open"})
    for words in ("does not begin with a verb", "no completion test", "Nobody leads it", "no deadline"):
        assert words in page.text
    (address_of_known,) = [href for href, _words in page.links()]
    assert address_of_known == address("proposal", "change", known.pk)
    typed = {"title_en": "Build a bridge", "completion_test_en": "It stands."}
    typed |= inline("involvements", {"organization": "1", "role": Role.LEAD})
    typed |= inline("deadlines", {"phrase_en": "soon"})
    assert asked(editor, typed).text == ""
    typed["involvements-0-DELETE"] = "on"
    assert "Nobody leads it" in asked(editor, typed).text


def test_a_record_is_not_its_own_duplicate_and_what_is_stored_counts_where_the_form_only_shows_it(editor):
    proposal = make_proposal(lead=[make_organization()])
    make_deadline(proposal, date(2025, 1, 31))
    typed = {"title_en": proposal.title_en, "completion_test_en": "x"}
    typed |= {"involvements-INITIAL_FORMS": 1, "deadlines-INITIAL_FORMS": 1}
    assert asked(editor, typed, proposal).text == ""
    assert "may be on record already" in asked(editor, typed).text


def test_titles_that_a_contributor_may_not_see_are_not_given_away(client, db):
    make_proposal("Open the Long Phu border gate", publication=Publication.DRAFT)
    client.force_login(make_account(AccountRole.CONTRIBUTOR, make_organization()))
    assert "on record already" not in asked(client, {"title_en": "Open the Long Phu border gate"}).text


def test_only_staff_are_helped_and_only_what_is_sent_is_read(client, db):
    assert client.post(reverse("admin:entry_help"), {"title_en": "x"}).status_code == 302
    client.force_login(make_account(AccountRole.VIEWER))
    assert client.post(reverse("admin:entry_help"), {"title_en": "x"}).status_code == 302
    client.force_login(make_account(AccountRole.EDITOR))
    assert client.get(reverse("admin:entry_help")).status_code == 405


def test_without_javascript_the_remarks_stand_on_the_page_and_are_told_after_saving(editor):
    url = address("proposal", "add")
    sent = filled(editor.get(url)) | inline("new_status_changes") | {
        "title_en": "Long Phu gate", "slug": "long-phu", "theme": make_theme().pk, "nature": Nature.ONE_OFF,
        "publication": Publication.DRAFT,
    }  # fmt: skip
    told = editor.post(url, sent, follow=True).content.decode()
    assert "does not begin with a verb: “Long Phu gate”" in told
    assert Proposal.objects.get().publication == Publication.DRAFT
    page = editor.get(address("proposal", "change", Proposal.objects.get().pk))
    assert "Nobody leads it" in page.content.decode()
    assert "Worth a look" not in editor.get(url).content.decode()


def test_a_step_with_nothing_but_its_reason_is_not_remarked_on_after_saving(editor):
    proposal = make_proposal("Long Phu gate")
    url = address("proposal", "change", proposal.pk)

    def told(**typed):
        sent = filled(editor.get(url)) | inline("new_status_changes") | typed
        return [str(message) for message in editor.post(url, sent, follow=True).context["messages"]]

    assert any("does not begin with a verb" in words for words in told(slug="long-phu"))
    unpublished = told(_unpublish="Draft", change_reason="Wrong meeting.")
    assert any("is a draft again" in words for words in unpublished)
    assert not any("does not begin with a verb" in words for words in unpublished)


def test_helping_asks_the_database_as_often_whatever_is_on_record(editor, django_assert_max_num_queries):
    for number in range(30):
        make_proposal(f"Open the Long Phu border gate {number}", since=None)
    with django_assert_max_num_queries(8):
        page = asked(editor, {"title_en": "Open the Long Phu border gate", "title_vi": "Mở cửa khẩu", "source": "x"})
    assert page.text.count("may be on record already") == 3
