"""`manage.py send_reminders`, for cron: e-mail to each lead what is overdue, due soon or unanswered, each once.

Its words are for whoever runs the server and stay in English; the mails are in their readers' languages.
"""

from __future__ import annotations

import smtplib
from datetime import date
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from tracker.digests import digest
from tracker.models import Account
from tracker.office import thresholds
from tracker.reminders import Due, Parts, accounts_reminded, all_due, fresh, parts_of, remind

_TROUBLE = (OSError, smtplib.SMTPException)


class Command(BaseCommand):
    help = "E-mail each lead a digest of what is overdue, due soon or unanswered, each once. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="show what would go to whom; send and keep nothing")
        parser.add_argument("--on", metavar="YYYY-MM-DD", default="", help="as if it were this day; default: today")

    def handle(self, *args: Any, dry_run: bool, on: str, **options: Any) -> None:
        day = _day(on) if on else timezone.localdate()
        _check_settings(dry_run)
        accounts = list(accounts_reminded())
        parts = parts_of(accounts)
        due = {language: _due_in(language, day) for language in {one.language for one in accounts}}
        if dry_run:
            self.show(accounts, parts, due, day)
        else:
            self.send(accounts, parts, due, day)
        self.warn(accounts, parts, due, day)

    def show(self, accounts: list[Account], parts: Parts, due: dict[str, list[Due]], day: date) -> None:
        """Print each mail that would be sent."""
        count = 0
        for account in accounts:
            news = fresh(account, [one for one in due[account.language] if parts.is_for(account, one)])
            if news:
                count += 1
                mail = _written(account, news, day)
                self.stdout.write(f"To: {account.user.email} ({account.user.get_username()}, {account.language})")
                self.stdout.write(f"Subject: {mail.subject}\n\n{mail.body}\n")
        self.stdout.write(f"Dry run for {day}: {count} of {len(accounts)} accounts would get a mail; nothing was sent.")

    def warn(self, accounts: list[Account], parts: Parts, due: dict[str, list[Due]], day: date) -> None:
        """Say that what nobody leads reaches nobody, where it is so."""
        if any(one.user_id in parts.administrators for one in accounts):
            return
        known = next(iter(due.values()), None)
        known = _due_in(settings.LANGUAGE_CODE, day) if known is None else known
        if count := len({one.item.id for one in known if not one.has_lead}):
            self.stderr.write(
                f"{count} proposal(s) without a lead would be told to the administrators, but no administrator has an "
                "e-mail address and wants reminders: enter the address of one at /admin/auth/user/."
            )

    def send(self, accounts: list[Account], parts: Parts, due: dict[str, list[Due]], day: date) -> None:
        """Send each mail; where one cannot be sent, go on with the others and say so at the end."""
        post = get_connection()
        sent, faults = 0, []
        for account in accounts:
            mine = [one for one in due[account.language] if parts.is_for(account, one)]
            if not fresh(account, mine):
                continue
            try:
                post.open()  # a server that does not answer is found out before anything is kept as sent
                news = remind(account, mine, partial(_hand_over, account, day, post))
            except _TROUBLE as problem:
                faults.append(f"{account.user.email}: {' '.join(str(problem).split()) or type(problem).__name__}")
                post.close()
                continue
            if news:
                sent += 1
                self.stdout.write(f"Sent to {account.user.email}: {len(news)} reminder(s)")
        post.close()
        self.stdout.write(f"Reminders for {day}: {sent} sent, {len(faults)} failed.")
        if faults:
            lines = ["These could not be sent; the next run tries again.", *faults]
            raise CommandError("\n".join(lines))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--on is “{text}”; allowed: a day such as 2026-11-20") from None


def _check_settings(dry_run: bool) -> None:
    if not settings.TRACKER_ADDRESS:
        raise CommandError(
            "TRACKER_ADDRESS is not set: the mails need it for their links. Allowed: https://tracker.example"
        )
    if not dry_run and settings.EMAIL_BACKEND.endswith(".console.EmailBackend"):
        raise CommandError(
            "TRACKER_MAIL_HOST is not set: there is no mail server to send by, and nothing was marked as sent. "
            "--dry-run shows what would be sent."
        )


def _due_in(language: str, day: date) -> list[Due]:
    """Read what is due with its texts in a language."""
    with translation.override(language):
        return all_due(day, thresholds())


def _written(account: Account, due: list[Due], day: date) -> EmailMultiAlternatives:
    with translation.override(account.language):
        return digest(account, due, day, settings.TRACKER_ADDRESS)


def _hand_over(account: Account, day: date, post: Any, due: list[Due]) -> None:
    mail = _written(account, due, day)
    mail.connection = post
    mail.send()
