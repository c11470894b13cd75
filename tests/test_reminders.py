"""Reminders by e-mail: who gets what, once, in which language, and how they are stopped."""

from __future__ import annotations

import io
import re
import smtplib
from datetime import date, timedelta
from typing import ClassVar
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import connection

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
)
from tests.pages import freeze, get
from tracker.choices import Nature, Precision, Publication, Status
from tracker.management.commands.serve import Command as Serve
from tracker.models import Account, Reminder, Statement
from tracker.reminders import unsubscribe_token

pytestmark = pytest.mark.django_db

SITE = "https://tracker.example"


@pytest.fixture(autouse=True)
def office(monkeypatch, settings):
    """Freeze the day, name the address, and give the organization that leads."""
    freeze(monkeypatch)
    settings.TRACKER_ADDRESS = SITE
    return make_organization("lao-cai", name="Lao Cai", short_name_vi="Lào Cai", name_vi="Lào Cai")


def make_account(organization, name="lan", **fields):
    user = fields.pop("user", None) or User.objects.create_user(name, f"{name}@office.example", is_staff=True)
    return Account.objects.update_or_create(user=user, defaults={"organization": organization, **fields})[0]


def make_due(lead, days, title="Open the gate", **fields):
    """Make a proposal whose deadline ends so many days from today."""
    proposal = make_proposal(title, lead=lead, **fields)
    make_deadline(proposal, TODAY + timedelta(days=days))
    return proposal


def make_unanswered(lead, title="Ease imports"):
    proposal, series = make_proposal(title, lead=lead), make_series()
    make_statement(proposal, make_meeting(date(2024, 6, 12), series))
    make_meeting(date(2025, 6, 12), series)
    return proposal


def run(capsys, *arguments):
    call_command("send_reminders", *arguments)
    return capsys.readouterr().out


def test_one_digest_holds_what_is_overdue_due_soon_and_unanswered_with_links(capsys, office):
    make_account(office)
    late, soon, asked = make_due([office], -1, "Late"), make_due([office], 60, "Soon"), make_unanswered([office])
    make_due([office], 61, "Not yet")
    make_due([office], -5, "Done", status=Status.COMPLETED)
    make_due([make_organization()], -5, "Somebody else's")
    make_due([office], -5, "Draft", publication=Publication.DRAFT)
    assert "1 sent, 0 failed" in run(capsys)
    (message,) = mail.outbox
    assert message.to == ["lan@office.example"]
    assert message.subject == "Commitment tracker: 3 proposals need attention"
    html, kind = message.alternatives[0]
    assert kind == "text/html"
    for text in (message.body, html):
        for proposal in (late, soon, asked):
            assert proposal.title in text
            assert f"{SITE}/proposals/{proposal.slug}/" in text
        for other in ("Not yet", "Done", "Somebody", "Draft"):
            assert other not in text
    assert [line for line in message.body.splitlines() if line.endswith("(1)")] == [
        "Overdue (1)",
        "Due soon (1)",
        "Unanswered (1)",
    ]
    assert "Last day: 19 Nov 2026 (“by 2026-11-19”)." in message.body
    assert "Raised: 12 Jun 2024; no answer is on record." in message.body
    assert "Status: Proposed." in message.body


def test_each_threshold_is_sent_once_and_a_revised_deadline_starts_anew(capsys, office):
    make_account(office)
    proposal = make_due([office], 30)
    run(capsys)
    run(capsys)
    run(capsys, "--on", (TODAY + timedelta(days=29)).isoformat())
    assert len(mail.outbox) == 1
    run(capsys, "--on", (TODAY + timedelta(days=31)).isoformat())
    run(capsys, "--on", (TODAY + timedelta(days=90)).isoformat())
    assert len(mail.outbox) == 2
    assert "Overdue (1)" in mail.outbox[1].body
    revised = TODAY + timedelta(days=120)
    make_deadline(proposal, revised, stated_on=TODAY, phrase_en="next spring")
    run(capsys, "--on", (TODAY + timedelta(days=40)).isoformat())
    assert len(mail.outbox) == 2, "the revised deadline is far away"
    run(capsys, "--on", (TODAY + timedelta(days=100)).isoformat())
    run(capsys, "--on", (TODAY + timedelta(days=101)).isoformat())
    assert len(mail.outbox) == 3
    assert "“next spring”, a revised deadline; the first one ended on 20 Dec 2026" in mail.outbox[2].body
    run(capsys, "--on", (revised + timedelta(days=1)).isoformat())
    assert len(mail.outbox) == 4
    assert Reminder.objects.count() == 4


def test_what_was_closed_or_kept_is_not_reminded_of_and_a_missed_cycle_is(capsys, office):
    make_account(office)
    closed = make_due([office], -5, "Closed")
    make_change(closed, Status.DECLINED, on=TODAY)
    for title, last in (("Missed", date(2025, 1, 10)), ("Ends soon", date(2025, 12, 10)), ("Kept", date(2026, 9, 1))):
        cycle = make_proposal(
            title, lead=[office], nature=Nature.CONTINUING, status=Status.AGREED, expected_interval_months=12
        )
        make_development(cycle, last, is_occurrence=True)
    run(capsys)
    body = mail.outbox[0].body
    assert "Expected again by: 10 Jan 2026." in body
    assert "Expected again by: 10 Dec 2026." in body
    assert "Kept" not in body
    assert "Closed" not in body


def test_it_goes_to_those_who_lead_kin_included_who_want_it_and_can_get_it(capsys, office):
    committee = make_organization("lao-cai-committee", parent=office)
    make_due([committee], -1)
    make_account(office, "parent")
    make_account(committee, "child")
    make_account(make_organization("yunnan"), "other")
    make_account(None, "nobody")
    make_account(committee, "unwilling", wants_reminders=False)
    make_account(committee, user=User.objects.create_user("gone", "gone@office.example", is_active=False))
    make_account(committee, user=User.objects.create_user("without-address"))
    run(capsys)
    assert sorted(message.to[0] for message in mail.outbox) == ["child@office.example", "parent@office.example"]


def test_what_nobody_leads_goes_to_the_administrators(capsys, office):
    make_due([], -1, "Nobody's")
    make_account(office)
    administrator = make_account(None, "quan")
    administrator.user.groups.add(Group.objects.get(name="administrator"))
    make_account(None, user=User.objects.create_superuser("root", "root@office.example"))
    run(capsys)
    assert sorted(message.to[0] for message in mail.outbox) == ["quan@office.example", "root@office.example"]
    assert "No organization is named as its lead." in mail.outbox[0].body


def test_where_no_administrator_can_be_reached_it_is_said_and_serve_gives_every_one_an_account(capsys, office):
    make_due([], -1, "Led by nobody")
    User.objects.create_superuser("admin", email="")
    call_command("send_reminders", stdout=io.StringIO(), stderr=(told := io.StringIO()))
    assert "1 proposal(s) without a lead would be told to the administrators, but" in told.getvalue()
    Serve().make_staff_account()
    User.objects.update(email="admin@office.example")
    call_command("send_reminders", stdout=io.StringIO(), stderr=(told := io.StringIO()))
    assert not told.getvalue()
    (sent,) = mail.outbox
    assert "Led by nobody" in sent.body


def test_a_day_is_told_no_finer_than_it_is_known(capsys, office):
    make_unanswered([office])
    Statement.objects.update(precision=Precision.MONTH)
    make_account(office)
    run(capsys)
    assert "Raised: June 2024; no answer" in mail.outbox[0].body


def test_each_reads_it_in_the_own_language(capsys, office):
    make_due([office], -1, title_vi="Mở cửa khẩu", title_zh_hans="开放口岸")
    make_account(office, "lan", language="vi")
    make_account(office, "wang", language="zh-hans")
    make_account(office, "ann", language="en")
    run(capsys)
    texts = {message.to[0].partition("@")[0]: message for message in mail.outbox}
    assert "Mở cửa khẩu" in texts["lan"].body
    assert "开放口岸" in texts["wang"].body
    assert "Open the gate" in texts["ann"].body
    assert '<html lang="vi">' in texts["lan"].alternatives[0][0]
    assert "19/11/2026" in texts["lan"].body


def test_a_dry_run_shows_what_would_go_to_whom_and_keeps_nothing(capsys, office):
    make_account(office)
    make_due([office], -1)
    said = run(capsys, "--dry-run")
    assert "To: lan@office.example (lan, en)" in said
    assert "Open the gate" in said
    assert "1 of 1 accounts would get a mail; nothing was sent." in said
    assert mail.outbox == []
    assert not Reminder.objects.exists()
    assert "1 sent" in run(capsys)
    assert "0 of 1 accounts" in run(capsys, "--dry-run")


class Failing(EmailBackend):
    """A mail server that refuses one reader."""

    def send_messages(self, messages):
        if any("refused@" in message.to[0] for message in messages):
            raise smtplib.SMTPRecipientsRefused({"refused@office.example": (550, b"No such user")})
        return super().send_messages(messages)


class Silent(EmailBackend):
    """A mail server that does not answer."""

    def open(self):
        raise ConnectionRefusedError("[Errno 111] Connection refused")


def test_where_one_cannot_be_sent_the_others_are_and_the_next_run_tries_again(capsys, office, settings):
    settings.EMAIL_BACKEND = "tests.test_reminders.Failing"
    make_due([office], -1)
    for name in ("ann", "refused", "wang"):
        make_account(office, name)
    with pytest.raises(CommandError, match=r"(?s)could not be sent.*refused@office.example: .*No such user"):
        run(capsys)
    assert [message.to[0] for message in mail.outbox] == ["ann@office.example", "wang@office.example"]
    assert set(Reminder.objects.values_list("account__user__username", flat=True)) == {"ann", "wang"}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    run(capsys)
    assert mail.outbox[-1].to == ["refused@office.example"]
    assert len(mail.outbox) == 3


def test_a_silent_server_is_said_in_words_and_nothing_is_marked_as_sent(capsys, office, settings):
    settings.EMAIL_BACKEND = "tests.test_reminders.Silent"
    make_due([office], -1)
    make_account(office)
    with pytest.raises(CommandError, match=r"lan@office.example: .*Connection refused"):
        run(capsys)
    assert not Reminder.objects.exists()


class Overtaken(EmailBackend):
    """A mail server that lets another run go first."""

    others = 0

    def open(self):
        if not Overtaken.others:
            Overtaken.others += 1
            call_command("send_reminders")


def test_two_runs_at_once_send_one_mail(capsys, office, settings):
    settings.EMAIL_BACKEND = "tests.test_reminders.Overtaken"
    make_due([office], -1)
    make_account(office)
    said = run(capsys)
    assert Overtaken.others == 1
    assert len(mail.outbox) == 1
    assert Reminder.objects.count() == 1
    assert "1 sent, 0 failed" in said
    assert "0 sent, 0 failed" in said


class Meanwhile(EmailBackend):
    """A mail server; when it is called, the reader has just said that no reminders are wanted."""

    def open(self):
        Account.objects.update(wants_reminders=False)


def test_whoever_said_no_a_moment_ago_gets_none(capsys, office, settings):
    settings.EMAIL_BACKEND = "tests.test_reminders.Meanwhile"
    make_due([office], -1)
    make_account(office)
    assert "0 sent, 0 failed" in run(capsys)
    assert not mail.outbox
    assert not Reminder.objects.exists()


class Watched(EmailBackend):
    """A mail server that looks whether anybody is kept waiting, and whether what it sends is on record."""

    seen: ClassVar[list] = []

    def send_messages(self, messages):
        self.seen.append((list(connection.savepoint_ids), Reminder.objects.count()))
        return super().send_messages(messages)


def test_nobody_waits_while_a_mail_is_sent(capsys, office, settings):
    settings.EMAIL_BACKEND = "tests.test_reminders.Watched"
    make_due([office], -1)
    make_account(office)
    run(capsys)
    assert Watched.seen == [(connection.savepoint_ids, 1)]  # no transaction but the test's own


def test_what_is_missing_or_wrong_is_said_before_anything_is_sent(capsys, office, settings):
    make_due([office], -1)
    make_account(office)
    with pytest.raises(CommandError, match="--on is “tomorrow”; allowed: a day such as"):
        run(capsys, "--on", "tomorrow")
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    with pytest.raises(CommandError, match="TRACKER_MAIL_HOST is not set"):
        run(capsys)
    assert "1 of 1" in run(capsys, "--dry-run")
    settings.TRACKER_ADDRESS = ""
    with pytest.raises(CommandError, match="TRACKER_ADDRESS is not set"):
        run(capsys, "--dry-run")
    assert not Reminder.objects.exists()


def test_the_link_at_the_end_stops_them_by_a_button_and_not_by_being_opened(capsys, client, office):
    account = make_account(office)
    make_due([office], -1)
    run(capsys)
    message = mail.outbox[0]
    (link,) = re.findall(r"No more reminders: (\S+)", message.body)
    assert message.extra_headers["List-Unsubscribe"] == f"<{link}>"
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = urlsplit(link).path
    page = get(client, address)
    assert "lan" in page.one("main").text
    account.refresh_from_db()
    assert account.wants_reminders
    browser = client.__class__(enforce_csrf_checks=True)
    response = browser.post(address, {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert "The account lan gets no reminders." in response.content.decode()
    account.refresh_from_db()
    assert not account.wants_reminders
    make_due([office], -2, "Another")
    run(capsys)
    assert len(mail.outbox) == 1


def test_a_forged_link_stops_nothing(client, office):
    account = make_account(office)
    token = unsubscribe_token(account)
    for wrong in (f"{token}x", token[1:], "1:abc:def", str(account.pk)):
        assert client.post(f"/unsubscribe/{wrong}/").status_code == 404
    account.refresh_from_db()
    assert account.wants_reminders
    assert client.put(f"/unsubscribe/{token}/").status_code == 405


def test_the_cost_grows_with_the_accounts_by_a_constant_and_not_with_the_proposals(
    capsys, office, django_assert_max_num_queries
):
    make_account(office)
    for number in range(3):
        make_due([office], -1, f"Late {number}")
    with django_assert_max_num_queries(14):
        run(capsys)
