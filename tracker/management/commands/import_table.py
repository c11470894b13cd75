"""Bring a table in from a file, with the same checks and the same report as in the workplace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from tracker.access import may, reader_for
from tracker.importing import work
from tracker.importing.drafts import Draft
from tracker.importing.files import ENCODINGS, FileError, Reading, guess
from tracker.importing.plan import IMPORTED, knows, plan
from tracker.models import ImportedFile
from tracker.models.base import SUFFIXES
from tracker.staff_scales import Action, RowResult

_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}


class Command(BaseCommand):
    """Check a file row by row, and save it unless only the check is wanted."""

    help = "Bring in proposals, statements, developments, observations or organizations from CSV or XLSX."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("table", nargs="?", choices=sorted(IMPORTED))
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only say what each row would come to")
        parser.add_argument("--language", choices=SUFFIXES, default="en", help="which its texts are in (default: en)")
        parser.add_argument("--user", help="in whose name; an editor or administrator. Not needed with --dry-run")
        parser.add_argument("--encoding", choices=sorted(ENCODINGS), help="default: guessed")
        parser.add_argument("--delimiter", choices=sorted(_DELIMITERS), help="default: guessed")
        parser.add_argument("--sheet", help="of a workbook (default: the first)")
        parser.add_argument("--all-or-nothing", action="store_true", help="save nothing if any row is refused")
        parser.add_argument("--resume", type=int, metavar="ID", help="go on with a file that was uploaded")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        today = timezone.localdate()
        if options["resume"] is not None:
            self._resume(options["resume"], today)
            return
        if not options["table"] or options["file"] is None:
            raise CommandError(f"Name a table and a file. Tables: {', '.join(sorted(IMPORTED))}.")
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from None
        try:
            self._bring_in(content, today, options)
        except FileError as problem:
            raise CommandError(f"{options['file']}: {problem}") from None

    def _resume(self, number: int, today: Any) -> None:
        file = ImportedFile.objects.filter(pk=number).first()
        if file is None:
            raise CommandError(f"No file was uploaded under the number {number}.")
        work.work(file, today)

    def _bring_in(self, content: bytes, today: Any, options: dict[str, Any]) -> None:
        table, language = options["table"], options["language"]
        reading = self._reading(content, options)
        if options["dry_run"]:
            found = plan(table, content, reading, language=language, today=today)
            self._report(work.count(found.drafts), found.drafts)
            return
        user = self._user(options["user"], table)
        file = work.keep(table, options["file"].name, content, language=language, by=user)
        file.reading |= reading.stored
        for stage, told in (
            (work.Stage.CHECKING, {}),
            (work.Stage.SAVING, {"all_or_nothing": options["all_or_nothing"], "confirmed_by": user.pk}),
        ):
            file.save(update_fields=["reading"])
            work.begin(file, stage, **told)
            work.work(file, today)
            if file.reading["problem"]:
                break
        self._report_kept(file)
        if file.reading["problem"]:
            raise CommandError(file.reading["problem"])

    def _reading(self, content: bytes, options: dict[str, Any]) -> Reading:
        guessed = guess(content, knows(options["table"]))
        return Reading(
            options["encoding"] or guessed.encoding,
            _DELIMITERS[options["delimiter"]] if options["delimiter"] else guessed.delimiter,
            options["sheet"] or guessed.sheet,
        )

    def _user(self, name: str | None, table: str) -> Any:
        user = get_user_model().objects.filter(username=name or "").first()
        if user is None:
            raise CommandError("Say in whose name: --user NAME, an editor or administrator.")
        if not may(reader_for(user), Action.IMPORT, IMPORTED[table].model):
            raise CommandError(f"{name} may not import: only editors and administrators may.")
        return user

    def _report(self, counts: dict[str, int], drafts: list[Draft]) -> None:
        for draft in drafts:
            if draft.faults:
                self._tell_refused(draft.number, draft.detail)
        self.stdout.write(", ".join(f"{counts[result.value]} {result.value}" for result in RowResult))

    def _report_kept(self, file: ImportedFile) -> None:
        for row in file.rows.filter(result=RowResult.REFUSED):
            self._tell_refused(row.number, row.detail)
        counts = file.reading.get("counts")
        if counts:
            self.stdout.write(", ".join(f"{counts[result.value]} {result.value}" for result in RowResult))

    def _tell_refused(self, number: int, detail: list[dict[str, Any]]) -> None:
        for fault in detail:
            place = f"row {number}, {fault['column']}" if fault["column"] else f"row {number}"
            value = f" “{fault['value']}”:" if fault["value"] else ""
            allowed = f" Allowed: {', '.join(fault['allowed'])}." if fault["allowed"] else ""
            self.stdout.write(f"{place}:{value} {fault['reason']}{allowed}")
