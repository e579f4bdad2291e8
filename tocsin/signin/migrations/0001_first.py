"""The records of sign-ins, and who sees them and the second factors (`tocsin/lib/wall.py`): the person themselves."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tocsin.lib.sealed_field
from tocsin.lib.wall import ME, NEVER, policy


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("people", "0003_wall"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("usersessions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name='SignIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('login', models.CharField(max_length=60)),
                ('at', models.DateTimeField()),
                ('address', models.GenericIPAddressField(null=True)),
                ('place', models.CharField(max_length=45)),
                ('how', models.CharField(max_length=20)),
                ('ok', models.BooleanField(default=False)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sign_ins', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'people_signin',
                'indexes': [models.Index(fields=['login', 'place', 'at'], name='people_signin_pair'), models.Index(fields=['place', 'at'], name='people_signin_place'), models.Index(fields=['at'], name='people_signin_at')],
            },
        ),
        migrations.CreateModel(
            name='Secret',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('value', tocsin.lib.sealed_field.Sealed(row=('id',))),
            ],
            options={
                'db_table': 'people_signin_secret',
            },
        ),
        policy("people_signin_secret", NEVER),
        policy("people_signin", f"person_id = {ME}"),
        policy("mfa_authenticator", f"user_id = {ME}"),
        policy("usersessions_usersession", f"user_id = {ME}"),
        policy("account_emailaddress", NEVER),
        policy("account_emailconfirmation", NEVER),
    ]
