"""Contacts, relatives, and what was sent. (The deliveries themselves are emptied with the incidents.)"""

from collections.abc import Iterable
from datetime import datetime

from tocsin.notifications.models import Contact, Delivery, Relative, Reply
from tocsin.privacy.erasers import Section, label, offer
from tocsin.privacy.keeping import forget_relative
from tocsin.privacy.own.dump import dump, hidden


def erase(person: int, at: datetime) -> int:
    count = Contact.objects.filter(person=person).delete()[0] + Reply.objects.filter(person_id=person).delete()[0]
    for relative in Relative.objects.filter(person=person):
        forget_relative(relative, at)
        count += 1
    return count


def export(person: int, language: str) -> Iterable[Section]:
    contacts = Contact.objects.filter(person=person).order_by("pk")
    fields: tuple[str, ...] = (
        "channel",
        "address",
        "label",
        "created_at",
        "confirmed_at",
        "dead_at",
        "dead_why",
        "wrote_at",
    )
    yield Section("contacts", ("我的联系方式", "How I am reached"), dump(contacts, *fields))
    kin = Relative.objects.filter(person=person).order_by("pk")
    fields = ("id", "name", "phone", "email", "language", "agreed_at", "withdrawn_at")
    yield Section("relatives", ("我的亲友", "My relatives"), dump(kin, *fields))
    quiet = hidden(person)
    told = (Delivery.objects.filter(person=person) | Delivery.objects.filter(relative__person=person)).order_by("pk")
    told = told.exclude(incident__in=quiet)
    fields = (
        "id", "incident_id", "relative_id", "channel", "address", "language", "message", "values", "state",
        "created_at", "sent_at", "delivered_at", "read_at", "answered_at", "answer", "eta", "words", "error", "drill",
    )  # fmt: skip
    yield Section("deliveries", ("发给我和我亲友的消息", "Messages to me and my relatives"), dump(told, *fields))
    replies = Reply.objects.filter(person_id=person).order_by("pk")
    yield Section("replies", ("我发来的短信", "Texts that I sent back"), dump(replies, "at", "text"))


columns = ("notifications.Contact.person", "notifications.Relative.person", "notifications.Reply.person_id")
offer("messages", columns=columns, erase=erase, export=export)
label(
    channel=("方式", "By"), label=("备注", "Label"), confirmed_at=("确认", "Confirmed"),
    dead_at=("失效", "Dead since"),
    dead_why=("失效原因", "Why"), wrote_at=("来信", "Wrote"), email=("邮箱", "E-mail"), language=("语言", "Language"),
    agreed_at=("同意", "Agreed"), withdrawn_at=("退出", "Withdrawn"), relative_id=("亲友编号", "Relative number"),
    message=("消息", "Message"), values=("消息内容", "What it said"), sent_at=("发出", "Sent"),
    delivered_at=("送达", "Delivered"), read_at=("已读", "Read"), answered_at=("答复时间", "Answered"),
    answer=("答复", "Answer"), eta=("预计（分钟）", "Minutes"), words=("回话", "Words"), error=("错误", "Error"),
)  # fmt: skip
