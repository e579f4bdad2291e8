"""Every setting, from the environment."""

import os
from importlib.metadata import version
from pathlib import Path

import django_stubs_ext

from tocsin import database
from tocsin.lib import sealed
from tocsin.lib.secrets import secret_in

django_stubs_ext.monkeypatch()  # lets Django classes take type parameters

VERSION = version("tocsin")
BASE = Path(__file__).resolve().parent
DATA = database.data_folder()
DEMO = os.environ.get("TOCSIN_DEMO") == "1"
FILES = os.environ.get("TOCSIN_FILES") or DATA / "files"  # photos, sound, video: on one disk for all web processes

HOST = os.environ.get("TOCSIN_HOST", "127.0.0.1")
PORT = int(os.environ.get("TOCSIN_PORT", "8000"))
PUBLIC_URL = (os.environ.get("TOCSIN_PUBLIC_URL") or f"http://{HOST}:{PORT}").rstrip("/")
MAP_TILES = os.environ.get("TOCSIN_MAP_TILES") or None  # raster tiles, https://…/{z}/{x}/{y}.png
MAP_PMTILES = os.environ.get("TOCSIN_MAP_PMTILES") or None  # address of a .pmtiles file

DEBUG = False
SECRET_KEY = secret_in(DATA / "secret_key")
HOOK_SECRET = os.environ.get("TOCSIN_HOOK_SECRET") or secret_in(DATA / "hook_key")
sealed.keys()  # made at the first start; one that is malformed stops the start, and not the first alarm
SECURITY_CONTACT = os.environ.get("TOCSIN_SECURITY_CONTACT", "").split()  # for /.well-known/security.txt
METRICS_KEY = os.environ.get("TOCSIN_METRICS_KEY") or None
ALLOWED_HOSTS = os.environ.get("TOCSIN_HOSTS", "*" if DEMO else "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("TOCSIN_ORIGINS", "").split(",") if o]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("TOCSIN_BEHIND_PROXY") == "1" else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("TOCSIN_HTTPS", "0" if DEMO else "1") == "1"
SECURE_HSTS_SECONDS = 180 * 86400 if SESSION_COOKIE_SECURE else 0  # said on lines with TLS alone
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600  # since it was last used; 7 days since the sign-in: tocsin/signin/middleware.py
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",  # found by urls.py: only the web process needs its pages
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "tocsin.centers",
    "tocsin.people",
    "tocsin.devices",
    "tocsin.gates",
    "tocsin.book",
    "tocsin.signin",
    "tocsin.incidents",
    "tocsin.files",
    "tocsin.looks",
    "tocsin.rosters",
    "tocsin.escalation",
    "tocsin.notifications",
    "tocsin.profiles",
    "tocsin.enrolment",
    "tocsin.drills",
    "tocsin.privacy",
    "tocsin.desk",
    "tocsin",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tocsin.lib.csp.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tocsin.locale.choose.ChooseLanguage",
    "tocsin.locale.away.DatabaseAway",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tocsin.incidents.standing.Stand",  # before whoever looks at request.user
    "allauth.account.middleware.AccountMiddleware",
    "tocsin.signin.middleware.StaffSession",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "tocsin.urls"
CSRF_FAILURE_VIEW = "tocsin.locale.nowhere.stale"
WSGI_APPLICATION = "tocsin.edge.django_wsgi"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "desk" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "tocsin.lib.walled",
        **database.django(),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Person"
LOGIN_URL = "/desk/sign-in/"
LOGIN_REDIRECT_URL = "/desk/"
PASSWORD_RESET_TIMEOUT = 24 * 3600  # an administrator's one-time link

# Staff sign-in (tocsin/signin). Of django-allauth: its second factors, its list of sessions, its steps of a sign-in;
# no e-mail, no phone, no social accounts, no sign-up, and none of its pages. Limits are our own (throttle.py).
ACCOUNT_ADAPTER = "tocsin.signin.adapters.Accounts"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False
MFA_RATE_LIMITS = False
MFA_ADAPTER = "tocsin.signin.adapters.Factors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SESSION_COOKIE_SECURE  # http://localhost, for tests and the demo
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_TZ = True
TIME_ZONE = "UTC"

WEB_DIST = BASE.parent / "web" / "dist"
STATIC_URL = "/static/"
STATICFILES_DIRS = [("web", WEB_DIST)] if WEB_DIST.is_dir() else []
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/web/assets/.+-[A-Za-z0-9_-]{8}\.\w+$"

DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("TOCSIN_LOG", "WARNING")},
}
