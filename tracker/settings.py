"""Settings, driven by the environment. README lists every variable; nonsense in one stops the start with its name."""

from __future__ import annotations

import os
import secrets
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import mkstemp
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import plotly
from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent


def _text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def _flag(name: str, default: bool) -> bool:
    value = _text(name, "yes" if default else "no").lower()
    if value in {"1", "yes", "true", "on"}:
        return True
    if value in {"0", "no", "false", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is “{value}”; allowed: yes or no")


def _count(name: str, default: int, unit: str) -> int:
    value = _text(name, str(default))
    if value.isdecimal() and int(value) > 0:
        return int(value)
    raise ImproperlyConfigured(f"{name} is “{value}”; allowed: a whole number of {unit} above zero")


def _days(name: str, default: int) -> int:
    return _count(name, default, "days")


def _one_of(name: str, *values: str) -> str:
    """Read a word; the first is the default."""
    value = _text(name, values[0]).lower()
    if value in values:
        return value
    raise ImproperlyConfigured(f"{name} is “{value}”; allowed: {' or '.join(values)}")


def _address(name: str) -> str:
    """Read the address under which the tracker is found, without a slash at its end; empty if it is not set."""
    value = _text(name).rstrip("/")
    parts = urlsplit(value)
    if not value or (parts.scheme in ("http", "https") and parts.hostname and not (parts.path or parts.query)):
        return value
    raise ImproperlyConfigured(f"{name} is “{value}”; allowed: an address such as https://tracker.example")


def _list(name: str, default: str) -> list[str]:
    return [item for part in _text(name, default).split(",") if (item := part.strip())]


def _secret_key(path: Path) -> str:
    """Read the key, or make it on first start in a file that only its owner can read."""
    if given := _text("TRACKER_SECRET_KEY"):
        return given
    if not path.exists():
        # Written whole under another name, then linked: a process starting at the same moment never reads half of it.
        handle, draft = mkstemp(dir=path.parent)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64))
        with suppress(FileExistsError):
            os.link(draft, path)
        os.unlink(draft)
    return path.read_text("ascii")


# Where the database, the secret key and the collected static files live
STATE_DIR = Path(_text("TRACKER_STATE_DIR", str(BASE_DIR / ".state"))).resolve()
try:
    STATE_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
except OSError as error:
    raise ImproperlyConfigured(f"TRACKER_STATE_DIR: {STATE_DIR} cannot be made: {error.strerror}") from error

SECRET_KEY = _secret_key(STATE_DIR / "secret-key")
DEBUG = _flag("TRACKER_DEBUG", default=False)
ALLOWED_HOSTS = _list("TRACKER_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = _list("TRACKER_ORIGINS", "")

# Rules that an office may set for itself, in days
TRACKER_DUE_SOON_DAYS = _days("TRACKER_DUE_SOON_DAYS", 60)
TRACKER_STALLED_DAYS = _days("TRACKER_STALLED_DAYS", 365)
TRACKER_UNVERIFIED_DAYS = _days("TRACKER_UNVERIFIED_DAYS", 180)
TRACKER_BRIEF_DROP_DAYS = _days("TRACKER_BRIEF_DROP_DAYS", 1095)
TRACKER_BRIEF_DECLINED_TIMES = _count("TRACKER_BRIEF_DECLINED_TIMES", 2, "meetings")

# Who may look, and how an account proves that it is its owner's
TRACKER_VIEWERS_SIGN_IN = _flag("TRACKER_VIEWERS_SIGN_IN", default=False)
TRACKER_SECOND_FACTOR = _one_of("TRACKER_SECOND_FACTOR", "optional", "required")

INSTALLED_APPS = [
    "modeltranslation",  # before the admin, which it extends
    "tracker.apps.WorkplaceConfig",  # django.contrib.admin, with the tracker's own site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "django_tables2",
    "import_export",
    "simple_history",
    "tracker",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # the pages carry their charts' figures, which shrink tenfold
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "tracker.views.entrance.Entrance",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it turns a refused login into an answer
]

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "tracker.access.RulesBackend"]

ROOT_URLCONF = "tracker.urls"
WSGI_APPLICATION = "tracker.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "tracker.views.context.reader",
            ],
        },
    },
]

_DATABASE_URL = _text("DATABASE_URL", f"sqlite:///{STATE_DIR / 'tracker.sqlite3'}")
try:
    DATABASES = {"default": dj_database_url.parse(_DATABASE_URL, conn_max_age=60)}
except ValueError as error:
    raise ImproperlyConfigured(
        f"DATABASE_URL is not the address of a database: {error}; allowed: postgres://user:password@host:5432/name"
    ) from error
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that will write takes the lock at its start, so none fails half-way with "database is
    # locked". FULL: an accepted write survives a power cut.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }

_LENGTH = "django.contrib.auth.password_validation.MinimumLengthValidator"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": _LENGTH, "OPTIONS": {"min_length": 12}},
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in (
            "UserAttributeSimilarityValidator",
            "CommonPasswordValidator",
            "NumericPasswordValidator",
        )
    ),
]
LOGIN_URL = "login"
CSRF_FAILURE_VIEW = "tracker.views.kept.csrf_failure"
LOGIN_REDIRECT_URL = "me"
LOGOUT_REDIRECT_URL = "overview"

# Who guesses passwords waits: counted by account name and address together, so that nobody locks out a colleague.
AXES_FAILURE_LIMIT = _count("TRACKER_LOGIN_ATTEMPTS", 5, "attempts")
AXES_COOLOFF_TIME = timedelta(minutes=_count("TRACKER_LOCKOUT_MINUTES", 15, "minutes"))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "tracker.views.entrance.address_of"
AXES_LOCKOUT_CALLABLE = "tracker.views.accounts.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
OTP_TOTP_ISSUER = "Commitment tracker"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("vi", _("Vietnamese")), ("zh-hans", _("Chinese"))]
FORMAT_MODULE_PATH = "tracker.formats"
LOCALE_PATHS = [BASE_DIR / "tracker" / "locale"]
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
MODELTRANSLATION_FALLBACK_LANGUAGES = ("en",)
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [("plotly", Path(plotly.__file__).parent / "package_data")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Behind a proxy that ends TLS, TRACKER_HTTPS=yes turns on what only makes sense there.
_HTTPS = _flag("TRACKER_HTTPS", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_SSL_REDIRECT = _HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _HTTPS
# A session ends with the browser, or unused for so long; `Entrance` renews it while it is used.
SESSION_COOKIE_AGE = 3600 * _count("TRACKER_SESSION_HOURS", 8, "hours")
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
if _HTTPS:
    # The prefix binds a cookie to this very host: no neighbour under the same domain can set it.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Plotly writes style attributes, so inline styles are allowed; inline scripts never are.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Reminders go out by a mail server; without one, mails are printed where the server runs.
TRACKER_ADDRESS = _address("TRACKER_ADDRESS")
EMAIL_HOST = _text("TRACKER_MAIL_HOST")
_MAIL_SECURITY = _one_of("TRACKER_MAIL_SECURITY", "starttls", "tls", "none")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = _count("TRACKER_MAIL_PORT", {"starttls": 587, "tls": 465, "none": 25}[_MAIL_SECURITY], "port numbers")
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _text("TRACKER_MAIL_USER"), _text("TRACKER_MAIL_PASSWORD")
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL_SECURITY == "starttls", _MAIL_SECURITY == "tls"
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = _text("TRACKER_MAIL_FROM", "tracker@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

if "pytest" in sys.modules:
    # Tests need neither the manifest nor slow password hashes.
    STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
