"""Five thousand rows, fifty of them bad in as many ways as there are."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.admin_pages import make_figures
from tests.imports import bring_in, check, counts, decide, make_user, refusals
from tests.makers import make_proposal
from tests.pages import freeze
from tracker.importing import work
from tracker.models import ImportedRow, Observation

pytestmark = pytest.mark.django_db

ROWS = 5_000
HEAD = "series,period_start,period_end,value,qualifier,vintage,published_on,basis,source,note,unit"
# column: what stands there, and how the refusal begins
BAD = (
    (0, "no-such-series", "There is no series"),
    (1, "1.2.2001", "This is not a day"),
    (2, "1700-01-01", "The period must not end before it starts."),
    (3, '"1,5"', "A comma could part"),
    (3, "", "A value is needed here."),
    (4, "roughly", "This is not on the scale."),
    (5, "first", "This is not a whole number"),
    (6, "2027-01-01", "2027-01-01 is in the future"),
    (8, "no-such-source", "There is no source"),
    (10, "million", "The series counts in another unit"),
)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


def test_exactly_the_bad_rows_are_refused_and_a_second_run_changes_nothing(client, monkeypatch):
    monkeypatch.setattr(work, "start_process", lambda file: work.work(file, date(2026, 11, 20)))
    client.force_login(make_user())
    *_more, source = made = make_figures(make_proposal())
    lines, bad = [HEAD], {}
    for number in range(2, ROWS + 2):
        day = date(1901, 1, 1) + timedelta(days=number)
        cells = [made[1].slug, day, day, f"{number}.25", "exact", "1", "", "stated", source.slug, "", "billion"]
        if number % 100 == 50:
            column, value, reason = BAD[number // 100 % len(BAD)]
            cells[column] = value
            bad[number] = (HEAD.split(",")[column], reason)
        lines.append(",".join(map(str, cells)))
    content = "\n".join(lines).encode()
    file = bring_in(client, "observations", content, refused="leave")
    assert counts(file) == (ROWS - 50, 0, 0, 50)
    assert len(bad) == 50
    told = {row: (column, reason) for row, column, _value, reason, _allowed in refusals(file)}
    assert told.keys() == bad.keys()
    assert len(refusals(file)) == 50
    for row, (column, reason) in bad.items():
        assert (told[row][0], told[row][1][: len(reason)]) == (column, reason), row
    assert Observation.objects.count() == ROWS - 50 + 1
    assert Observation.history.filter(history_type="+").count() == ROWS - 50 + 1
    again = check(client, "observations", content)
    assert counts(again) == (0, 0, ROWS - 50, 50)
    assert ImportedRow.objects.filter(file=again).count() == ROWS
    decide(client, again, "confirm", refused="leave")
    assert Observation.history.count() == ROWS - 50 + 1
