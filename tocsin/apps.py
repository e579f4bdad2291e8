"""The product as a whole: connects the stations once everything is loaded."""

from django.apps import AppConfig


class TocsinConfig(AppConfig):
    name = "tocsin"

    def ready(self) -> None:
        from tocsin import journey

        journey.connect()
