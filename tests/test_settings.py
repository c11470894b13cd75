"""What the environment decides, and what README says about it."""

from __future__ import annotations

import ast
import re
import runpy
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
READERS = {"_text", "_flag", "_days", "_count", "_one_of", "_list", "get", "getenv", "_address"}


@pytest.fixture
def load(monkeypatch, tmp_path):
    """Read the settings anew under the variables given."""

    def read(**variables: str) -> dict[str, object]:
        for name in variables_read():
            monkeypatch.delenv(name, raising=False)
        for name, value in {"TRACKER_STATE_DIR": str(tmp_path / "state"), **variables}.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "tracker" / "settings.py"))

    return read


def variables_read() -> set[str]:
    """Every environment variable that the product asks for."""
    found = set()
    for path in (ROOT / "tracker").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name, argument = ast.unparse(node.func).split(".")[-1], node.args[0] if node.args else None
                reads = name in READERS and ("environ" in ast.unparse(node.func) or name not in {"get"})
            elif isinstance(node, ast.Subscript):
                argument, reads = node.slice, ast.unparse(node.value) == "os.environ"
            else:
                continue
            if reads and isinstance(argument, ast.Constant) and re.fullmatch("[A-Z_]+", str(argument.value)):
                found.add(str(argument.value))
    return found


def test_readme_names_every_variable_and_no_other():
    rows = set(re.findall(r"^\| `([A-Z_]+)` ", README, re.MULTILINE))
    assert rows == variables_read()
    assert {"DATABASE_URL", "PORT", "TRACKER_ADMIN_PASSWORD", "TRACKER_HOSTS"} <= rows


def test_readme_names_no_place_of_one_machine():
    assert re.findall(r"/(?:home|work|Users|root)/|pypi\.|deb\.debian", README) == []


def test_without_variables_it_is_safe_and_local(load, tmp_path):
    settings = load()
    assert settings["DEBUG"] is False
    assert settings["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]
    database = settings["DATABASES"]["default"]
    assert Path(database["NAME"]) == tmp_path / "state" / "tracker.sqlite3"
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in database["OPTIONS"]["init_command"]
    assert database["OPTIONS"]["timeout"] > 0


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(load, tmp_path):
    key = load()["SECRET_KEY"]
    file = tmp_path / "state" / "secret-key"
    assert len(key) >= 50
    assert file.stat().st_mode & 0o777 == 0o600
    assert load()["SECRET_KEY"] == key == file.read_text("ascii")


def test_a_secret_key_from_the_environment_is_not_written_down(load, tmp_path):
    given = {"TRACKER_SECRET_KEY": "a key from elsewhere"}
    assert load(**given)["SECRET_KEY"] == given["TRACKER_SECRET_KEY"]
    assert not (tmp_path / "state" / "secret-key").exists()


def test_one_variable_selects_postgresql(load):
    database = load(DATABASE_URL="postgres://tracker:secret@127.0.0.1:5433/office")["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["NAME"], database["PORT"]) == ("office", 5433)
    assert "transaction_mode" not in database.get("OPTIONS", {})


def test_behind_tls_cookies_and_addresses_are_held_to_it(load):
    settings = load(TRACKER_HTTPS="yes", TRACKER_HOSTS="tracker.example, www.tracker.example")
    assert settings["ALLOWED_HOSTS"] == ["tracker.example", "www.tracker.example"]
    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["SECURE_HSTS_SECONDS"] > 0
    assert (settings["SESSION_COOKIE_NAME"], settings["CSRF_COOKIE_NAME"]) == ("__Host-session", "__Host-csrf")


def test_mails_go_out_by_the_server_that_is_named_and_are_printed_without_one(load):
    settings = load()
    assert settings["EMAIL_BACKEND"].endswith(".console.EmailBackend")
    settings = load(TRACKER_MAIL_HOST="mail.example", TRACKER_ADDRESS="https://tracker.example/")
    assert settings["EMAIL_BACKEND"].endswith(".smtp.EmailBackend")
    assert (settings["EMAIL_PORT"], settings["EMAIL_USE_TLS"], settings["EMAIL_USE_SSL"]) == (587, True, False)
    assert settings["TRACKER_ADDRESS"] == "https://tracker.example"
    settings = load(TRACKER_MAIL_HOST="mail.example", TRACKER_MAIL_SECURITY="tls", TRACKER_MAIL_PORT="4650")
    assert (settings["EMAIL_PORT"], settings["EMAIL_USE_TLS"], settings["EMAIL_USE_SSL"]) == (4650, False, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRACKER_DEBUG", "perhaps"),
        ("TRACKER_HTTPS", "2"),
        ("TRACKER_DUE_SOON_DAYS", "0"),
        ("TRACKER_STALLED_DAYS", "a year"),
        ("TRACKER_UNVERIFIED_DAYS", "-1"),
        ("TRACKER_VIEWERS_SIGN_IN", "maybe"),
        ("TRACKER_SECOND_FACTOR", "always"),
        ("TRACKER_LOGIN_ATTEMPTS", "none"),
        ("TRACKER_LOCKOUT_MINUTES", "0"),
        ("TRACKER_SESSION_HOURS", "1.5"),
        ("TRACKER_ADDRESS", "tracker.example"),
        ("TRACKER_ADDRESS", "https://tracker.example/office"),
        ("TRACKER_MAIL_SECURITY", "ssl"),
        ("TRACKER_MAIL_PORT", "smtp"),
    ],
)
def test_nonsense_is_refused_by_name(load, name, value):
    with pytest.raises(ImproperlyConfigured, match=f"{name} is “{value}”; allowed: "):
        load(**{name: value})
