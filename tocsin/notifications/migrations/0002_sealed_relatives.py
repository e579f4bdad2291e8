"""Who a member's relatives are is sealed (`lib/sealed.py`)."""

import os

from django.db import migrations, models

import tocsin.notifications.models
from tocsin.lib.sealed_field import Sealed
from tocsin.lib.sealing import seals

ROW = ("person_id", "salt")
NAMES = ("name", "phone", "email")


def salt(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM notifications_relative")
        for (pk,) in cursor.fetchall():
            cursor.execute("UPDATE notifications_relative SET salt = %s WHERE id = %s", [os.urandom(16), pk])


class Migration(migrations.Migration):
    dependencies = (("notifications", "0001_initial"),)
    operations = (
        migrations.AddField("relative", "salt", models.BinaryField(max_length=16, null=True)),
        migrations.RunPython(salt, migrations.RunPython.noop),
        *(migrations.AddField("relative", f"{n}_sealed", Sealed(row=ROW, null=True)) for n in NAMES),
        seals("notifications_relative", NAMES, ROW),
        *(migrations.RemoveField("relative", n) for n in NAMES),
        *(migrations.RenameField("relative", f"{n}_sealed", n) for n in NAMES),
        migrations.AlterField(
            "relative", "salt", models.BinaryField(max_length=16, default=tocsin.notifications.models.new_salt)
        ),
        migrations.AlterField("relative", "name", Sealed(row=ROW)),
    )
