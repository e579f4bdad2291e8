from django.apps import AppConfig


class RostersConfig(AppConfig):
    name = "tocsin.rosters"

    def ready(self) -> None:
        from tocsin.rosters import facts  # noqa: F401 - the book must be able to say them
