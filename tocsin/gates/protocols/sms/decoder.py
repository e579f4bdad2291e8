"""SMS: the text messages that a gateway or a provider hands over by HTTP, to signals of the number that sent them.

`/gates/sms/<key>/<provider>`; each provider's format is one file in providers/, what a text means is in meaning.py.
"""

from datetime import datetime

from msgspec.structs import replace

from tocsin.gates.protocol import Decoded, HttpGate, Malformed, Request, Session
from tocsin.gates.protocols.sms.meaning import signal
from tocsin.gates.protocols.sms.message import Forbidden, Provider, Sms, clean
from tocsin.gates.protocols.sms.providers import africastalking, bulksms, clickatell, generic, kannel, twilio
from tocsin.gates.protocols.sms.sender import identifier

PROVIDERS = {
    module.__name__.rpartition(".")[2]: module.PROVIDER
    for module in (africastalking, bulksms, clickatell, generic, kannel, twilio)
}


def decode(request: Request, session: Session, now: datetime) -> Decoded:
    """One request. A stranger's text is acknowledged too: refusing it would only make the provider try for days."""
    name = request.path.rstrip("/").rpartition("/")[2].lower()
    provider = PROVIDERS.get(name)
    if provider is None:
        raise Malformed(f"no such provider: {name or '(none)'}. There are: {', '.join(PROVIDERS)}")
    try:
        received = provider.read(request, session)
    except Forbidden as error:
        return Decoded(status=403, reply=f"{error}\n".encode())
    texts = [sms._replace(text=clean(sms.text)) for sms in received if sms.sender]
    if received and not texts:
        raise Malformed("a message without a sender")
    return _decoded(provider, name, texts, session)


def _decoded(provider: Provider, name: str, texts: list[Sms], session: Session) -> Decoded:
    """Each text for itself, whoever sent it; one answer for all."""
    own = session.gate.get("words", "")
    answer = Decoded(reply=provider.reply, stranger=provider.reply, stranger_status=200, media=provider.media)
    each = [
        replace(answer, device=identifier(sms.sender), signals=(signal(sms.text, sms.at, own),), key=_key(name, sms))
        for sms in texts
    ]
    if not each:
        return answer
    session.device = each[0].device
    return replace(each[0], others=tuple(each[1:]))


def _key(name: str, sms: Sms) -> bytes | None:
    """What is the same when the provider hands the text over again: its id, or its time; None where it gives neither.

    The words stand with it, so that an id which a provider uses twice swallows no second call for help.
    """
    if not sms.id and not sms.stamp:
        return None
    return "\n".join((name, sms.id or sms.stamp, sms.text)).encode()


GATE = HttpGate(keyed=True, decode=decode)
