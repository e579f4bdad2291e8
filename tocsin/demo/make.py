"""Making the demo network, once. A crash in the middle leaves either nothing or all of it."""

import os

from tocsin.demo import sheet


def make() -> bool:
    """Fill the empty database and write its sheet; False if the database holds something else than a demo."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.settings")
    import django

    django.setup()
    from django.db import connection, transaction

    from tocsin.centers.models import Center
    from tocsin.demo.furnish import furnish
    from tocsin.demo.seed import seed

    try:
        if not Center.objects.exists():
            print("Making the demo network …", flush=True)
            with transaction.atomic():
                content = seed()
                furnish()
                sheet.prepare(content)
        elif not sheet.prepared():
            return False
        sheet.publish()
        return True
    finally:
        connection.close()
