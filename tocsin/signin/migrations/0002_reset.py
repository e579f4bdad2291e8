"""A lost second factor is taken away by two people; the rows are read and written lifted, by the verbs alone."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tocsin.lib.wall import NEVER, policy


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("signin", "0001_first"),
    ]

    operations = [
        migrations.CreateModel(
            name='Reset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=10)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='resets', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'people_signin_reset',
                'constraints': [models.UniqueConstraint(condition=models.Q(('decided_at', None)), fields=('person',), name='one_open_reset')],
            },
        ),
        policy("people_signin_reset", NEVER),
    ]
