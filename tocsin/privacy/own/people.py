"""The person's own row, and their roles. Last of all: the others look up the number and the login here."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from tocsin.people.models import Person, Role
from tocsin.privacy.erasers import Section, keep, label, offer
from tocsin.privacy.own.dump import dump


def erased_name(pk: int) -> str:
    """What stands where the name was, in both languages: it is read in old books by either."""
    return f"已删除人员 #{pk} · erased person #{pk}"


def erase(pk: int, at: datetime) -> int:
    person = Person.objects.get(pk=pk)
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Person), object_id=str(pk))
    count = about.update(object_repr=erased_name(pk), change_message="")
    Role.objects.filter(person=pk, since__gt=at).delete()
    count += Role.objects.filter(Q(until=None) | Q(until__gt=at), person=pk).update(until=at)
    person.groups.clear()
    person.user_permissions.clear()
    person.name, person.login, person.phone, person.last_login = erased_name(pk), None, None, None
    person.is_active = person.is_superuser = False
    person.set_unusable_password()
    person.save()
    return count + 1


def export(pk: int, language: str) -> Iterable[Section]:
    me = Person.objects.select_related("center").filter(pk=pk)
    fields: tuple[str, ...] = (
        "id", "name", "login", "phone", "language", "center__name_zh", "center__name_en", "is_active", "created_at",
        "last_login",
    )  # fmt: skip
    yield Section("person", ("我", "Me"), dump(me, *fields))
    roles = Role.objects.filter(person=pk).select_related("center").order_by("pk")
    fields = ("name", "center__name_zh", "center__name_en", "since", "until")
    yield Section("roles", ("我的角色", "My roles"), dump(roles, *fields))
    done = LogEntry.objects.filter(user=pk).order_by("pk")
    yield Section(
        "admin_log",
        ("我在管理页做的事", "What I did on the administrator's pages"),
        dump(done, "action_time", "object_repr"),
    )


offer("people", columns=("people.Person.groups", "people.Person.user_permissions"), erase=erase, export=export)
keep("people.Role.person", "何时担任过什么角色，只剩编号", "which role when: a number, without a name")
keep(
    "admin.LogEntry.user",
    "谁在管理页做过什么，一年后删除",
    "who did what on the administrator's pages; goes after a year",
)
label(
    is_active=("有效", "Active"), last_login=("最近登录", "Last sign-in"), action_time=("时间", "Time"),
    object_repr=("对象", "What"),
)  # fmt: skip
