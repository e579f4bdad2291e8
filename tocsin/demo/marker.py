"""Whether a database holds the demo: the invented logins of the root's administrator give it away."""

from tocsin.people.models import StaffKey


def is_demo() -> bool:
    return StaffKey.objects.filter(name="demo").exists()
