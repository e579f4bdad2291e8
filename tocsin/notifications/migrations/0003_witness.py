"""How far each book was told to its directors: no words and nobody's name, and the web neither reads nor writes it."""

import django.db.models.deletion
from django.db import migrations, models

from tocsin.lib.wall import NEVER, policy


class Migration(migrations.Migration):
    dependencies = (("notifications", "0002_sealed_relatives"), ("centers", "0001_initial"), ("people", "0003_wall"))
    operations = (
        migrations.CreateModel(
            name="Witness",
            fields=[
                (
                    "center",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="+",
                        serialize=False, to="centers.center",
                    ),
                ),
                ("day", models.DateField()),
                ("number", models.BigIntegerField(default=0)),
            ],
        ),
        policy("notifications_witness", NEVER),
    )
