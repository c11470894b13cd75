"""A file's way from upload to records: kept, read, checked, shown, confirmed, saved. Progress is kept with the file.

Checking only reads, so nobody waits for it, however long it takes. Saving is one short transaction: SQLite lets nobody
else write meanwhile, so all that can be found out before is found out before.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model, QuerySet, TextChoices
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from tracker.importing.drafts import Draft, Fault
from tracker.importing.files import FileError, Reading, guess, read
from tracker.importing.plan import IMPORTED, Plan, columns_read, knows, plan, settle
from tracker.importing.saving import AT_ONCE, NothingSavedError, Stamp, has_moved, save
from tracker.models import ImportedFile, ImportedRow
from tracker.staff_scales import RowResult

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SAMPLED = 8  # rows that are shown before a file is checked
SMALL = 100_000  # bytes that are dealt with while the browser waits
SILENCE = timedelta(seconds=45)  # without a sign of life for so long, the work has stopped


class Stage(TextChoices):
    """How far a file is."""

    UPLOADED = "uploaded", gettext_lazy("To be checked")
    CHECKING = "checking", gettext_lazy("Being checked")
    CHECKED = "checked", gettext_lazy("To be confirmed")
    SAVING = "saving", gettext_lazy("Being saved")
    SAVED = "saved", gettext_lazy("Imported")
    FAILED = "failed", gettext_lazy("Not readable")


WORKING = (Stage.CHECKING, Stage.SAVING)


class OvertakenError(Exception):
    """The file is no longer at the stage that this run works on: another run was faster, or it was discarded."""


# Bringing a file in ---------------------------------------------------------------------------------------------------


def keep(table: str, name: str, content: bytes, *, language: str, by: User) -> ImportedFile:
    """Keep a file with a guess at how it is read.

    Raises:
        FileError: if it can be no table.
    """
    reading = guess(content, knows(table))
    return ImportedFile.objects.create(
        table=table,
        name=name[-255:],
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        uploaded_by=by,
        reading={**reading.stored, "language": language, "stage": Stage.UPLOADED.value},
    )


def choose(file: ImportedFile, reading: dict[str, str]) -> None:
    """Set how a file is read; what was found out before counts no longer."""
    kept = {
        name: value for name, value in file.reading.items() if name in ("encoding", "delimiter", "sheet", "language")
    }
    with transaction.atomic(), suppress(OvertakenError):
        _hold(file)
        file.reading = {**kept, **reading, "stage": Stage.UPLOADED.value}
        file.save(update_fields=["reading"])


def stage_of(file: ImportedFile) -> Stage:
    """Tell how far a file is."""
    return Stage(file.reading.get("stage", Stage.UPLOADED.value))


def has_stopped(file: ImportedFile, now: datetime) -> bool:
    """Tell whether the work on a file has broken off."""
    if stage_of(file) not in WORKING:
        return False
    alive = file.reading.get("alive")
    return alive is None or now - datetime.fromisoformat(alive) > SILENCE


def imported_before(file: ImportedFile) -> QuerySet[ImportedFile]:
    """Give the earlier imports of the very same file, newest first."""
    same = ImportedFile.objects.filter(table=file.table, sha256=file.sha256, confirmed_at__isnull=False)
    return same.exclude(pk=file.pk).select_related("uploaded_by").defer("content").order_by("-confirmed_at")


def sample(file: ImportedFile) -> tuple[list[tuple[str, str]], list[list[str]]]:
    """Give the headings with the columns that they mean, and the first rows.

    Raises:
        FileError: if the file cannot be read as chosen, or a heading means nothing.
    """
    headings, lines = read(bytes(file.content), Reading.of(file.reading))
    columns = columns_read(file.table, headings)
    rows = [line.cells for line, _number in zip(lines, range(SAMPLED), strict=False)]
    return list(zip(headings, columns, strict=True)), rows


def imported_from(record: Model) -> list[ImportedRow]:
    """Give the rows of imported files that created or changed a record, newest first, with file and user.

    One query at most.
    """
    tables = [name for name, resource in IMPORTED.items() if resource.model is type(record)]
    key = getattr(record, IMPORTED[tables[0]].handle) if tables else ""
    if not key:
        return []
    rows = ImportedRow.objects.filter(
        record_key=key,
        result__in=(RowResult.NEW, RowResult.CHANGED),
        file__table__in=tables,
        file__confirmed_at__isnull=False,
    )
    return list(
        rows.select_related("file__uploaded_by").defer("file__content").order_by("-file__confirmed_at", "number")
    )


# Setting the work going -----------------------------------------------------------------------------------------------


def begin(file: ImportedFile, stage: Stage, **told: Any) -> bool:
    """Take a file to the next stage of work; False if somebody else already has.

    Args:
        file: the file.
        stage: checking or saving.
        told: what the work needs to know further.
    """
    before = {Stage.CHECKING: (Stage.UPLOADED, Stage.CHECKED, Stage.FAILED), Stage.SAVING: (Stage.CHECKED,)}[stage]
    with transaction.atomic():
        current = _locked(file)
        if current is None or stage_of(current) not in before:
            return False
        file.reading = current.reading
        _note(file, stage=stage.value, done=0, total=0, problem="", interface=get_language() or "en", **told)
    return True


def take_over(file: ImportedFile, now: datetime) -> bool:
    """Take on work that has broken off; False if it goes on, or somebody else already has taken it on."""
    with transaction.atomic():
        current = _locked(file)
        if current is None or not has_stopped(current, now):
            return False
        file.reading = current.reading
        _note(file)
    return True


def discard(file: ImportedFile, now: datetime) -> bool:
    """Drop a file of which nothing was saved; False if it was imported, or is being worked on."""
    with transaction.atomic():
        current = _locked(file)
        if current is None or current.confirmed_at or (stage_of(current) in WORKING and not has_stopped(current, now)):
            return False
        current.delete()
    return True


def _locked(file: ImportedFile) -> ImportedFile | None:
    """Give the file as it now stands, held inside a transaction; None if it is gone, or a run is just saving it."""
    return ImportedFile.objects.select_for_update(skip_locked=True).defer("content").filter(pk=file.pk).first()


def _hold(file: ImportedFile) -> None:
    """Wait for the file inside a transaction, and keep it.

    Raises:
        OvertakenError: if it is no longer at the stage that this run knows.
    """
    current = ImportedFile.objects.select_for_update().defer("content").filter(pk=file.pk).first()
    if current is None or stage_of(current) != stage_of(file):
        raise OvertakenError


def go_on(file: ImportedFile, today: date) -> None:
    """Do the work that the file's stage asks for: a small file's at once, a large one's in a process of its own."""
    if len(file.content) <= SMALL:
        work(file, today)
    else:
        start_process(file)


def start_process(file: ImportedFile) -> None:
    """Start a process that does the work and outlives the request."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "import_table", "--resume", str(file.pk)]
    subprocess.Popen(  # noqa: S603 - our own command with a number
        command, cwd=settings.BASE_DIR, env=os.environ.copy(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip


def work(file: ImportedFile, today: date) -> None:
    """Check or save a file, as its stage says. What goes wrong is told with the file, in words.

    Two runs of one file do no harm: the one that comes later finds the stage changed, and leaves everything as it is.
    """
    stage = stage_of(file)
    with translation.override(file.reading.get("interface", "en")):
        try:
            if stage == Stage.CHECKING:
                _check(file, today)
            elif stage == Stage.SAVING:
                _save(file, today)
        except OvertakenError:
            return
        except FileError as problem:
            _give_up(file, Stage.FAILED, str(problem))
        except NothingSavedError:
            told = _("Nothing was saved: rows are refused that were not before. Check the file again.")
            _give_up(file, Stage.CHECKED, told)
        except Exception:
            told = _("Something went wrong that is not the file's fault. Nothing was saved; the log says more.")
            _give_up(file, Stage.FAILED if stage == Stage.CHECKING else Stage.CHECKED, told)
            raise


def _give_up(file: ImportedFile, stage: Stage, problem: str) -> None:
    """Say what is wrong, unless another run of the file has come further."""
    with suppress(OvertakenError):
        _note(file, stage=stage.value, problem=problem)


def _note(file: ImportedFile, **told: Any) -> None:
    """Keep something with the file, and that the work goes on.

    Raises:
        OvertakenError: if the file is no longer at the stage that this run knows.
    """
    reading = {**file.reading, **told, "alive": timezone.now().isoformat()}
    if not ImportedFile.objects.filter(pk=file.pk, reading__stage=stage_of(file).value).update(reading=reading):
        raise OvertakenError
    file.reading = reading


def _teller(file: ImportedFile) -> Callable[[int, int], None]:
    """Keep how far the work is, about once a second."""
    last = [timezone.now() - timedelta(hours=1)]

    def tell(done: int, total: int) -> None:
        if timezone.now() - last[0] >= timedelta(seconds=1):
            last[0] = timezone.now()
            _note(file, done=done, total=total)

    return tell


def _planned(file: ImportedFile, today: date) -> Plan:
    return plan(
        file.table,
        bytes(file.content),
        Reading.of(file.reading),
        language=file.reading["language"],
        today=today,
        tell=_teller(file),
    )


# Checking and saving --------------------------------------------------------------------------------------------------


def _check(file: ImportedFile, today: date) -> None:
    found = _planned(file, today)
    with transaction.atomic():
        _hold(file)
        file.rows.all().delete()
        for start in range(0, len(found.drafts), AT_ONCE):
            ImportedRow.objects.bulk_create(_rows(file, found.drafts[start : start + AT_ONCE]))
        _note(file, stage=Stage.CHECKED.value, counts=count(found.drafts), total=len(found.drafts))


def _rows(file: ImportedFile, drafts: list[Draft]) -> list[ImportedRow]:
    return [
        ImportedRow(
            file=file, number=draft.number, result=draft.result.value, record_key=draft.key[:150], detail=draft.detail
        )
        for draft in drafts
    ]


def count(drafts: list[Draft]) -> dict[str, int]:
    """Count the rows by what they come to."""
    found = Counter(draft.result.value for draft in drafts)
    return {result.value: found[result.value] for result in RowResult}


def _save(file: ImportedFile, today: date) -> None:
    """Save what was shown, and refuse what is no longer so."""
    shown = {row.number: row for row in file.rows.all().iterator(chunk_size=2000)}
    found = _planned(file, today)
    for draft in found.drafts:
        _hold_to_what_was_shown(draft, shown[draft.number])
    settle(found.drafts)
    _note(file, done=len(found.drafts), total=len(found.drafts))
    by = confirmed_by(file)

    def keep_result() -> None:
        late = [row for draft in found.drafts if (row := _renewed(shown[draft.number], draft)) is not None]
        ImportedRow.objects.bulk_update(late, ["result", "detail"], batch_size=AT_ONCE)
        file.confirmed_at = timezone.now()
        file.save(update_fields=["confirmed_at"])
        _note(file, stage=Stage.SAVED.value, counts=count(found.drafts))

    with transaction.atomic():
        _hold(file)
        save(found, Stamp(by, file.name), all_or_nothing=bool(file.reading.get("all_or_nothing")), then=keep_result)


def confirmed_by(file: ImportedFile) -> User:
    """Give whoever confirmed the file; whoever brought it, if nobody else did."""
    users = type(file.uploaded_by)._default_manager
    return users.get(pk=file.reading.get("confirmed_by", file.uploaded_by_id))


def _hold_to_what_was_shown(draft: Draft, row: ImportedRow) -> None:
    """Refuse a row that would now do something else than was shown."""
    if row.result == RowResult.REFUSED:
        draft.faults = [Fault(**fault) for fault in row.detail]
    elif not draft.faults and (draft.result.value != row.result or draft.detail != row.detail):
        draft.refuse("", has_moved(), value="")


def _renewed(row: ImportedRow, draft: Draft) -> ImportedRow | None:
    """Give the stored row with its new result; None where it is the one that was shown."""
    if row.result == draft.result.value:
        return None
    row.result, row.detail = draft.result.value, draft.detail
    return row
