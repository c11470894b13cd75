"""The tracker as an office runs it, for tests: the real server in its own process, on a database of its own.

Static files and the secret key are shared by all of them and kept between runs, since compressing the scripts
takes long.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from psycopg.sql import SQL, Identifier

PASSWORD = "a-password-for-tests"  # noqa: S105 - of servers that live as long as a test
_STOP_SECONDS = 20


@dataclass(frozen=True)
class Database:
    """A database for one server, made empty or as a copy, and dropped after use."""

    url: str

    @classmethod
    def named(cls, name: str, folder: Path) -> Database:
        """Name a database beside the one that DATABASE_URL selects, or a SQLite file in `folder`."""
        given = urlsplit(os.environ.get("DATABASE_URL", ""))
        if not given.scheme.startswith("postgres"):
            return cls(f"sqlite:///{folder / name}.sqlite3")
        return cls(urlunsplit(given._replace(path=f"/{given.path.lstrip('/')}_{name}")))

    @property
    def is_file(self) -> bool:
        return self.url.startswith("sqlite")

    @property
    def path(self) -> Path:
        return Path(self.url.removeprefix("sqlite:///"))

    def create(self, source: Database | None = None) -> Database:
        """Make it, as a copy of `source`, which nobody may be using."""
        if not self.is_file:
            template = SQL("TEMPLATE {}").format(Identifier(source._name)) if source else SQL("")
            self._administer(SQL("CREATE DATABASE {} {}").format(Identifier(self._name), template))
        elif source:
            with closing(sqlite3.connect(source.path)) as old, closing(sqlite3.connect(self.path)) as new:
                old.backup(new)
        return self

    def drop(self) -> None:
        if self.is_file:
            for tail in ("", "-wal", "-shm"):
                Path(f"{self.path}{tail}").unlink(missing_ok=True)
        else:
            self._administer(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(self._name)))

    @property
    def _name(self) -> str:
        return urlsplit(self.url).path.lstrip("/")

    def _administer(self, statement: SQL) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def database(name: str, folder: Path, source: Database | None = None) -> Iterator[Database]:
    """Lend a database."""
    made = Database.named(name, folder)
    made.drop()
    made.create(source)
    try:
        yield made
    finally:
        made.drop()


def environment(database: Database, **more: str) -> dict[str, str]:
    """The variables of a process that uses `database`: none of the tracker's own but those given here."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRACKER_", "PYTEST_"))}
    return kept | {
        "DATABASE_URL": database.url,
        "TRACKER_STATE_DIR": str(settings.STATE_DIR / "tests"),
        "TRACKER_ADMIN_PASSWORD": PASSWORD,
        **more,
    }


def manage(database: Database, *arguments: str, **more: str) -> str:
    """Run a management command on `database` and give what it printed."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=environment(database, **more),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"manage.py {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Served:
    """A running tracker: `served / "proposals/"` is an address on it."""

    origin: str
    database: Database
    log: Path

    def __truediv__(self, path: str) -> str:
        return f"{self.origin}/{path.lstrip('/')}"

    def manage(self, *arguments: str) -> str:
        """Run a management command on the database it serves."""
        return manage(self.database, *arguments)


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serve(database: Database, log: Path, **more: str) -> Iterator[Served]:
    """Serve `database` by `manage.py serve` until the end of the block."""
    port = free_port()
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=settings.BASE_DIR,
            env=environment(database, PORT=str(port), **more),
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        try:
            _wait_until_up(process, port, log)
            yield Served(f"http://127.0.0.1:{port}", database, log)
        finally:
            stop(process)


def _wait_until_up(process: subprocess.Popen[bytes], port: int, log: Path, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        if f"http://127.0.0.1:{port}/" in log.read_text("utf-8"):
            return
        time.sleep(0.05)
    raise AssertionError(f"The server did not start:\n{log.read_text('utf-8')}")


def stop(process: subprocess.Popen[bytes]) -> int:
    """Ask a server to stop and give its exit code; a deaf one is ended."""
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
