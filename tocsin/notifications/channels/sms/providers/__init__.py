"""The providers there are, by name."""

from tocsin.notifications.channels.sms.provider import Provider
from tocsin.notifications.channels.sms.providers import africastalking, bulksms, clickatell, kannel, twilio

PROVIDERS: dict[str, Provider] = {
    module.__name__.rpartition(".")[2]: module.PROVIDER
    for module in (africastalking, bulksms, clickatell, kannel, twilio)
}
