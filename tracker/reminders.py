"""Who is to be reminded of what: digests for those whose organization leads a proposal. The day is an argument.

A reminder goes by the deadline in force, the one stated last: a revised deadline starts anew. Lateness on the pages
stays against the first. What no organization leads goes to the administrators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.models import Group
from django.core import signing
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from tracker.choices import Flag, Nature, Precision, Role
from tracker.metrics import overview
from tracker.metrics.records import Item
from tracker.models import Account, Deadline, Involvement, Reminder
from tracker.names import family
from tracker.querysets import localized, organization_names, published_on, statements_by
from tracker.staff_scales import AccountRole, Threshold
from tracker.standing import Thresholds

_SALT = "tracker.reminders.unsubscribe"


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to be reminded of: a proposal at a threshold, and the day that it is about.

    `phrase` is the deadline as said; `revised` tells that it is not the first one stated; `precision` says how finely
    the day is known.
    """

    item: Item
    threshold: Threshold
    about: date
    phrase: str = ""
    revised: bool = False
    precision: str = Precision.DAY

    @property
    def has_lead(self) -> bool:
        """Whether some organization leads it."""
        return self.item.facts.has_lead

    @property
    def is_cycle(self) -> bool:
        """Whether the day is the end of a cycle and not a deadline."""
        return self.item.facts.nature == Nature.CONTINUING

    @property
    def mark(self) -> tuple[int, str, date]:
        """By what it is known that somebody was reminded of it."""
        return self.item.id, self.threshold.value, self.about


def accounts_reminded() -> QuerySet[Account]:
    """Give the accounts that reminders go to: active, with an address, and wanting them."""
    wanting = Account.objects.filter(wants_reminders=True, user__is_active=True).exclude(user__email="")
    return wanting.select_related("user", "organization").order_by("user__username")


def all_due(day: date, thresholds: Thresholds) -> list[Due]:
    """Give all that is overdue, due soon or unanswered on a day, in the language in force. Two queries."""
    in_force = Deadline.objects.filter(proposal=OuterRef("pk"), stated_on__lte=day, last_day__isnull=False)
    in_force = in_force.order_by("-stated_on", "-id").annotate(text=localized("phrase"))
    rows = published_on(day).with_facts(day).in_order_of("title").annotate(
        due_now=Subquery(in_force.values("last_day")[:1]), phrase_now=Subquery(in_force.values("text")[:1])
    )  # fmt: skip
    read = list(rows.items_with(("due_now", "phrase_now"), day, thresholds))
    found = [due for item, (last, phrase) in read for due in _by_deadline(item, last, phrase, day, thresholds)]
    cycles = [item for item, _more in read if item.facts.nature == Nature.CONTINUING]
    found += [Due(item, Threshold.OVERDUE, last) for last, item in overview.late(cycles)]
    soon = overview.due_within(cycles, day, thresholds.due_soon_days)
    found += [Due(item, Threshold.DUE_SOON, last) for last, item in soon]
    found += _unanswered([item for item, _more in read if Flag.UNANSWERED in item.standing.flags], day)
    return sorted(found, key=lambda due: (due.about, due.item.slug))


def _unanswered(items: Sequence[Item], day: date) -> list[Due]:
    """Say when each was raised last, no finer than it is known. One query."""
    said = statements_by(day).filter(proposal__in=[item.id for item in items])
    known = {(one, on): precision for one, on, precision in said.values_list("proposal_id", "said_on", "precision")}
    return [
        Due(item, Threshold.UNANSWERED, raised, precision=known.get((item.id, raised), Precision.DAY))
        for item in items
        if (raised := item.facts.last_raised)
    ]


def _by_deadline(item: Item, last: date | None, phrase: str, day: date, thresholds: Thresholds) -> list[Due]:
    """Judge an open proposal by the deadline in force."""
    facts = item.facts
    judged = facts.status.is_open and facts.nature in overview.FINITE
    if last is None or not judged or last - day > timedelta(days=thresholds.due_soon_days):
        return []
    threshold = Threshold.OVERDUE if last < day else Threshold.DUE_SOON
    return [Due(item, threshold, last, phrase or "", revised=last != facts.deadline_end)]


@dataclass(frozen=True, slots=True)
class Parts:
    """Whose is what: the organizations behind each account, who leads which proposal, who administers."""

    kin: dict[int, set[int]]
    leads: dict[int, set[int]]
    administrators: frozenset[int]

    def is_for(self, account: Account, due: Due) -> bool:
        """Tell whether the account is to be reminded of it."""
        if not due.has_lead:
            return account.user_id in self.administrators
        return bool(self.leads.get(due.item.id, set()) & self.kin.get(account.organization_id or 0, set()))


def parts_of(accounts: Sequence[Account]) -> Parts:
    """Read whose is what. Three queries."""
    organizations = organization_names()
    slugs = {one.organization_id: one.organization.slug for one in accounts if one.organization}
    leads: dict[int, set[int]] = {}
    involved = Involvement.objects.filter(role=Role.LEAD)
    for proposal, organization in involved.values_list("proposal_id", "organization_id"):
        leads.setdefault(proposal, set()).add(organization)
    named = set(Group.objects.filter(name=AccountRole.ADMINISTRATOR).values_list("user", flat=True))
    supers = {one.user_id for one in accounts if one.user.is_superuser}
    return Parts(
        kin={number: family(organizations, {slug}) for number, slug in slugs.items() if number is not None},
        leads=leads,
        administrators=frozenset(named | supers) - {None},
    )


def fresh(account: Account, due: Iterable[Due]) -> list[Due]:
    """Leave out what the account was reminded of before. One query."""
    sent = set(Reminder.objects.filter(account=account).values_list("proposal_id", "threshold", "about"))
    return [one for one in due if one.mark not in sent]


def remind(account: Account, due: Iterable[Due], send: Callable[[list[Due]], None]) -> list[Due]:
    """Send what the account was not reminded of before, unless its owner has just said that none is wanted.

    What is sent is kept before, so that two runs at once send one mail and nobody waits for the mail server. If `send`
    fails, it counts as not sent; whatever it raises is raised on.
    """
    with transaction.atomic():
        locked = Account.objects.select_for_update().filter(pk=account.pk, wants_reminders=True).first()
        news = fresh(locked, due) if locked else []
        kept = Reminder.objects.bulk_create(
            Reminder(account=account, proposal_id=one.item.id, threshold=one.threshold, about=one.about) for one in news
        )
    if news:
        try:
            send(news)
        except BaseException:  # also when the run is interrupted
            Reminder.objects.filter(pk__in=[one.pk for one in kept]).delete()
            raise
    return news


def unsubscribe_token(account: Account) -> str:
    """Make the part of an address by which the account can be left out of reminders without signing in."""
    return signing.dumps(account.pk, salt=_SALT)


def account_of(token: str) -> Account | None:
    """Give the account behind such an address; None where it was not made here or the account is gone."""
    try:
        number = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return Account.objects.select_related("user").filter(pk=number).first()


def unsubscribe(account: Account) -> None:
    """Send the account no more reminders."""
    Account.objects.filter(pk=account.pk).update(wants_reminders=False)
