"""Records out as feeds: a calendar (RFC 5545) and a list of news (RFC 4287). Knows neither models nor the clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from icalendar import Calendar, Event

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMED_SINCE = "2026"  # in a tag URI: a day on which its authority had the name


@dataclass(frozen=True, slots=True)
class Occasion:
    """Whole days in a calendar, both ends included.

    `key` stays the same for ever; `sequence` grows whenever the days change; `modified` is when it last read otherwise.
    """

    key: str
    first: date
    last: date
    title: str
    text: str
    address: str
    modified: datetime
    sequence: int = 0
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Channel:
    """What a feed says of itself; `authority` is the host that its keys belong to."""

    title: str
    about: str
    language: str
    address: str
    own_address: str
    authority: str
    key: str
    author: str


@dataclass(frozen=True, slots=True)
class News:
    """One thing that came on record: what it is about, since when in words, and when it was recorded and last changed.

    `paragraphs` are plain text.
    """

    key: str
    title: str
    paragraphs: tuple[str, ...]
    address: str
    recorded: datetime
    updated: datetime
    category: str


def calendar(channel: Channel, occasions: Iterable[Occasion]) -> bytes:
    """Write a calendar. The same records give the same bytes."""
    made = Calendar()
    made.add("prodid", "-//Commitment tracker//Calendar//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("name", channel.title)
    made.add("x-wr-calname", channel.title)
    made.add("description", channel.about)
    made.add("x-wr-caldesc", channel.about)
    made.add("url", channel.address)
    made.add("refresh-interval", timedelta(hours=12), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT12H")
    for one in occasions:
        made.add_component(_event(one, channel))
    return made.to_ical()


def _event(one: Occasion, channel: Channel) -> Event:
    event = Event()
    event.add("uid", f"{one.key}@{channel.authority}")
    # Without a request for an answer the stamp is the time of the last change, and so the text stays the same.
    event.add("dtstamp", one.modified)
    event.add("last-modified", one.modified)
    event.add("sequence", one.sequence)
    event.add("dtstart", one.first)
    event.add("dtend", one.last + timedelta(days=1))
    event.add("summary", one.title, parameters={"LANGUAGE": channel.language})
    event.add("description", one.text, parameters={"LANGUAGE": channel.language})
    event.add("url", one.address)
    event.add("transp", "TRANSPARENT")
    if one.categories:
        event.add("categories", list(one.categories))
    return event


class _Feed(Atom1Feed):
    """Django's Atom feed, which for an empty list would tell the time at which it was asked."""

    def latest_post_date(self) -> datetime:
        return max((item["updateddate"] for item in self.items), default=_EPOCH)


def atom(channel: Channel, news: Iterable[News]) -> bytes:
    """Write a feed of news. The same records give the same bytes."""
    made = _Feed(
        title=channel.title,
        link=channel.address,
        description=channel.about,
        subtitle=channel.about,
        language=channel.language,
        feed_url=channel.own_address,
        feed_guid=_tag(channel, channel.key),
        author_name=channel.author,
        author_link=channel.address,
    )
    for one in news:
        made.add_item(
            title=one.title,
            link=one.address,
            description="".join(f"<p>{escape(text)}</p>" for text in one.paragraphs if text),
            unique_id=_tag(channel, one.key),
            pubdate=one.recorded,
            updateddate=one.updated,
            categories=[one.category],
        )
    written = BytesIO()
    made.write(written, "utf-8")
    return written.getvalue()


def _tag(channel: Channel, key: str) -> str:
    """Name something for ever (RFC 4151)."""
    return f"tag:{channel.authority},{_NAMED_SINCE}:{key}"


def latest(times: Iterable[datetime]) -> datetime:
    """Give the latest of some times, or the beginning of time."""
    return max(times, default=_EPOCH)
