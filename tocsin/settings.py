"""Every setting, from the environment."""

import os
from importlib.metadata import version
from pathlib import Path

import django_stubs_ext

from tocsin import database
from tocsin.lib.secrets import secret_in

django_stubs_ext.monkeypatch()  # lets Django classes take type parameters

VERSION = version("tocsin")
BASE = Path(__file__).resolve().parent
DATA = database.data_folder()
DEMO = os.environ.get("TOCSIN_DEMO") == "1"

HOST = os.environ.get("TOCSIN_HOST", "127.0.0.1")
PORT = int(os.environ.get("TOCSIN_PORT", "8000"))
PUBLIC_URL = (os.environ.get("TOCSIN_PUBLIC_URL") or f"http://{HOST}:{PORT}").rstrip("/")
MAP_TILES = os.environ.get("TOCSIN_MAP_TILES") or None  # raster tiles, https://…/{z}/{x}/{y}.png
MAP_PMTILES = os.environ.get("TOCSIN_MAP_PMTILES") or None  # address of a .pmtiles file

DEBUG = False
SECRET_KEY = secret_in(DATA / "secret_key")
HOOK_SECRET = os.environ.get("TOCSIN_HOOK_SECRET") or secret_in(DATA / "hook_key")
METRICS_KEY = os.environ.get("TOCSIN_METRICS_KEY") or None
ALLOWED_HOSTS = os.environ.get("TOCSIN_HOSTS", "*" if DEMO else "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("TOCSIN_ORIGINS", "").split(",") if o]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("TOCSIN_BEHIND_PROXY") == "1" else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("TOCSIN_HTTPS", "0" if DEMO else "1") == "1"
SESSION_COOKIE_HTTPONLY = True
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
    "tocsin.centers",
    "tocsin.people",
    "tocsin.devices",
    "tocsin.gates",
    "tocsin.book",
    "tocsin.incidents",
    "tocsin.rosters",
    "tocsin.escalation",
    "tocsin.notifications",
    "tocsin.drills",
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
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "tocsin.urls"
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
        "ENGINE": "django.db.backends.postgresql",
        **database.django(),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Person"
LOGIN_URL = "/desk/sign-in/"
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
