"""The commands that people type: `serve`, `make test`'s look for programs, and what README gives for testing."""

from __future__ import annotations

import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from tests import programs
from tracker.management.commands import serve

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def prepare(settings, tmp_path, monkeypatch, capsys):
    """Run `serve --prepare-only` on a small set of static files and no seeds; give what it says."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.css").write_text("a {}")
    settings.STATE_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_DIRS = [tmp_path / "files"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    called = []

    def call(name, **options):
        called.append(name)
        if name != "load_seeds":
            call_command(name, **options)

    monkeypatch.setattr(serve, "call_command", call)
    monkeypatch.setattr(serve.connections, "close_all", lambda: None)
    monkeypatch.delenv("TRACKER_ADMIN_PASSWORD", raising=False)

    def run():
        called.clear()
        call_command("serve", "--prepare-only")
        return capsys.readouterr().out, list(called)

    return run


@pytest.mark.django_db
def test_the_first_start_makes_a_staff_account_and_says_its_password_once(prepare):
    said, _called = prepare()
    password = re.search(r"Staff account: admin   password: (\S{12,})", said)[1]
    account = get_user_model().objects.get(username="admin")
    assert account.check_password(password)
    assert account.is_staff
    assert "password" not in prepare()[0]
    assert get_user_model().objects.count() == 1


@pytest.mark.django_db
def test_a_given_password_is_used_and_not_shown(prepare, monkeypatch):
    monkeypatch.setenv("TRACKER_ADMIN_PASSWORD", "only-for-us")
    said, _called = prepare()
    assert get_user_model().objects.get(username="admin").check_password("only-for-us")
    assert "only-for-us" not in said
    assert "TRACKER_ADMIN_PASSWORD" in said


@pytest.mark.django_db
def test_where_there_is_staff_no_account_is_made(prepare):
    get_user_model().objects.create_user("lan", is_staff=True)
    prepare()
    assert [user.username for user in get_user_model().objects.all()] == ["lan"]


@pytest.mark.django_db
def test_static_files_are_collected_only_when_they_changed(prepare, tmp_path):
    assert "collectstatic" in prepare()[1]
    assert prepare()[1] == ["load_seeds"]
    (tmp_path / "files" / "a.css").write_text("b {}")
    assert "collectstatic" in prepare()[1]
    assert (tmp_path / "static" / "a.css").read_text() == "b {}"
    (tmp_path / "files" / "a.css").unlink()
    assert "collectstatic" in prepare()[1]
    assert not (tmp_path / "static" / "a.css").exists()


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "80.5"])
def test_a_bad_port_is_refused_in_one_line(monkeypatch, port):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(CommandError, match=f"^PORT is “{port}”; allowed: a whole number from 1 to 65535$"):
        call_command("serve")


def test_a_port_in_use_is_named(monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(CommandError, match=f"Port {port} on 127.0.0.1 cannot be used"):
            call_command("serve")


def test_a_free_port_may_be_used_right_after_another_server_left_it(monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
    monkeypatch.setenv("PORT", str(port))
    assert serve.free_port() == port


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("sqlite:///{folder}/none/x.sqlite3", "none/x.sqlite3 cannot be used: unable to open"),
        ("sqlite:///{folder}/text.sqlite3", "text.sqlite3 cannot be used: file is not a database"),
        ("postgres://tracker:secret@127.0.0.1:1/office", "office on 127.0.0.1 cannot be used: connection"),
    ],
)
def test_an_unusable_database_is_named_in_one_line(tmp_path, url, named):
    (tmp_path / "text.sqlite3").write_text("not a database " * 100)
    places = {"DATABASE_URL": url.format(folder=tmp_path), "TRACKER_STATE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", "serve", "--prepare-only"],
        cwd=ROOT,
        env={**os.environ, **places},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr
    assert "secret" not in done.stderr


@pytest.fixture
def bare_machine(tmp_path, monkeypatch):
    """A machine on which nothing is installed, whose apt-get writes down what it is asked."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)

    def apt_get(effect=""):
        file = tmp_path / "apt-get"
        file.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n{effect}\n')
        file.chmod(file.stat().st_mode | stat.S_IXUSR)

    def program(name, output=""):
        return f"printf '#!/bin/sh\\necho {output}\\n' > {tmp_path}/{name}; /bin/chmod +x {tmp_path}/{name}"

    apt_get.that_makes = lambda: apt_get(
        "; ".join([program("chromium"), program("soffice"), program("fc-list", "font")])
    )
    apt_get.asked = lambda: (tmp_path / "asked").read_text().splitlines()
    return apt_get


def test_missing_programs_are_installed_by_root(bare_machine, monkeypatch):
    bare_machine.that_makes()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(programs, "IN_CI", True)
    assert programs.main() == 0
    assert bare_machine.asked()[0] == "-q update"
    assert any(line.endswith(" chromium") for line in bare_machine.asked())


@pytest.mark.parametrize(("in_ci", "code"), [(True, 1), (False, 0)])
def test_what_cannot_be_installed_is_named_in_a_line_and_fails_in_ci(bare_machine, monkeypatch, capsys, in_ci, code):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(programs, "IN_CI", in_ci)
    assert programs.main() == code
    assert "The browser tests need a system package: apt-get install chromium\n" in capsys.readouterr().out


@pytest.mark.parametrize(("in_ci", "outcome"), [(True, pytest.fail.Exception), (False, pytest.skip.Exception)])
def test_a_test_without_its_browser_fails_in_ci_and_is_skipped_elsewhere(bare_machine, monkeypatch, in_ci, outcome):
    monkeypatch.setattr(programs, "IN_CI", in_ci)
    with pytest.raises(outcome, match="apt-get install chromium"):
        programs.require("chromium")


def test_ci_runs_the_test_command_that_readme_gives():
    command = re.search(r"^## Test\n+```sh\n(.+)\n```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)[1]
    ci = (ROOT / ".ci" / "run").read_text("utf-8")
    assert ci.count(f"{command}\n") == 1
    assert ".ci/postgres" in ci  # and what depends on the database once more on the other one
