"""Reports of providers that know one address for all messages: Africa's Talking, Clickatell, BulkSMS.

None of the three signs: the key in the address is the secret.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from tocsin.notifications.channel import Callback, Report, Reported, Settings
from tocsin.notifications.channels.sms.providers import PROVIDERS


def reported(asked: Callback, settings: Settings) -> Report:
    """A GET is somebody who looks whether we are there."""
    return Report(receipts=report(asked.body, asked.headers, settings) if asked.method == "POST" else ())


def report(body: bytes, headers: Mapping[str, str], settings: Settings) -> list[Reported]:
    """The receipts in it, by `ref` as in `Result`, and by our key where the provider knows it (Clickatell).

    Each provider's body has a shape of its own: a form, an object, a list. What is none of them is nothing.
    """
    for name, provider in PROVIDERS.items():
        found = provider.report(body) if provider.report else None
        if found is not None:
            return [
                Reported(f"{name}:{one.ref}", replace(one.receipt, ref=f"{name}:{one.ref}"), one.key) for one in found
            ]
    return []
