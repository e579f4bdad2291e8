"""A table that names a person, an incident, a device or a site has a policy; no role may do more than it must."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from tests.world import Town

NAMING = {"person_id", "incident_id", "device_id", "site_id", "actor_id"}  # also where there is no foreign key


def naming() -> Iterator[str]:
    """The tables of all models that name somebody or something of theirs."""
    from django.apps import apps

    from tocsin.devices.models import Device, Site
    from tocsin.incidents.models import Incident
    from tocsin.people.models import Person

    theirs = (Person, Incident, Device, Site)
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        named = any(f.column in NAMING or f.related_model in theirs for f in model._meta.local_concrete_fields)
        if named or model in theirs:
            yield model._meta.db_table


def test_every_table_that_names_somebody_has_a_policy(world: Town) -> None:
    walled = {table for (table,) in world.rows("SELECT relname FROM pg_class WHERE relrowsecurity")}
    missing = sorted(set(naming()) - walled)
    assert not missing, f"who sees the rows of {missing}? See docs/decisions/0014-the-wall.md"


def test_a_table_behind_the_wall_lets_the_services_pass_and_has_a_rule_for_each_statement_of_the_web(
    world: Town,
) -> None:
    rows = world.rows(
        "SELECT c.relname, array_agg(p.polcmd::text || ':' || r.rolname ORDER BY 1) FROM pg_class c "
        "LEFT JOIN pg_policy p ON p.polrelid = c.oid LEFT JOIN pg_roles r ON r.oid = ANY (p.polroles) "
        "WHERE c.relrowsecurity GROUP BY 1"
    )
    wanted = sorted(["*:tocsin_service", *(f"{command}:tocsin_web" for command in "arwd")])
    for table, policies in rows:
        assert sorted(policies) == wanted, table


def test_the_roles_own_nothing_and_cannot_become_more(world: Town) -> None:
    for role in ("tocsin_web", "tocsin_service"):
        ((superuser, creates, bypasses, member),) = world.rows(
            "SELECT rolsuper, rolcreaterole OR rolcreatedb, rolbypassrls, "
            "EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid) FROM pg_roles r WHERE rolname = %s",
            role,
        )
        assert (superuser, creates, bypasses, member) == (False, False, False, False)
        assert world.rows("SELECT relname FROM pg_class WHERE relowner = %s::regrole", role) == []


def refused(line: psycopg.Connection[Any], statement: str) -> None:
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.RaiseException)):
        line.execute(statement.encode())


@pytest.mark.parametrize("role", ["tocsin_web", "tocsin_service"])
def test_no_role_of_a_process_reaches_beyond_its_rows(world: Town, role: str) -> None:
    from tocsin import database

    with psycopg.connect(database.url(role), autocommit=True) as line:
        for statement in (
            "SET ROLE tocsin",
            "SET SESSION AUTHORIZATION tocsin",
            "TRUNCATE incidents_note",
            "CREATE TABLE public.mine ()",
            "ALTER TABLE people_person DISABLE ROW LEVEL SECURITY",
            "DROP POLICY wall_read ON people_person",
            "CREATE OR REPLACE FUNCTION public.wall_lifted() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
            "UPDATE book_entry SET kind = 'x'",
            "DELETE FROM book_entry",
            "DELETE FROM book_head",
            "UPDATE django_migrations SET name = 'x'",
            f"ALTER ROLE {role} BYPASSRLS",
        ):
            refused(line, statement)
        if role == "tocsin_web":
            refused(line, "INSERT INTO gates_signal (id) VALUES (gen_random_uuid())")
            line.execute("SET row_security = off")  # asks for an error where rows would be hidden
            refused(line, "SELECT * FROM people_person")


def test_the_processes_sign_in_as_these_roles(world: Town) -> None:
    world.desk("PTA").queue()
    there = {name for (name,) in world.rows("SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'tocsin'")}
    assert {"tocsin_web", "tocsin_service"} <= there


def test_with_nobody_standing_every_table_is_empty(world: Town, place: str) -> None:
    from tocsin import database

    world.button(place).press()
    tables = [t for (t,) in world.rows("SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r'")]
    assert len(tables) > 30
    with psycopg.connect(database.url("tocsin_web"), autocommit=True) as line:
        for table in tables:
            assert line.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,), table
            with suppress(psycopg.errors.InsufficientPrivilege):
                assert line.execute(f"DELETE FROM {table}".encode()).rowcount == 0, table
    assert world.rows("SELECT count(*) > 0 FROM people_person") == [(True,)]
