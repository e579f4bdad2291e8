from django.apps import AppConfig


class EnrolmentConfig(AppConfig):
    name = "tocsin.enrolment"

    def ready(self) -> None:
        from tocsin.enrolment import codes
        from tocsin.notifications import asked

        asked.MAKERS["join"] = codes.spoken
