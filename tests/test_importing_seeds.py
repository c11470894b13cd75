"""The tracker's own tables, imported back as they were taken away: nothing changes."""

from __future__ import annotations

import pytest

from tests.makers import TODAY
from tests.pages import freeze, kept, load_seeds
from tracker.importing.files import guess
from tracker.importing.plan import IMPORTED, knows, plan
from tracker.staff_scales import RowResult

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def seeds(django_db_setup, django_db_blocker):
    yield from kept(django_db_blocker, load_seeds)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


@pytest.mark.parametrize("table", IMPORTED)
def test_a_table_taken_away_comes_back_without_change_in_every_language(client, table):
    for language in ("en", "vi", "zh-hans"):
        for query in ("", "?excel=1"):
            answer = client.get(f"/{table}.csv{query}", headers={"Accept-Language": language})
            content = b"".join(answer.streaming_content)
            suffix = language.replace("-", "_")
            found = plan(table, content, guess(content, knows(table)), language=suffix, today=TODAY)
            assert len(found.drafts) > 50
            assert [draft.detail for draft in found.drafts if draft.result != RowResult.SAME] == [], (language, query)
