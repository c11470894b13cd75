"""What a reader may not see is on no page, in no table, feed or search, and moves no count."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlsplit

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.makers import (
    TODAY,
    make_change,
    make_deadline,
    make_development,
    make_gate,
    make_meeting,
    make_milestone,
    make_organization,
    make_proposal,
    make_review,
    make_source,
    make_statement,
    make_target,
)
from tests.pages import freeze, kept, local, read
from tests.readers import DRAFT, IN_REVIEW, INTERNAL, RESTRICTED, make_user
from tracker.choices import Status
from tracker.models import Note, ProposedChange, ReviewStep
from tracker.querysets import proposals
from tracker.staff_scales import ChangeKind

pytestmark = pytest.mark.django_db
# Words that stand in one hidden record each, and nowhere else
WORDS = [
    "Quokka",
    "Wombat",
    "Numbat",
    "Bilby",
    "Dunnart",
    "Kultarr",
    "Bandicoot",
    "Potoroo",
    "Bettong",
    "Pademelon",
    "Quoll",
    "Antechinus",
    "Phascogale",
    "Planigale",
    "Ningaui",
    "Dibbler",
    "Mulgara",
    "Kowari",
    "Wallaroo",
    "Cuscus",
]
HIDDEN = re.compile("|".join(WORDS), re.IGNORECASE)
SUFFIXES = (".csv", ".xlsx", ".ics", ".atom", ".docx")


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


class Scene:
    """What everybody sees, made first; and what is then hidden among it."""

    def __init__(self):
        self.ours, self.theirs = make_organization("lao-cai"), make_organization("ha-giang")
        self.gate = make_gate("long-phu")
        self.source = make_source("notice")
        self.published = make_proposal("Open the gate", lead=[self.theirs], slug="open-the-gate")
        self.published.gates.add(self.gate)
        self.meeting = make_meeting(slug="annual-meeting")
        make_statement(self.published, meeting=self.meeting)
        make_deadline(self.published, date(2025, 1, 31))
        make_development(self.published, gate=self.gate)
        make_milestone(self.published, "Signed", date(2024, 7, 1), gate=self.gate)
        make_target(self.published, 5)
        self.users = {
            "viewer": make_user("viewer"),
            "stranger": make_user("contributor", self.ours, "stranger"),
            "editor": make_user("editor"),
        }

    def hide(self):
        """Put into the records what no visitor, viewer or contributor of the other organization may see."""
        word = iter(WORDS)
        for stage in (DRAFT, IN_REVIEW):
            title = f"{next(word)} railway"
            slug = title.lower().replace(" ", "-")
            draft = make_proposal(title, lead=[self.theirs], publication=stage, slug=slug, since=None)
            make_change(draft, Status.PROPOSED, on=date(2024, 6, 12), source=self.source)
            draft.gates.add(self.gate)
            draft.related.add(self.published)
            self._hide_parts(draft, word)
        self._hide_notes(word)
        hidden = make_meeting(
            name_en=f"{next(word)} meeting", publication=DRAFT, series=self.meeting.series, slug="hidden-meeting"
        )
        said = {"organization": self.theirs, "source": self.source}
        make_statement(self.published, meeting=hidden, summary_en=f"{next(word)} asked.", **said)

    def _hide_parts(self, draft, word):
        cited = {"source": self.source}
        said = {"organization": self.theirs, "meeting": self.meeting, **cited}
        make_statement(draft, summary_en=f"{next(word)} was asked for.", **said)
        make_deadline(draft, date(2025, 1, 31), phrase_en=f"by {next(word)}", **cited)
        make_development(draft, summary_en=f"{next(word)} began.", gate=self.gate, sources=[self.source])
        make_milestone(draft, f"{next(word)} laid", gate=self.gate, **cited)
        indicator = make_target(draft, 7, **cited).indicator
        indicator.name_en = f"{next(word)} carried"
        indicator.save()

    def _hide_notes(self, word):
        editor = self.users["editor"]
        held = {"visibility": RESTRICTED, "held_by": self.theirs, "sources": [self.source]}
        make_development(self.published, summary_en=f"{next(word)} said.", **held)
        Note.objects.create(
            proposal=self.published,
            text_en=f"{next(word)} noted.",
            written_on=TODAY,
            visibility=RESTRICTED,
            held_by=self.theirs,
            author=editor,
        )
        make_review(self.published, date(2026, 1, 5), note_en=f"{next(word)} asked.", visibility=RESTRICTED)
        step = {"action": "returned", "taken_by": editor}
        ReviewStep.objects.create(proposal=self.published, comment=f"{next(word)} is missing.", **step)
        ProposedChange.objects.create(
            proposal=self.published,
            kind=ChangeKind.EDIT,
            payload={"note_en": ["", next(word)]},
            proposed_by=editor,
        )


scene: Scene = None  # type: ignore[assignment]


@pytest.fixture(scope="module", autouse=True)
def _scene(django_db_setup, django_db_blocker):
    def make():
        globals()["scene"] = Scene()

    yield from kept(django_db_blocker, make)


def signed_in(name):
    client = Client()
    if name:
        client.force_login(scene.users[name])
    return client


def body(response):
    content = b"".join(response) if response.streaming else response.content
    return content.decode(errors="replace")


STARTS = ["/", "/proposals/?q=railway", "/proposals.csv", "/statements.csv", "/developments.csv", "/data/", "/changes/"]


def crawl_all(client, starts):
    """Open every page and table that can be reached, in a browser's way; give the texts by address."""
    seen, waiting = {}, list(starts)
    while waiting:
        address = waiting.pop()
        path = urlsplit(address).path
        plain = address if "?" not in address or path.endswith(SUFFIXES) else None
        if address in seen or (plain is None and address not in starts):
            continue
        response = client.get(address)
        assert response.status_code in (200, 302, 403), (address, response.status_code)
        seen[address] = body(response) if response.status_code == 200 else ""
        if response.status_code == 200 and response["Content-Type"].startswith("text/html") and path[:7] != "/admin/":
            page = read(response)
            links = [href for href, words in page.links() if words != "Back to today"]
            links += [one.attrs["href"] for one in page.all("link") if one.attrs.get("rel") == "alternate"]
            targets = (local(address, href) for href in links)
            waiting += [one for one in targets if one and not one.startswith(("/admin/", "/static/", "/accounts/"))]
    return seen


def known(name, *args):
    try:
        return [reverse(name, args=args)]
    except NoReverseMatch:
        return []


def addresses_of_hidden():
    hidden = [one.slug for one in proposals().exclude(publication="published")]
    pages = [f"/proposals/{slug}/" for slug in hidden]
    return [*pages, "/meetings/hidden-meeting/"]


def test_no_public_page_table_feed_or_count_tells_of_what_is_hidden():
    starts = [*STARTS, reverse("changes_atom"), reverse("calendar")]
    make_review(scene.published, date(2026, 1, 5), visibility=INTERNAL)  # that somebody looked is public
    before = crawl_all(signed_in(None), starts)
    assert len(before) > 25
    scene.published.reviews.all().delete()
    scene.hide()
    after = crawl_all(signed_in(None), starts)
    assert _telling(after) == {}
    assert set(after) == set(before)
    moved = [address for address in before if _countable(before[address]) != _countable(after[address])]
    assert moved == []
    for name in (None, "viewer", "stranger"):
        for address in addresses_of_hidden():
            assert signed_in(name).get(address).status_code == 404, (name, address)


@pytest.mark.parametrize("name", ["viewer", "stranger"])
def test_an_account_of_another_organization_finds_no_more_on_the_public_pages(name):
    scene.hide()
    seen = crawl_all(signed_in(name), STARTS)
    assert len(seen) > 25
    assert _telling(seen) == {}


def _telling(texts):
    """The hidden words that stand in texts, by address."""
    return {address: sorted(set(HIDDEN.findall(text))) for address, text in texts.items() if HIDDEN.search(text)}


def _countable(text):
    """The text of a page without what differs from answer to answer."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.+Z-]+|DTSTAMP:\w+", "", text)


@pytest.mark.parametrize("word", [WORDS[0], WORDS[2], WORDS[4]])
def test_a_search_for_a_hidden_word_finds_nothing(word):
    scene.hide()
    for name in (None, "viewer", "stranger"):
        client = signed_in(name)
        assert "0 proposals" in read(client.get(f"/proposals/?q={word}")).text
        assert body(client.get(f"/proposals.csv?q={word}")).count("\n") == 1
        assert len(re.findall(word, body(client.get(f"/proposals/?q={word}")))) == len(
            re.findall("Zebra", body(client.get("/proposals/?q=Zebra")))
        )


def test_an_editor_does_see_it_in_the_workplace_so_the_search_for_words_is_a_real_one():
    scene.hide()
    text = "".join(_workplace(signed_in("editor")).values())
    missing = {word for word in WORDS[:10] if word not in text}
    assert missing == set()


def _workplace(client):
    """Every list, its search, each record's page and history, and what fields offer; by address."""
    seen = {}
    for model, page in admin.site._registry.items():
        if model._meta.app_label != "tracker":
            continue
        name = f"admin:tracker_{model._meta.model_name}"
        lists = [reverse(f"{name}_changelist"), f"{reverse(f'{name}_changelist')}?q=railway"]
        records = model._default_manager.all()
        each = [reverse(f"{name}_{kind}", args=[one.pk]) for one in records for kind in ("change", "history")]
        offered = [
            f"{reverse('admin:autocomplete')}?app_label=tracker&model_name={model._meta.model_name}&field_name={field}"
            for field in page.autocomplete_fields
        ]
        for address in (*lists, *each, *offered, reverse(f"{name}_add")):
            response = client.get(address)
            assert response.status_code in (200, 302, 403, 404), address
            if response.status_code == 200:
                seen[address] = body(response)
    for address in (*known("admin:index"), *known("admin:site_history"), *known("admin:history_csv")):
        seen[address] = body(client.get(address))
    return seen


def test_a_contributor_of_another_organization_finds_nothing_hidden_in_the_workplace():
    scene.hide()
    client = signed_in("stranger")
    seen = _workplace(client)
    assert len(seen) > 40
    assert _telling(seen) == {}
    found = client.get(reverse("admin:tracker_proposal_changelist"), {"q": "railway"}).context["cl"]
    assert (found.result_count, found.full_result_count) == (0, 1)


def test_internal_notes_are_for_staff_and_marked_and_count_nowhere():
    before = body(signed_in(None).get("/proposals/open-the-gate/"))
    make_development(scene.published, date(2026, 11, 1), summary_en=f"{WORDS[0]} said.", visibility=INTERNAL)
    text = {"text_en": f"{WORDS[1]} noted.", "visibility": INTERNAL}
    Note.objects.create(proposal=scene.published, written_on=TODAY, **text)
    assert _countable(body(signed_in(None).get("/proposals/open-the-gate/"))) == _countable(before)
    for name in (None, "viewer"):
        assert not HIDDEN.search(body(signed_in(name).get("/proposals/open-the-gate/")))
    staff = signed_in("stranger")
    assert set(HIDDEN.findall(body(staff.get("/proposals/open-the-gate/")))) == set(WORDS[:2])
    staff.post(reverse("as_viewer"), {"see": "viewer"})
    assert not HIDDEN.search(body(staff.get("/proposals/open-the-gate/")))
    row = next(line for line in body(signed_in("editor").get("/proposals.csv")).splitlines() if "open-the-gate" in line)
    assert "2026-11-01" not in row
