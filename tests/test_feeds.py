"""Feeds: the calendar of deadlines and meetings, and the news of what came on record."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group, User
from icalendar import Calendar

from tests.makers import (
    TODAY,
    make_change,
    make_deadline,
    make_development,
    make_meeting,
    make_organization,
    make_proposal,
    make_series,
    make_statement,
    make_theme,
)
from tests.pages import freeze, get
from tracker.access import feed_token
from tracker.choices import MeetingState, Nature, Precision, Publication, Status, Visibility
from tracker.models import Account, Deadline, FormerAddress, Meeting, Proposal, ReviewStep
from tracker.staff_scales import ReviewAction

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


def calendar(client, query="", **headers):
    """Subscribe to the calendar; give the events by summary."""
    response = client.get(f"/calendar.ics{query}", headers=headers)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    read = Calendar.from_ical(response.content)
    return {str(event["summary"]): event for event in read.walk("VEVENT")}


def atom(client, address="/changes.atom", **headers):
    """Subscribe to the news; give the feed, whose required elements are all there."""
    response = client.get(address, headers=headers)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(response.content)  # noqa: S314 - written by the tracker itself
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
    assert feed.find(f"{ATOM}author/{ATOM}name").text
    assert {link.get("rel") for link in feed.findall(f"{ATOM}link")} == {"self", "alternate"}
    ids = [entry.find(f"{ATOM}id").text for entry in feed.findall(f"{ATOM}entry")]
    assert len(set(ids)) == len(ids)
    return feed


def titles(feed):
    return [entry.find(f"{ATOM}title").text for entry in feed.findall(f"{ATOM}entry")]


# --- the calendar ----------------------------------------------------------------------------------------------------


def test_a_deadline_is_a_whole_day_with_its_phrase_its_status_and_its_address(client):
    proposal = make_proposal(slug="open-gate")
    make_deadline(proposal, TODAY - timedelta(days=1), phrase_en="by mid-November, at the latest; surely")
    make_deadline(make_proposal("Build it"), None, first_day=None, precision=Precision.NONE, phrase_en="quickly")
    events = calendar(client)
    assert list(events) == ["Deadline: Open the gate"]
    event = events["Deadline: Open the gate"]
    assert event.decoded("dtstart") == TODAY - timedelta(days=1)
    assert event.decoded("dtend") == TODAY
    assert event["uid"] == "deadline/open-gate@testserver"
    assert event["transp"] == "TRANSPARENT"
    assert str(event["url"]) == "http://testserver/proposals/open-gate/"
    text = str(event["description"])
    assert "“by mid-November, at the latest; surely”" in text
    assert "Status: Proposed since 12 Jun 2024." in text
    assert "Schedule: Overdue." in text


def test_a_deadline_known_to_a_quarter_stands_on_its_last_day_and_says_so(client):
    make_deadline(make_proposal(), date(2027, 3, 31), first_day=date(2027, 1, 1), precision=Precision.QUARTER)
    event = calendar(client)["Deadline: Open the gate"]
    assert event.decoded("dtstart") == date(2027, 3, 31)
    assert "Only this is known of it: 2027-Q1; it stands on its last day." in str(event["description"])


def test_a_revised_deadline_moves_the_same_event_on(client):
    proposal = make_proposal()
    make_deadline(proposal, date(2025, 12, 31))
    before = calendar(client)["Deadline: Open the gate"]
    make_deadline(proposal, date(2027, 12, 31), stated_on=date(2026, 1, 1))
    after = calendar(client)["Deadline: Open the gate"]
    assert after["uid"] == before["uid"]
    assert int(after["sequence"]) > int(before["sequence"])
    assert after.decoded("dtstart") == date(2027, 12, 31)
    assert after.decoded("last-modified") >= before.decoded("last-modified")
    assert "A revised deadline; lateness is judged by the first one, 31 Dec 2025." in str(after["description"])
    deadline = Deadline.objects.get(last_day=date(2027, 12, 31))
    deadline.last_day = deadline.first_day = date(2027, 6, 30)
    deadline.save()
    assert int(calendar(client)["Deadline: Open the gate"]["sequence"]) > int(after["sequence"])


def test_the_end_of_a_cycle_stands_in_it_and_moves_on_once_the_commitment_is_kept(client):
    fields = {"nature": Nature.CONTINUING, "expected_interval_months": 12, "status": Status.AGREED}
    kept = make_proposal("Meet yearly", **fields)
    make_development(kept, date(2025, 10, 30), is_occurrence=True)
    before = calendar(client)["End of the cycle: Meet yearly"]
    assert before.decoded("dtstart") == date(2026, 10, 30)
    assert "Expected again by: 30 Oct 2026.\nStatus: Agreed since" in str(before["description"])
    make_development(kept, date(2026, 10, 1), is_occurrence=True)
    after = calendar(client)["End of the cycle: Meet yearly"]
    assert after.decoded("dtstart") == date(2027, 10, 1)
    assert after["uid"] == before["uid"]
    assert int(after["sequence"]) > int(before["sequence"])


def test_planned_meetings_with_a_date_are_in_it_and_others_are_not(client):
    series = make_series(name_en="Spring meeting")
    planned = {"series": series, "state": MeetingState.PLANNED}
    make_meeting(date(2027, 3, 11), first_day=date(2027, 3, 10), name_en="Spring 2027", place_en="Kunming", **planned)
    make_meeting(
        date(2027, 5, 31), first_day=date(2027, 5, 1), name_en="May", precision=Precision.MONTH, slug="may", **planned
    )
    make_meeting(None, first_day=None, name_en="Some day", precision=Precision.NONE, **planned)
    make_meeting(date(2026, 3, 1), name_en="Held", series=series)
    make_meeting(date(2027, 4, 1), name_en="Draft", publication=Publication.DRAFT, **planned)
    events = calendar(client)
    assert list(events) == ["Meeting: Spring 2027", "Meeting: May"]
    spring = events["Meeting: Spring 2027"]
    assert (spring.decoded("dtstart"), spring.decoded("dtend")) == (date(2027, 3, 10), date(2027, 3, 12))
    assert "Place: Kunming" in str(spring["description"])
    assert "Spring meeting" in str(spring["description"])
    assert "The exact day is not known: 2027-05." in str(events["Meeting: May"]["description"])
    assert events["Meeting: May"]["uid"] == "meeting/may@testserver"


def test_the_calendar_takes_the_filters_of_the_register(client):
    office, other = make_organization("lao-cai"), make_organization("yunnan")
    make_deadline(make_proposal("Led", lead=[office], theme=make_theme("border")), date(2027, 1, 1))
    make_deadline(make_proposal("Partner", partner=[office]), date(2027, 1, 1))
    make_deadline(make_proposal("Others'", lead=[other], status=Status.AGREED), date(2025, 1, 1))
    meeting = make_meeting(date(2027, 3, 11), name_en="With both", state=MeetingState.PLANNED)
    meeting.organizations.set([office, other])
    make_meeting(date(2027, 3, 12), name_en="Without", state=MeetingState.PLANNED)

    def found(query):
        return sorted(name.partition(": ")[2] for name in calendar(client, query))

    assert found("") == ["Led", "Others'", "Partner", "With both", "Without"]
    assert found("?organization=lao-cai") == ["Led", "Partner", "With both"]
    assert found("?lead=lao-cai") == ["Led"]
    assert found("?theme=border&organization=lao-cai") == ["Led"]
    assert found("?schedule=overdue") == ["Others'"]


def test_it_is_written_in_the_language_asked_for(client):
    make_deadline(make_proposal(title_vi="Mở cửa khẩu", title_zh_hans="开放口岸"), date(2027, 1, 1))
    assert "Mở cửa khẩu" in next(iter(calendar(client, "?lang=vi")))
    assert "开放口岸" in next(iter(calendar(client, "?lang=zh-hans")))
    assert "开放口岸" in next(iter(calendar(client, "", **{"accept-language": "zh"})))
    assert "Mở cửa khẩu" in next(iter(calendar(client, "?lang=vi", **{"accept-language": "zh"})))
    assert client.get("/calendar.ics?lang=vi")["Content-Language"] == "vi"


@pytest.mark.parametrize("feed", ["/calendar.ics", "/changes.atom"])
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?lang=fr", "lang: “fr” is not known; allowed: en, vi, zh-hans."),
        ("?organisation=x", "“organisation” is not a filter here; allowed: q, status"),
        ("?organization=nowhere", "organization: “nowhere” is not known here."),
        ("?as_of=tomorrow", "as_of: “tomorrow” is not a day"),
    ],
)
def test_what_is_not_known_is_said_in_plain_text(client, feed, query, words):
    response = client.get(feed + query)
    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert words in response.content.decode()


@pytest.mark.parametrize("address", ["/calendar.ics", "/changes.atom", "/proposals/open-gate/changes.atom"])
def test_who_asks_again_hears_that_nothing_is_new(client, address):
    proposal = make_proposal(slug="open-gate")
    make_deadline(proposal, date(2027, 1, 1))
    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    since = client.get(address, headers={"if-modified-since": first["Last-Modified"]})
    assert since.status_code == 304
    make_change(proposal, Status.AGREED, on=TODAY)
    changed = client.get(address, headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405


def test_an_event_that_the_calendar_makes_late_counts_as_modified_then(client, monkeypatch):
    make_deadline(make_proposal(), TODAY + timedelta(days=30))
    before = calendar(client)["Deadline: Open the gate"].decoded("last-modified")
    freeze(monkeypatch, date(2027, 6, 1))
    after = calendar(client)["Deadline: Open the gate"]
    assert "Overdue" in str(after["description"])
    assert after.decoded("last-modified") > before


# --- the news --------------------------------------------------------------------------------------------------------


def test_the_news_tells_changes_of_status_statements_and_developments(client):
    proposal = make_proposal(slug="open-gate")
    make_change(proposal, Status.AGREED, on=date(2025, 2, 1), reason_en="Agreed <in> principle & form.")
    said = make_statement(proposal, make_meeting(date(2025, 3, 1), slug="spring"), summary_en="Asked again.")
    happened = make_development(proposal, date(2025, 4, 30), precision=Precision.MONTH, summary_en="Works began.")
    feed = atom(client)
    assert titles(feed) == [
        "Open the gate: a development",
        f"Open the gate: Requested ({said.organization.name})",
        "Open the gate: Proposed → Agreed",
        "Open the gate: on record as “Proposed”",
    ]
    entries = feed.findall(f"{ATOM}entry")
    links = [entry.find(f"{ATOM}link").get("href") for entry in entries]
    page = "http://testserver/proposals/open-gate/"
    assert links == [f"{page}#d-{happened.key}", f"{page}#at-spring", f"{page}#history", f"{page}#history"]
    shown = get(client, "/proposals/open-gate/")
    assert all(shown.all(id=link.partition("#")[2]) for link in links)
    texts = [entry.find(f"{ATOM}summary").text for entry in entries]
    assert "Happened: April 2025" in texts[0]
    assert "Said: 1 Mar 2025, " in texts[1]
    assert "Effective: 1 Feb 2025" in texts[2]
    assert "Agreed &lt;in&gt; principle &amp; form." in texts[2]
    assert entries[0].find(f"{ATOM}id").text == f"tag:testserver,2026:development/{happened.key}"


def test_ids_stay_when_a_text_is_mended_and_the_entry_is_updated(client, settings):
    settings.TRACKER_ADDRESS = "https://tracker.example"
    said = make_statement(make_proposal(), summary_en="Asked.")

    def entry():
        (found,) = [one for one in atom(client).iter(f"{ATOM}entry") if "statement/" in one.find(f"{ATOM}id").text]
        return {name: found.find(f"{ATOM}{name}").text for name in ("id", "published", "updated", "summary")}

    before = entry()
    said.summary_en = "Asked once more."
    said.save()
    after = entry()
    assert after["id"] == before["id"] == f"tag:tracker.example,2026:statement/{said.key}"
    assert after["published"] == before["published"]
    assert after["updated"] > before["updated"]
    assert "once more" in after["summary"]


def test_news_of_an_organization_and_of_a_proposal(client):
    office = make_organization("lao-cai", name="Lao Cai")
    make_proposal("Led", slug="led", lead=[office])
    make_proposal("Others'", slug="others")
    assert titles(atom(client, "/changes.atom?organization=lao-cai")) == ["Led: on record as “Proposed”"]
    assert atom(client, "/changes.atom?organization=lao-cai").find(f"{ATOM}title").text.endswith(": Lao Cai")
    assert titles(atom(client, "/proposals/others/changes.atom")) == ["Others': on record as “Proposed”"]
    ids = {
        atom(client, address).find(f"{ATOM}id").text
        for address in ("/changes.atom", "/changes.atom?organization=lao-cai", "/proposals/others/changes.atom")
    }
    assert len(ids) == 3
    assert client.get("/proposals/nowhere/changes.atom").status_code == 404
    assert client.get("/proposals/others/changes.atom?theme=trade").status_code == 400


def test_the_feed_of_a_merged_proposal_leads_to_that_of_the_other(client):
    FormerAddress.objects.create(slug="old-gate", proposal=make_proposal(slug="gate"))
    answer = client.get("/proposals/old-gate/changes.atom?lang=vi")
    assert (answer.status_code, answer["Location"]) == (301, "/proposals/gate/changes.atom?lang=vi")
    assert client.get("/proposals/no-gate/changes.atom").status_code == 404


def test_a_development_of_several_proposals_is_told_once(client):
    one, other = make_proposal("One"), make_proposal("Other")
    development = make_development(one)
    development.bearings.create(proposal=other, bears="neither")
    feed = atom(client)
    told = [entry for entry in feed.iter(f"{ATOM}entry") if "development" in entry.find(f"{ATOM}title").text]
    assert len(told) == 1
    assert "It also bears on: Other" in told[0].find(f"{ATOM}summary").text


def test_an_empty_feed_is_whole_and_always_the_same(client):
    feed = atom(client)
    assert titles(feed) == []
    assert feed.find(f"{ATOM}updated").text == "1970-01-01T00:00:00+00:00"
    assert calendar(client) == {}


@pytest.mark.parametrize("address", ["/calendar.ics", "/changes.atom"])
def test_nothing_that_viewers_do_not_see_is_in_a_feed(client, address):
    for stage in (Publication.DRAFT, Publication.IN_REVIEW):
        draft = make_proposal("Hidden", publication=stage, slug=f"hidden-{stage}")
        make_deadline(draft, date(2027, 1, 1))
        make_statement(draft)
        make_development(draft)
        assert client.get(f"/proposals/{draft.slug}/changes.atom").status_code == 404
    shown = make_proposal("Shown")
    make_deadline(shown, date(2027, 1, 1))
    for visibility, keeper in ((Visibility.INTERNAL, None), (Visibility.RESTRICTED, make_organization())):
        make_development(shown, summary_en="Hidden", visibility=visibility, held_by=keeper)
    make_statement(shown, make_meeting(publication=Publication.DRAFT), summary_en="Hidden")
    development = make_development(shown, summary_en="Works began.")
    development.bearings.create(proposal=Proposal.objects.get(slug="hidden-draft"), bears="neither")
    client.force_login(User.objects.create_superuser("root"), backend="tracker.access.RulesBackend")
    text = client.get(address).content.decode()
    assert "Shown" in text
    assert "Hidden" not in text


def test_what_is_published_later_counts_from_then(client):
    proposal = make_proposal("Late in public")
    step = ReviewStep.objects.create(
        proposal=proposal, action=ReviewAction.PUBLISHED, taken_by=User.objects.create_user("lan")
    )
    (entry,) = atom(client).findall(f"{ATOM}entry")
    assert entry.find(f"{ATOM}published").text[:19] == step.taken_at.isoformat()[:19]


def test_as_of_shows_the_feed_of_that_day(client):
    proposal = make_proposal(since=date(2024, 6, 12))
    make_change(proposal, Status.AGREED, on=date(2025, 2, 1))
    assert len(titles(atom(client, "/changes.atom?as_of=2024-12-31"))) == 1
    assert titles(atom(client, "/changes.atom?as_of=2024-01-01")) == []


def test_only_the_newest_hundred_are_told(client):
    for _number in range(12):
        proposal = make_proposal()
        for day in range(1, 10):
            make_development(proposal, date(2025, 1, day))
    assert len(titles(atom(client))) == 100


# --- who may, where it is linked, what it costs ----------------------------------------------------------------------


def test_where_viewers_sign_in_a_feed_needs_its_token(client, settings):
    settings.TRACKER_VIEWERS_SIGN_IN = True
    make_proposal()
    user = User.objects.create_user("viewer")
    user.groups.add(Group.objects.get(name="viewer"))
    Account.objects.get_or_create(user=user)
    for address in ("/calendar.ics", "/changes.atom"):
        assert client.get(address).status_code == 403
        assert client.get(f"{address}?token=wrong").status_code == 403
        opened = client.get(f"{address}?token={feed_token(user)}")
        assert opened.status_code == 200
        assert feed_token(user) not in opened.content.decode()


def test_pages_point_feed_readers_to_them(client):
    proposal = make_proposal(slug="open-gate")

    def feeds(address):
        links = get(client, address).all("link", rel="alternate")
        return [link.attrs["href"].partition("?")[0] for link in links]

    assert feeds("/") == ["/changes.atom"]
    assert feeds("/proposals/open-gate/") == ["/changes.atom", f"/proposals/{proposal.slug}/changes.atom"]
    linked = {href.partition("?")[0] for href, _words in get(client, "/data/").links()}
    assert {"/calendar.ics", "/changes.atom"} <= linked
    assert "/changes.atom" in {href.partition("?")[0] for href, _words in get(client, "/changes/").links()}


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/calendar.ics", 3),
        ("/calendar.ics?organization=lao-cai", 7),
        ("/changes.atom", 4),
        ("/changes.atom?schedule=no_deadline", 9),
        ("/proposals/led-0/changes.atom", 5),
    ],
)
def test_a_feed_costs_the_same_whatever_its_length(client, django_assert_max_num_queries, address, most):
    office = make_organization("lao-cai")
    for number in range(3):
        proposal = make_proposal(f"Led {number}", slug=f"led-{number}", lead=[office])
        make_deadline(proposal, date(2027, 1, 1))
        make_statement(proposal)
        make_development(proposal)
    with django_assert_max_num_queries(most):
        assert client.get(address).status_code == 200
    assert Meeting.objects.count() == 3
