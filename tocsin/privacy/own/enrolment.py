"""Applications, invitations, lists that a center brought along."""

from collections.abc import Iterable
from datetime import datetime

from tocsin.enrolment.models import Application, Import
from tocsin.privacy.erasers import Section, keep, label, offer
from tocsin.privacy.own.dump import dump


def erase(person: int, at: datetime) -> int:
    """Their applications; and lists with them in it, which are of no use once they were carried out."""
    count = Application.objects.filter(person=person).delete()[0]
    return count + Import.objects.filter(made__contains=[person], rows__isnull=False).update(rows=None)


def export(person: int, language: str) -> Iterable[Section]:
    mine = Application.objects.filter(person=person).order_by("pk")
    fields = (
        "at",
        "name",
        "phone",
        "languages",
        "language",
        "consents",
        "state",
        "confirmed_at",
        "decided_at",
        "reason",
    )
    yield Section("applications", ("我的入会申请", "My applications"), dump(mine, *fields))


offer("enrolment", columns=("enrolment.Application.person",), erase=erase, export=export)
keep("enrolment.Application.decided_by", "谁决定入会，只剩编号", "who decided: a number, without a name")
keep("enrolment.Invitation.by", "谁发出邀请，只剩编号", "who invited: a number, without a name")
keep("enrolment.Invitation.revoked_by", "谁收回邀请，只剩编号", "who revoked it: a number, without a name")
keep("enrolment.Import.by", "谁导入名单，只剩编号", "who brought a list along: a number, without a name")
label(consents=("读过的文本", "Texts that were read"), languages=("语言", "Languages"), reason=("理由", "Reason"))
