from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "tocsin.devices"

    def ready(self) -> None:
        from tocsin.devices import facts  # noqa: F401 - the book must be able to say them
