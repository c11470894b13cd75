"""Accounts of every role on the served tracker, how they sign in, and what of the workplace they all handle."""

from __future__ import annotations

import csv
import io
from urllib.parse import quote

from playwright.sync_api import Page

from tests.browser.serving import Database, Served, manage
from tests.makers import PASSWORD

_MAKE = """
from tests.makers import make_account
from tracker.models import Organization
make_account("viewer", name="viewer")
make_account("contributor", Organization.objects.get(slug="lao-cai"), "laocai")
make_account("editor", name="editor")
make_account("editor", name="second")
make_account("administrator", name="keeper")
"""


def make_accounts(database: Database) -> None:
    """Make viewer, laocai (a contributor of that province), editor, second (an editor too) and keeper."""
    manage(database, "shell", "--no-imports", "--command", _MAKE)


def sign_in(page: Page, served: Served, name: str, onwards: str = "/admin/", password: str = PASSWORD) -> Page:
    """Sign in and give the page on which that leads to `onwards`."""
    page.goto(served / f"accounts/login/?next={quote(onwards)}")
    fill_sign_in(page, name, password)
    page.wait_for_url(served / onwards)
    return page


def fill_sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fill in the form that stands on the page, and send it."""
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def choose(page: Page, name: str, text: str) -> None:
    """Choose in an autocomplete field of the workplace."""
    page.locator(f"select[name={name}] + .select2 .select2-selection").click()
    page.locator(".select2-search__field").last.fill(text)
    page.locator(".select2-results__option", has_text=text).first.click()


def open_proposal(page: Page, served: Served, search: str) -> None:
    """Open the page, in the workplace, of the proposal that its search finds."""
    page.goto(served / f"admin/tracker/proposal/?q={search}")
    with page.expect_navigation():
        page.locator("#result_list tbody th").get_by_role("link").first.click()


def send(page: Page, name: str) -> None:
    """Press a button that leads to another page, and wait for that."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def add_row(page: Page, name: str) -> None:
    """Add a row to a part of a page of the workplace."""
    page.get_by_role("button", name=f"Add another {name}", exact=True).click()


def rows(page: Page, address: str) -> list[dict[str, str]]:
    """Read a table as CSV."""
    answer = page.request.get(address)
    assert answer.status == 200
    return list(csv.DictReader(io.StringIO(answer.text())))
