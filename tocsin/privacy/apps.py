from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PrivacyConfig(AppConfig):
    name = "tocsin.privacy"

    def ready(self) -> None:
        from tocsin.privacy import facts, own  # noqa: F401 - the book must be able to say them; who holds what

        autodiscover_modules("personal")  # what other stations hold of a person: their `personal.py`
