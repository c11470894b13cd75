"""Load what the tracker starts with."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from tracker.seeding import SeedError, apply, read


class Command(BaseCommand):
    help = "Read, check and apply the seeds. Safe to repeat; what staff have changed since is left alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=settings.BASE_DIR / "seeds")
        parser.add_argument("--overwrite", action="store_true", help="replace what staff have changed, too")

    def handle(self, *args: Any, folder: Path, overwrite: bool, **options: Any) -> None:
        try:
            seeds = read(folder)
            outcome = apply(seeds, today=timezone.localdate(), overwrite=overwrite, tell=self._tell)
        except SeedError as error:
            count = len(error.faults)
            raise CommandError(
                "\n".join([f"The seeds have {count} fault(s); nothing was saved.", *error.faults])
            ) from None
        if outcome.created and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # PostgreSQL plans badly for tables that were filled at once until it has
        self.stdout.write(
            f"Seeds: {outcome.created} created, {outcome.updated} updated, {outcome.unchanged} unchanged, "
            f"{len(outcome.kept)} left as staff changed them."
        )
        for name in outcome.kept:
            self.stdout.write(f"  left alone: {name}")

    def _tell(self, done: int, total: int) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"\rSeeds: {done} of {total}", ending="" if done < total else "\n")
            self.stdout.flush()
