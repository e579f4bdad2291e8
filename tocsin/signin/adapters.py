"""What django-allauth asks us. Of its flows we use the sign-in with a second factor; it sends and says nothing."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from tocsin.lib.wall import lifting
from tocsin.signin.models import Secret
from tocsin.signin.page import address_of


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    def get_login_stages(self) -> list[str]:
        return ["allauth.mfa.stages.AuthenticateStage"]

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages say what happened themselves."""

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nobody has an e-mail address here."""

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        request.session["since"] = request.session["seen"] = int(time.time())


class Factors(DefaultMFAAdapter):  # type: ignore[misc]
    def get_totp_issuer(self) -> str:
        return "Tocsin"

    def _get_site_name(self) -> str:
        return "Tocsin 守望"

    @lifting
    def encrypt(self, text: str) -> str:
        """The app's secret and the seed of the recovery codes lie sealed: the database alone gives no code."""
        return str(Secret.objects.create(value=text).pk)

    @lifting
    def decrypt(self, encrypted_text: str) -> str:
        return str(Secret.objects.get(pk=encrypted_text).value)

    def build_totp_svg(self, url: str) -> str:
        """The QR code as an SVG element for the page itself: no request, and nothing that our policy forbids."""
        import qrcode
        from qrcode.image.svg import SvgPathImage

        image = qrcode.make(url, image_factory=SvgPathImage, border=2)
        return str(image.to_string(encoding="unicode"))
