from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "tocsin.notifications"

    def ready(self) -> None:
        from tocsin.notifications import facts  # noqa: F401 - the book must be able to say them
