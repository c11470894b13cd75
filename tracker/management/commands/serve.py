"""`manage.py serve`: bring everything up to date, then serve it on this machine. `make run` calls it.

Its words are for whoever runs the server and stay in English, like those of Django's own commands.
"""

from __future__ import annotations

import fcntl
import hashlib
import multiprocessing
import os
import secrets
import socket
import threading
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from tracker.models import Account

ADDRESS = "127.0.0.1"
STAFF_ACCOUNT = "admin"
# Parts of Plotly's wheel that no page asks for; compressing them would double the wait.
NOT_SERVED = ("widgetbundle.js", "datasets", "templates")


class Command(BaseCommand):
    help = "Bring database, seeds and static files up to date, then serve the tracker on 127.0.0.1:$PORT."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--prepare-only", action="store_true", help="bring everything up to date and stop before serving"
        )

    def handle(self, *args: Any, prepare_only: bool = False, **options: Any) -> None:
        port = None if prepare_only else free_port()
        check_database()
        self.collect_static()
        self.migrate()
        call_command("load_seeds", verbosity=options["verbosity"])
        self.make_staff_account()
        connections.close_all()
        if port is not None:
            self.serve(port)

    def say(self, text: str) -> None:
        """Write a line at once, also into a pipe: what follows may take long."""
        self.stdout.write(text)
        self.stdout.flush()

    def collect_static(self) -> None:
        """Collect and compress the static files, unless those collected are still the same."""
        stamp = settings.STATE_DIR / "static.sha256"
        with _locked(settings.STATE_DIR / "static.lock"):
            digest = _digest_of_static_files()
            if stamp.exists() and stamp.read_text("ascii") == digest:
                return
            self.say("Collecting and compressing the static files, since they changed; this takes up to a minute.")
            stamp.unlink(missing_ok=True)
            call_command("collectstatic", interactive=False, clear=True, ignore_patterns=[*NOT_SERVED], verbosity=0)
            stamp.write_text(digest, "ascii")

    def migrate(self) -> None:
        """Apply the migrations that the database lacks; quick when there are none."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.say("Bringing the database up to date.")
            call_command("migrate", interactive=False)

    def make_staff_account(self) -> None:
        """Make the first staff account, where there is none, and say its password this once.

        Whoever was made without the tracker's part of an account (language, reminders) is given it.
        """
        users = get_user_model()._default_manager
        self.make_first_account(users)
        for user in users.filter(is_staff=True, account__isnull=True):
            Account.objects.create(user=user)

    def make_first_account(self, users: Any) -> None:
        if users.filter(is_staff=True).exists():
            return
        given = os.environ.get("TRACKER_ADMIN_PASSWORD", "")
        password = given or secrets.token_urlsafe(12)
        users.create_superuser(STAFF_ACCOUNT, email="", password=password)
        shown = "the one in TRACKER_ADMIN_PASSWORD" if given else password
        self.say(f"Staff account: {STAFF_ACCOUNT}   password: {shown}   (shown this once)")

    def serve(self, port: int) -> None:
        """Serve until SIGINT or SIGTERM; requests under way are then answered first."""
        # Fresh processes, so that no worker inherits this one's state
        multiprocessing.set_start_method("spawn", force=True)
        server = Granian(
            "tracker.wsgi:application",
            address=ADDRESS,
            port=port,
            interface=Interfaces.WSGI,
            websockets=False,
            # Two at least, so that one long export does not stop the pages
            workers=max(2, min(4, os.cpu_count() or 1)),
            blocking_threads=1,
            respawn_failed_workers=True,
            workers_kill_timeout=15,
            log_level=LogLevels.error,
        )
        server.on_startup(threading.Thread(target=self.announce, args=[port], daemon=True).start)
        server.serve()

    def announce(self, port: int) -> None:
        """Say the address as soon as somebody answers there."""
        while not _answers(port):
            time.sleep(0.05)
        self.say(f"The tracker is at http://{ADDRESS}:{port}/ (stop it with Ctrl-C)")


def free_port() -> int:
    """Give the port that PORT names, if it can be listened on."""
    text = os.environ.get("PORT", "").strip() or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CommandError(f"PORT is “{text}”; allowed: a whole number from 1 to 65535")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
            probe.listen()
        except OSError as problem:
            raise CommandError(
                f"Port {port} on {ADDRESS} cannot be used ({problem.strerror}); choose another with PORT"
            ) from None
    return port


def _answers(port: int) -> bool:
    with socket.socket() as visitor:
        return visitor.connect_ex((ADDRESS, port)) == 0


def check_database() -> None:
    """Hold the start where the database cannot be read."""
    try:
        with transaction.atomic():  # on SQLite it takes the write lock, so a read-only file shows here
            connection.introspection.table_names()
    except DatabaseError as problem:
        reason = " ".join(str(problem).split())
        raise CommandError(f"The database {_database_name()} cannot be used: {reason}") from None


def _database_name() -> str:
    """Name the database without its password."""
    place = connection.settings_dict
    return f"{place['NAME']} on {place['HOST']}" if place["HOST"] else str(place["NAME"])


def _digest_of_static_files() -> str:
    """Fingerprint what collecting would read, the files' names and contents, and what would process them."""
    digest = hashlib.sha256(f"{version('django')} {version('whitenoise')} {NOT_SERVED}".encode())
    for finder in get_finders():
        for path, storage in sorted(finder.list([*NOT_SERVED]), key=lambda found: found[0]):
            with storage.open(path) as file:
                digest.update(f"{path}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process at a time through."""
    with open(path, "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
