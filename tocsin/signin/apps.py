from django.apps import AppConfig


class SigninConfig(AppConfig):
    name = "tocsin.signin"

    def ready(self) -> None:
        from allauth.mfa.models import Authenticator
        from django.db.models.signals import post_delete

        from tocsin.signin import facts  # noqa: F401 - the book must be able to say them
        from tocsin.signin.models import forget_secret

        post_delete.connect(forget_secret, sender=Authenticator)
