"""The mail that reminds: one digest to one reader, as text and as simple HTML, in the language in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.models import Account
from tracker.reminders import Due, unsubscribe_token
from tracker.staff_scales import Threshold
from tracker.templatetags.tracker import day as written

# in which order a digest comes to them
_ORDER = (Threshold.OVERDUE, Threshold.DUE_SOON, Threshold.UNANSWERED)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing in a digest, in words."""

    title: str
    when: str
    status: str
    address: str
    has_lead: bool


def digest(account: Account, due: Sequence[Due], day: date, site: str) -> EmailMultiAlternatives:
    """Write the mail to the owner of an account.

    Args:
        account: whom it goes to.
        due: what it is about; at least one thing.
        day: the day on which it is written.
        site: the address of the tracker, such as `https://tracker.example`.
    """
    leave = site + reverse("unsubscribe", args=[unsubscribe_token(account)])
    sections = [(one, [_line(some, site) for some in due if some.threshold == one]) for one in _ORDER]
    context = {
        "name": account.user.get_full_name() or account.user.get_username(),
        "organization": account.organization,
        "day": day,
        "sections": [(threshold, lines) for threshold, lines in sections if lines],
        "site": site + reverse("overview"),
        "leave": leave,
    }
    count = len({one.item.id for one in due})
    subject = ngettext(
        "Commitment tracker: %(count)s proposal needs attention",
        "Commitment tracker: %(count)s proposals need attention",
        count,
    ) % {"count": count}
    mail = EmailMultiAlternatives(
        subject,
        render_to_string("mail/digest.txt", context),
        to=[account.user.email],
        headers={
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",  # so that nobody's absence note answers it
        },
    )
    mail.attach_alternative(render_to_string("mail/digest.html", context), "text/html")
    return mail


def _line(due: Due, site: str) -> Line:
    return Line(
        title=due.item.title,
        when=_when(due),
        status=str(due.item.facts.status.label),
        address=site + reverse("proposal", args=[due.item.slug]),
        has_lead=due.has_lead,
    )


def _when(due: Due) -> str:
    """Say the deadline as it was stated, with its last day."""
    day = written(due.about, due.precision)
    if due.threshold == Threshold.UNANSWERED:
        return _("Raised: %(day)s; no answer is on record.") % {"day": day}
    if due.is_cycle:
        return _("Expected again by: %(day)s.") % {"day": day}
    if due.revised and due.item.facts.deadline_end:
        return _("Last day: %(day)s (“%(phrase)s”, a revised deadline; the first one ended on %(first)s).") % {
            "day": day,
            "phrase": due.phrase,
            "first": written(due.item.facts.deadline_end),
        }
    return _("Last day: %(day)s (“%(phrase)s”).") % {"day": day, "phrase": due.phrase}
