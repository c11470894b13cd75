"""The tracker in a real browser: Chromium on the real server with the real seeds.

`live` is shared by all tests of a process and is only read; `own_live` belongs to one test, which may write.
`page` is a page on a desktop; `open_page` opens others: another look, another language, without scripts. A test
fails when its pages report an error, violate the content policy or ask another host for anything; one that
provokes an error on purpose takes it out of `faults`.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.people import make_accounts
from tests.browser.serving import PASSWORD, Database, Served, database, manage, serve
from tests.programs import require

VIEWPORTS = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 740}}
CHROMIUM_ARGUMENTS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Look:
    """A screen and a colour scheme; `ids=str` names the test after it."""

    viewport: str = "desktop"
    scheme: str = "light"

    def __str__(self) -> str:
        return f"{self.viewport}-{self.scheme}"


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="session")
def seeded(folder, worker_id, testrun_uid) -> Iterator[Database]:
    """A database with the real seeds and an account of every role that nobody uses: copies are made of it."""
    with database(f"seeds_{worker_id}_{testrun_uid[:8]}", folder) as made:
        manage(made, "serve", "--prepare-only")
        make_accounts(made)
        yield made


@pytest.fixture(scope="session")
def live(seeded, folder, worker_id, testrun_uid) -> Iterator[Served]:
    """The tracker with the real seeds; only for reading."""
    with (
        database(f"live_{worker_id}_{testrun_uid[:8]}", folder, seeded) as copy,
        serve(copy, folder / "live.log") as served,
    ):
        yield served


@pytest.fixture
def own_live(request, seeded, folder, worker_id, testrun_uid) -> Iterator[Served]:
    """The tracker with the real seeds, on a database of this test's own; with variables, if the test gives them."""
    number, variables = next(_numbers), getattr(request, "param", {})
    with (
        database(f"own{number}_{worker_id}_{testrun_uid[:8]}", folder, seeded) as copy,
        serve(copy, folder / f"own{number}.log", **variables) as served,
    ):
        yield served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    require("fonts")
    program = require("chromium")
    # Chromium's own sandbox refuses to run as root
    arguments = [*CHROMIUM_ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        # Playwright's event loop stays on this thread; Django would take a query beside it for a mistake
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        chromium = playwright.chromium.launch(executable_path=program, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def faults() -> list[str]:
    """What the test's pages complained about so far."""
    return []


@pytest.fixture
def open_page(browser, faults) -> Iterator[Callable[..., Page]]:
    """Open a page: `open_page(Look("phone", "dark"), locale="vi", java_script_enabled=False)`."""
    contexts: list[BrowserContext] = []

    def open_one(look: Look = Look(), **options: object) -> Page:
        context = browser.new_context(
            viewport=VIEWPORTS[look.viewport],
            color_scheme=look.scheme,
            **{"locale": "en", "timezone_id": "Asia/Ho_Chi_Minh", "reduced_motion": "reduce", **options},
        )
        contexts.append(context)
        watch(context, faults)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
    assert faults == [], "the pages complained"


@pytest.fixture
def page(open_page) -> Page:
    return open_page()


@pytest.fixture
def staff_page(own_live, open_page) -> Page:
    """A page on `own_live` on which staff has logged in."""
    opened = open_page()
    opened.goto(own_live / "admin/login/?next=/admin/")
    opened.fill("input[name=username]", "admin")
    opened.fill("input[name=password]", PASSWORD)
    opened.click("[type=submit]")
    opened.wait_for_url(own_live / "admin/")
    return opened


def watch(context: BrowserContext, faults: list[str]) -> None:
    """Note down each error and each request that leaves the machine."""

    def heard(message) -> None:
        if message.type == "error":
            faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def asked(request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob", "about"} and address.hostname != "127.0.0.1":
            faults.append(f"another host: {request.url}")

    context.on("console", heard)
    context.on("weberror", lambda error: faults.append(f"script: {error.error}"))
    context.on("request", asked)
