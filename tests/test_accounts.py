"""Signing in, the second factor, one's own account, the accounts in the workplace, and a viewer's eyes."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.admin_pages import errors_of, filled, inline
from tests.makers import PASSWORD, make_organization, make_proposal
from tests.pages import get, read
from tests.readers import DRAFT, make_user
from tracker import access, second_factor
from tracker.access import feed_token, reader_for
from tracker.models import Account
from tracker.staff_scales import AccountRole
from tracker.views.entrance import address_of

pytestmark = pytest.mark.django_db
LOGIN, ME = "/accounts/login/", "/accounts/me/"


def sign_in(client, name, password=PASSWORD, going="", **headers):
    return client.post(LOGIN, {"username": name, "password": password, "next": going}, headers=headers)


def code_of(user):
    """The code that the user's telephone shows."""
    device = TOTPDevice.objects.get(user=user)
    return f"{totp(device.bin_key):06d}"


def set_up(user):
    """Set up the second factor; give the recovery codes."""
    return second_factor.confirm(second_factor.device_to_confirm(user))


# --- signing in ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words", "button"),
    [("en", "Sign in", "Sign in"), ("vi", "vi", ""), ("zh-hans", "zh-hans", "")],
)
def test_the_page_to_sign_in_on_speaks_three_languages(client, language, words, button):
    client.cookies["django_language"] = language
    page = get(client, LOGIN)
    assert page.one("html").attrs["lang"] == language
    assert {one.attrs["value"] for one in page.one("form", "languages").all("button")} == {"en", "vi", "zh-hans"}
    if button:
        assert button in [one.text for one in page.all("button")]


def test_there_is_one_page_to_sign_in_on_and_it_leads_to_the_right_place(client):
    answer = client.get("/admin/tracker/proposal/?q=gate", follow=True)
    assert answer.redirect_chain[-1][0].startswith(LOGIN)
    for role, place in (("viewer", "/"), ("contributor", "/admin/"), ("editor", "/admin/")):
        make_user(role)
        assert sign_in(Client(), role).url == place
    assert sign_in(Client(), "editor", going="/admin/tracker/proposal/?q=gate").url.endswith("/proposal/?q=gate")
    assert sign_in(Client(), "editor", going="https://elsewhere.example/").url == "/admin/"


def test_whoever_is_signed_in_but_may_not_enter_is_told_so(client):
    client.force_login(make_user("viewer"))
    page = read(client.get("/admin/", follow=True))
    assert "You are signed in as viewer, who may not see that page." in page.text
    assert client.get(LOGIN).url == "/"


def test_a_wrong_password_and_a_closed_account_let_nobody_in(client):
    make_user("editor")
    assert "Name and password do not belong together." in read(sign_in(client, "editor", "wrong")).text
    make_user("editor", name="gone", is_active=False)
    assert sign_in(client, "gone").status_code == 200
    assert "_auth_user_id" not in client.session


def test_after_five_wrong_passwords_the_name_waits_at_this_address_only(client, settings):
    make_user("editor")
    make_user("contributor")
    for _attempt in range(4):
        assert sign_in(client, "editor", "wrong").status_code == 200
    answer = sign_in(client, "editor", "wrong")
    assert answer.status_code == 429
    assert "After 5 wrong passwords" in read(answer).text
    assert "Try again in 15 minutes" in read(answer).text
    assert sign_in(client, "editor").status_code == 429
    assert sign_in(client, "contributor").status_code == 302
    assert Client(REMOTE_ADDR="10.0.0.9").post(LOGIN, {"username": "editor", "password": PASSWORD}).status_code == 302
    AccessAttempt.objects.update(attempt_time=timezone.now() - settings.AXES_COOLOFF_TIME - timedelta(seconds=1))
    assert sign_in(Client(), "editor").status_code == 302


@pytest.mark.parametrize(
    ("page", "sent"),
    [
        ("/accounts/password/", {"new_password1": "a-gate-over-the-river", "new_password2": "a-gate-over-the-river"}),
        ("/accounts/second-factor/", {"do": "remove"}),
    ],
)
def test_passwords_are_not_guessed_from_within_a_session_either(client, page, sent):
    user = make_user("editor")
    set_up(user)
    sign_in(client, "editor")
    client.post("/accounts/code/", {"code": code_of(user)})
    field = "old_password" if "new_password1" in sent else "password"
    answers = [client.post(page, {**sent, field: "wrong"}).status_code for _attempt in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    assert client.post(page, {**sent, field: PASSWORD}).status_code == 429
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert second_factor.device_of(user)


def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_saw(settings):
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "1.2.3.4, 10.0.0.7"})
    assert address_of(request) == "127.0.0.1"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert address_of(request) == "10.0.0.7"
    for nonsense in ("", "<script>"):
        assert address_of(RequestFactory().get("/", headers={"X-Forwarded-For": nonsense})) == "127.0.0.1"


def test_the_session_gets_a_new_key_at_each_step_and_ends_when_it_is_not_used(client, settings, monkeypatch):
    make_user("editor")
    client.get("/")
    sign_in(client, "editor")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == ""  # it ends with the browser
    expires = Session.objects.get().expire_date
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 60)
    client.get("/")
    assert Session.objects.get().expire_date == expires  # a minute is not worth a write
    monkeypatch.setattr(time, "time", lambda: now + settings.SESSION_COOKIE_AGE / 2)
    client.get("/")
    assert Session.objects.get().expire_date > expires
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/admin/").status_code == 302


def test_logging_out_takes_a_click_and_ends_the_session(client):
    client.force_login(make_user("editor"))
    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/").url == "/"
    assert client.get("/admin/").status_code == 302
    client.force_login(User.objects.get())
    assert client.post("/admin/logout/").url == "/"


# --- one's own account ---------------------------------------------------------------------------------------------


def test_everybody_chooses_language_and_reminders(client):
    user = make_user("contributor", make_organization(name="Lao Cai"))
    client.force_login(user)
    page = get(client, ME)
    assert "Lao Cai" in page.text
    assert AccountRole.CONTRIBUTOR.rule in page.text
    answer = client.post(ME, {"language": "vi"})
    assert (answer.status_code, answer.cookies["django_language"].value) == (302, "vi")
    account = Account.objects.get()
    assert (account.language, account.wants_reminders) == ("vi", False)
    assert get(client, ME).one("html").attrs["lang"] == "vi"
    assert client.post(ME, {"language": "fr"}).status_code == 200
    assert Account.objects.get().language == "vi"


def test_an_account_made_elsewhere_has_its_page_too_and_a_visitor_has_none(client):
    assert client.get(ME).url.startswith(LOGIN)
    client.force_login(User.objects.create_superuser("root"))
    get(client, ME)
    client.post(ME, {"language": "en", "wants_reminders": "on"})
    assert Account.objects.get().wants_reminders


def test_a_password_is_long_and_changing_it_ends_the_other_sessions(client):
    user, other = make_user("editor"), Client()
    for one in (client, other):
        assert sign_in(one, "editor").status_code == 302
    sent = {"old_password": PASSWORD, "new_password1": "short", "new_password2": "short"}
    page = read(client.post("/accounts/password/", sent))
    assert "at least 12 characters" in page.text
    sent |= {"new_password1": "a-gate-over-the-river", "new_password2": "a-gate-over-the-river"}
    assert client.post("/accounts/password/", sent).url == ME
    assert client.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302
    user.refresh_from_db()
    assert user.check_password("a-gate-over-the-river")


# --- the second factor ---------------------------------------------------------------------------------------------


def test_the_second_factor_is_set_up_with_a_square_a_code_and_codes_on_paper(client):
    user = make_user("editor")
    client.force_login(user)
    page = get(client, "/accounts/second-factor/")
    assert page.one("img", "square").attrs["src"].startswith("data:image/svg+xml")
    assert TOTPDevice.objects.get().bin_key
    assert "This code is wrong" in read(client.post("/accounts/second-factor/", {"code": "000000"})).text
    assert second_factor.device_of(user) is None
    TOTPDevice.objects.update(throttling_failure_count=0)
    done = read(client.post("/accounts/second-factor/", {"code": code_of(user)}))
    codes = [one.text for one in done.one("ul", "recovery-codes").all("code")]
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert client.get("/admin/").status_code == 200


def test_with_a_second_factor_the_password_alone_opens_nothing(client):
    user = make_user("administrator")
    set_up(user)
    draft = make_proposal("Hidden draft", publication=DRAFT)
    answer = sign_in(client, "administrator", going="/admin/tracker/proposal/")
    assert answer.url == "/accounts/code/?next=%2Fadmin%2Ftracker%2Fproposal%2F"
    for closed in ("/admin/", ME, "/accounts/password/", "/accounts/second-factor/"):
        assert client.get(closed).status_code == 302, closed
    assert client.post("/accounts/second-factor/", {"do": "remove", "password": PASSWORD}).status_code == 302
    assert second_factor.device_of(user)
    assert "administrator" not in get(client, "/").text
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/accounts/code/")
    assert "This code is wrong" in read(client.post("/accounts/code/", {"code": "000000"})).text
    assert client.get(f"/admin/tracker/proposal/{draft.pk}/change/").status_code == 302
    TOTPDevice.objects.update(throttling_failure_count=0)
    key = client.session.session_key
    answer = client.post(answer.url, {"code": code_of(user), "next": "/admin/tracker/proposal/"})
    assert answer.url == "/admin/tracker/proposal/"
    assert client.session.session_key != key
    assert "Hidden draft" in get(client, answer.url).text


def test_a_code_is_good_once_and_wrong_ones_slow_down_the_next(client):
    user = make_user("editor")
    set_up(user)
    code = code_of(user)
    sign_in(client, "editor")
    assert client.post("/accounts/code/", {"code": code}).status_code == 302
    other = Client()
    sign_in(other, "editor")
    assert other.post("/accounts/code/", {"code": code}).status_code == 200
    TOTPDevice.objects.update(last_t=0)
    assert other.post("/accounts/code/", {"code": code}).status_code == 200  # too soon after a wrong one
    assert TOTPDevice.objects.get().throttling_failure_count


def test_a_recovery_code_does_for_the_telephone_one_time(client):
    user = make_user("editor")
    codes = set_up(user)
    for expected in (302, 200):
        client.logout()
        sign_in(client, "editor")
        assert client.post("/accounts/code/", {"code": f" {codes[0].upper()} "}).status_code == expected
    assert second_factor.codes_left(user) == second_factor.RECOVERY_CODES - 1


def test_new_codes_and_removal_ask_for_the_password_again(client):
    user = make_user("editor")
    codes = set_up(user)
    sign_in(client, "editor")
    client.post("/accounts/code/", {"code": codes[0]})
    page = "/accounts/second-factor/"
    assert "7 recovery codes are left" in get(client, page).text
    assert "This is not your password." in read(client.post(page, {"do": "remove", "password": "x"})).text
    fresh = read(client.post(page, {"do": "codes", "password": PASSWORD}))
    assert codes[1] not in fresh.text
    assert second_factor.codes_left(user) == second_factor.RECOVERY_CODES
    assert client.post(page, {"do": "remove", "password": PASSWORD}).url == ME
    assert not TOTPDevice.objects.exists()
    assert sign_in(Client(), "editor").url == "/admin/"


def test_an_office_may_require_the_second_factor_of_editors(client, settings):
    settings.TRACKER_SECOND_FACTOR = "required"
    make_user("contributor")
    assert sign_in(Client(), "contributor").url == "/admin/"
    user = make_user("editor")
    answer = sign_in(client, "editor", going="/admin/")
    assert answer.url == "/accounts/second-factor/?next=%2Fadmin%2F"
    assert client.get("/admin/").status_code == 302
    assert "Your role requires it" in get(client, answer.url).text
    done = read(client.post(answer.url, {"code": code_of(user)}))
    assert ("/admin/", "I have kept them: go on") in done.links()
    assert client.get("/admin/").status_code == 200
    assert client.post("/accounts/second-factor/", {"do": "remove", "password": PASSWORD}).status_code == 403
    assert second_factor.device_of(user)


# --- accounts in the workplace -------------------------------------------------------------------------------------


def person(page, *args):
    return reverse(f"admin:auth_user_{page}", args=args)


def account_part(account=None, **fields):
    row = {"language": "en", **fields}
    if account is None:
        return inline("account", row)
    row |= {"id": account.pk, "user": account.user_id}
    return {**inline("account", row), "account-INITIAL_FORMS": 1}


def test_an_administrator_makes_an_account_with_role_and_organization(client):
    client.force_login(make_user("administrator"))
    ours = make_organization(name="Lao Cai")
    page = get(client, person("add"))
    assert all(role.rule in page.text for role in AccountRole)
    sent = {
        "username": "lan",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "usable_password": "true",
        "first_name": "Lan",
        "last_name": "",
        "email": "lan@office.example",
        "role": "contributor",
        **account_part(organization=ours.pk, wants_reminders="on"),
    }
    short = client.post(person("add"), {**sent, "password1": "short", "password2": "short"})
    assert "password2" in errors_of(short)
    client.post(person("add"), sent)
    user = User.objects.get(username="lan")
    assert (user.is_staff, user.is_superuser) == (True, False)
    reader = reader_for(user)
    assert (reader.role, reader.organizations) == (AccountRole.CONTRIBUTOR, {ours.pk})
    assert sign_in(Client(), "lan").url == "/admin/"
    listed = get(client, person("changelist"))
    (row,) = [cells for cells in listed.one("table", id="result_list").rows() if "lan" in cells]
    assert {"Contributor", "Lao Cai", "Lan"} <= set(row)


def test_the_role_decides_whether_the_workplace_is_open(client):
    client.force_login(make_user("administrator"))
    user = make_user("editor", name="lan")
    for role, staff in (("viewer", False), ("contributor", True), ("", False), ("administrator", True)):
        sent = {**filled(client.get(person("change", user.pk))), "role": role}
        assert client.post(person("change", user.pk), sent).status_code == 302
        user.refresh_from_db()
        assert (user.is_staff, [group.name for group in user.groups.all()]) == (staff, [role] if role else [])


def test_nobody_takes_away_the_last_administrator(client):
    user = make_user("administrator")
    client.force_login(user)
    make_user("administrator", name="closed", is_active=False)
    for change in ({"role": "editor"}, {"role": ""}, {"is_active": None}):
        sent = {**filled(client.get(person("change", user.pk))), **change}
        sent = {name: value for name, value in sent.items() if value is not None}
        response = client.post(person("change", user.pk), sent)
        assert "This is the last administrator" in response.content.decode(), change
        assert list(access.User.objects.filter(groups__name="administrator", is_active=True)) == [user]
    root = User.objects.create_superuser("root")
    sent = {**filled(client.get(person("change", root.pk))), **account_part(), "role": "viewer"}
    assert client.post(person("change", root.pk), sent).status_code == 302
    root.refresh_from_db()
    assert (root.is_superuser, root.is_staff) == (False, False)


def test_accounts_are_closed_and_never_deleted_and_the_roles_are_fixed(client):
    user = User.objects.create_superuser("root")
    client.force_login(user)
    assert client.post(person("delete", user.pk), {"post": "yes"}).status_code == 403
    page = get(client, person("changelist"))
    assert "delete_selected" not in [one.attrs.get("value") for one in page.all("option")]
    for address in ("/admin/auth/group/", "/admin/otp_totp/totpdevice/", "/admin/axes/accessattempt/"):
        assert client.get(address).status_code == 404, address


def test_only_administrators_see_accounts(client):
    user = make_user("editor")
    client.force_login(user)
    for page, args in (("changelist", ()), ("add", ()), ("change", (user.pk,)), ("password_change", (user.pk,))):
        assert client.get(person(page, *args)).status_code in (302, 403), page
    assert "/admin/auth/" not in get(client, "/admin/").one("body").text


def test_an_administrator_sets_a_password_lets_in_again_and_removes_a_lost_telephone(client):
    client.force_login(make_user("administrator"))
    user = make_user("editor")
    set_up(user)
    other = Client()
    for _attempt in range(5):
        sign_in(other, "editor", "wrong")
    assert sign_in(other, "editor").status_code == 429
    for action in ("let_in_again", "remove_second_factor"):
        client.post(person("changelist"), {"action": action, "_selected_action": [user.pk]})
    assert sign_in(other, "editor").url == "/admin/"
    fresh = "a-gate-over-the-river"
    client.post(person("password_change", user.pk), {"password1": fresh, "password2": fresh, "usable_password": "true"})
    assert other.get("/admin/").status_code == 302
    assert sign_in(other, "editor", fresh).url == "/admin/"


def test_the_list_of_accounts_costs_the_same_however_many(client):
    client.force_login(make_user("administrator"))
    get(client, person("changelist"))

    def count():
        with CaptureQueriesContext(connection) as queries:
            get(client, person("changelist"))
        return len(queries)

    first = count()
    for number in range(5):
        make_user("contributor", make_organization(), f"person-{number}")
    assert count() == first


# --- who may look, and as whom -------------------------------------------------------------------------------------


def test_where_viewers_sign_in_every_page_asks_and_every_role_suffices(client, settings):
    settings.TRACKER_VIEWERS_SIGN_IN = True
    proposal = make_proposal("Open the gate")
    closed = ["/", "/proposals/", f"/proposals/{proposal.slug}/", "/proposals.csv", "/data/", "/method/"]
    for address in closed:
        assert client.get(address).url.startswith(f"{LOGIN}?next="), address
    for address in (LOGIN, "/scale.css"):
        assert client.get(address).status_code == 200, address
    assert client.post("/language/setlang/", {"language": "vi"}).status_code == 302
    client.cookies.clear()
    client.force_login(make_user("viewer"))
    assert [client.get(address).status_code for address in closed] == [200] * len(closed)
    client.force_login(make_user(name="newcomer"))
    answer = client.get("/")
    assert answer.status_code == 403
    assert "Your account has no role yet." in read(answer).text
    assert feed_token(User.objects.get(username="viewer")) in get_me(settings, "viewer")


def get_me(settings, name):
    signed_in = Client()
    signed_in.force_login(User.objects.get(username=name))
    return get(signed_in, ME).text.replace("%3A", ":")


def test_staff_find_their_way_from_the_public_pages_and_visitors_are_not_bothered(client):
    assert not get(client, "/").all(css="staff-strip")
    client.force_login(make_user("viewer"))
    strip = get(client, "/").one(css="staff-strip")
    assert "Workplace" not in strip.text
    client.force_login(make_user("contributor"))
    strip = get(client, "/").one(css="staff-strip")
    assert ("/admin/", "Workplace") in strip.links()
    assert [one.text for one in strip.all("button")] == ["See as a viewer", "Log out"]


def test_staff_see_the_pages_as_viewers_do_and_come_back(client):
    client.force_login(make_user("editor"))
    proposal = make_proposal("Open the gate")
    page = f"/proposals/{proposal.slug}/"
    assert "Edit" in [words for _href, words in get(client, page).links()]
    assert client.get("/accounts/as-viewer/").status_code == 405
    assert client.post("/accounts/as-viewer/", {"see": "viewer", "next": page}).url == page
    seen = get(client, page)
    assert "You see what viewers see." in seen.one(css="staff-strip").text
    assert "Edit" not in [words for _href, words in seen.links()]
    assert "On the public pages you see what viewers see." in get(client, "/admin/").text
    assert client.post("/accounts/as-viewer/", {"see": "staff", "next": "//elsewhere.example"}).url == "/"
    assert "Edit" in [words for _href, words in get(client, page).links()]
    client.force_login(make_user("viewer"))
    client.post("/accounts/as-viewer/", {"see": "viewer"})
    assert "You see what viewers see." not in get(client, "/").text


def test_the_workplace_speaks_three_languages_and_has_the_switch(client):
    client.force_login(make_user("editor"))
    for language in ("en", "vi", "zh-hans"):
        client.cookies["django_language"] = language
        page = get(client, "/admin/")
        assert page.one("html").attrs["lang"] == language
        assert len(page.one("form", "languages").all("button")) == 3
        assert re.search(r"/accounts/me/", str([href for href, _words in page.links()]))


def test_who_is_signed_in_costs_a_visitor_no_query_and_staff_a_handful(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/accounts/login/")
    user = make_user("contributor", make_organization())
    with django_assert_num_queries(3):
        reader_for(user)
