"""What the stations that were here before hold of a person: what goes at an erasure, what an export gives, what stays.

In the order of an erasure: the person's own row goes last, because the others look up their number and login there.
"""

from importlib import import_module

from django.apps import apps

for _name in ("files", "profiles", "looks", "enrolment"):  # a folder that was deleted has nothing to say
    if apps.is_installed(f"tocsin.{_name}"):
        import_module(f"tocsin.privacy.own.{_name}")
for _name in ("incidents", "devices", "messages", "rosters", "signing", "consents", "people"):
    import_module(f"tocsin.privacy.own.{_name}")
