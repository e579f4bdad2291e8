"""The second wall: roles that own nothing, and who sees which rows (`lib/wall.py`, docs/decisions).

In the policies a person is whoever stands, "their centers" are those where they see incidents. What hangs on an
incident follows it; what would go round in circles is asked of functions that pass the wall, with a fixed search_path.
"""

from typing import Any

from django.db import migrations

from tocsin.database import SERVICE, WEB, create_roles
from tocsin.lib.wall import CENTERS, DISPATCHED, KNOWS, ME, NEVER, STAFF, WORKING, incident, policy

# In one place, for tables that exist now and for those that the owner makes later.
GRANTS = f"""
DO $$
DECLARE name text; home text := current_schema();
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO {WEB}, {SERVICE}', home);
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = home AND tableowner = current_user LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I.%I TO {WEB}, {SERVICE}', home, name);
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = home AND sequenceowner = current_user LOOP
        EXECUTE format('GRANT USAGE ON SEQUENCE %I.%I TO {WEB}, {SERVICE}', home, name);
    END LOOP;
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES '
                   'TO {WEB}, {SERVICE}', home);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT USAGE ON SEQUENCES TO {WEB}, {SERVICE}', home);
    -- nobody makes tables here but the owner; from PostgreSQL 15 on that is so from the start
    IF pg_has_role((SELECT nspowner FROM pg_namespace WHERE nspname = home), 'USAGE') THEN
        EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', home);
    END IF;
END $$;
REVOKE UPDATE, DELETE ON book_entry FROM {WEB}, {SERVICE};
REVOKE INSERT, DELETE ON book_head FROM {WEB}, {SERVICE};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {WEB}, {SERVICE};
REVOKE INSERT, UPDATE, DELETE ON gates_signal, gates_trace, gates_meter, gates_pulse FROM {WEB};
"""
UNGRANT = f"""
DO $$
DECLARE home text := current_schema();
BEGIN
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I REVOKE ALL ON TABLES FROM {WEB}, {SERVICE}', home);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I REVOKE ALL ON SEQUENCES FROM {WEB}, {SERVICE}', home);
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM {WEB}, {SERVICE}', home);
    EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA %I FROM {WEB}, {SERVICE}', home);
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM {WEB}, {SERVICE}', home);
END $$;
"""

# What the request said of itself. Plain, so that PostgreSQL sees through them.
SAID = """
CREATE FUNCTION wall_lifted() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT coalesce(current_setting('tocsin.lifted', true), '') = 'on' $$;
CREATE FUNCTION wall_person() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('tocsin.person', true), '')::bigint $$;
CREATE FUNCTION wall_centers() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT coalesce(nullif(current_setting('tocsin.centers', true), ''), '{}')::bigint[] $$;
CREATE FUNCTION wall_knows() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT coalesce(nullif(current_setting('tocsin.knows', true), ''), '{}')::bigint[] $$;
"""

#: name and arguments → result, expression. They pass the wall: each answers about whoever stands, and no more.
ASKED = {
    "wall_staff()": (
        "boolean",
        "EXISTS (SELECT FROM people_role WHERE person_id = wall_person() AND name <> 'member' "
        "AND since <= now() AND (until IS NULL OR until > now()))",
    ),
    "wall_dispatched()": (
        "bigint[]",
        "coalesce((SELECT array_agg(d.incident_id) FROM incidents_dispatch d JOIN incidents_incident i "
        "ON i.id = d.incident_id WHERE d.responder_id = wall_person() AND i.state <> 'closed'), '{}')",
    ),
    # into which a press of theirs was merged: its state is theirs to know
    "wall_merged()": (
        "bigint[]",
        "coalesce((SELECT array_agg(merged_into_id) FROM incidents_incident WHERE person_id = wall_person() "
        "AND merged_into_id IS NOT NULL), '{}')",
    ),
    # who has to do with an incident that is theirs, or to which they were sent
    "wall_helpers()": (
        "bigint[]",
        "coalesce((SELECT array_agg(helper) FROM ("
        "SELECT id, claimed_by_id, NULL::bigint AS caller FROM incidents_incident WHERE person_id = wall_person() "
        "UNION ALL SELECT id, claimed_by_id, NULL FROM incidents_incident WHERE id = ANY ((SELECT wall_merged())::bigint[]) "
        "UNION ALL SELECT id, claimed_by_id, person_id FROM incidents_incident "
        "WHERE id = ANY ((SELECT wall_dispatched())::bigint[])) i, "
        "LATERAL (SELECT i.claimed_by_id UNION ALL SELECT i.caller "
        "UNION ALL SELECT responder_id FROM incidents_dispatch WHERE incident_id = i.id) AS involved (helper) "
        "WHERE helper IS NOT NULL), '{}')",
    ),
    "wall_offered()": (
        "bigint[]",
        "coalesce((SELECT array_agg(shift_id) FROM rosters_swap WHERE to_id = wall_person()), '{}')",
    ),
    "wall_serves(who bigint)": (
        "boolean",
        "EXISTS (SELECT FROM people_role WHERE person_id = who AND name <> 'member')",
    ),
    "wall_called(who bigint, mine bigint[], sent bigint[])": (
        "boolean",
        "EXISTS (SELECT FROM incidents_incident WHERE person_id = who AND (centers && mine OR id = ANY (sent)))",
    ),
    "wall_rang(place bigint, mine bigint[], sent bigint[])": (
        "boolean",
        "EXISTS (SELECT FROM devices_device d JOIN incidents_incident i ON i.device_id = d.id AND i.person_id IS NULL "
        "WHERE d.site_id = place AND (i.centers && mine OR i.id = ANY (sent)))",
    ),
    "wall_owned(who bigint, place bigint, known bigint[])": (
        "boolean",
        "EXISTS (SELECT FROM devices_site WHERE id = place AND (person_id = wall_person() OR center_id = ANY (known)))"
        " OR EXISTS (SELECT FROM people_person WHERE id = who AND center_id = ANY (known))",
    ),
    "wall_alarmed(device bigint, who bigint, place bigint, mine bigint[], sent bigint[])": (
        "boolean",
        "CASE WHEN who IS NOT NULL THEN wall_called(who, mine, sent) "
        "WHEN place IS NOT NULL THEN wall_rang(place, mine, sent) "
        "ELSE EXISTS (SELECT FROM incidents_incident WHERE device_id = device AND person_id IS NULL "
        "AND (centers && mine OR id = ANY (sent))) END",
    ),
}
# What somebody may change of themselves is not what they are allowed.
OWN_RIGHTS = f"""
CREATE FUNCTION wall_own_rights() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = '{WEB}' AND NOT wall_lifted() THEN
        RAISE EXCEPTION 'Nobody makes an administrator of themselves' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER wall_own_rights BEFORE UPDATE ON people_person FOR EACH ROW
    WHEN (NEW.is_superuser AND NOT OLD.is_superuser) EXECUTE FUNCTION wall_own_rights();
"""

#: What the database does by itself, whoever's statement it was.
TRIGGERS = (
    "person_changed()",
    "site_changed()",
    "zone_changed()",
    "number_changed()",
    "number_of_person(bigint, text)",
    "book_of_a_new_center()",
)


def functions(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        path = f"{cursor.fetchone()[0]}, pg_temp"
        cursor.execute(SAID)
        cursor.execute(OWN_RIGHTS)
        for name, (result, expression) in ASKED.items():
            cursor.execute(
                f"CREATE FUNCTION {name} RETURNS {result} LANGUAGE plpgsql STABLE SECURITY DEFINER "
                f"SET search_path = {path} AS $$ BEGIN RETURN {expression}; END $$"
            )
        for name in TRIGGERS:
            cursor.execute(f"ALTER FUNCTION {name} SECURITY DEFINER SET search_path = {path}")


def no_functions(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        for name in TRIGGERS:
            cursor.execute(f"ALTER FUNCTION {name} SECURITY INVOKER RESET search_path")
        cursor.execute("DROP TRIGGER wall_own_rights ON people_person; DROP FUNCTION wall_own_rights()")
        for name in reversed(ASKED):
            cursor.execute(f"DROP FUNCTION {name}")
        for name in ("lifted", "person", "centers", "knows"):
            cursor.execute(f"DROP FUNCTION wall_{name}()")


def roles(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        create_roles(cursor)


MINE = f"person_id = {ME}"
HERE = f"center_id = ANY ({CENTERS})"
SITE = f"person_id = {ME} OR {HERE} OR wall_rang(id, {CENTERS}, {DISPATCHED})"
OF_SITE = "EXISTS (SELECT FROM devices_site s WHERE s.id = site_id)"
KEPT = f"person_id = {ME} OR center_id = ANY ({KNOWS}) OR wall_owned(person_id, site_id, {KNOWS})"

POLICIES = (
    # people
    policy(
        "people_person",
        f"id = {ME} OR center_id = ANY ({KNOWS}) OR ({STAFF} AND (is_superuser OR wall_serves(id))) "
        f"OR id = ANY ((SELECT wall_helpers())::bigint[]) OR wall_called(id, {CENTERS}, {DISPATCHED})",
        f"id = {ME}",
        NEVER,
    ),
    policy(
        "people_role",
        f"{MINE} OR ({STAFF} AND name <> 'member') OR center_id = ANY ({KNOWS})",
        NEVER,  # nobody gives a role to themselves
    ),
    policy("people_staffkey", MINE),
    policy("people_signincode", NEVER),
    policy("people_person_groups", MINE, NEVER),
    policy("people_person_user_permissions", MINE, NEVER),
    policy("django_admin_log", NEVER),
    # devices
    policy("devices_site", SITE, f"person_id = {ME} OR center_id = ANY ({KNOWS})"),
    policy("devices_zone", OF_SITE),
    policy("devices_keyholder", OF_SITE),
    policy(
        "devices_device",
        f"{KEPT} OR {HERE} OR wall_owned(NULL, site_id, {CENTERS}) "
        f"OR wall_alarmed(id, person_id, site_id, {CENTERS}, {DISPATCHED})",
        KEPT,
    ),
    policy("devices_vitals", "EXISTS (SELECT FROM devices_device d WHERE d.id = device_id)"),
    # signals: one's own, and those of an incident at which one works
    policy("gates_signal", f"{MINE} OR {incident('gates_signal.incident_id', WORKING)}", NEVER),
    policy("gates_trace", NEVER),
    policy("gates_knock", NEVER),
    # incidents
    policy(
        "incidents_incident",
        f"{MINE} OR centers && {CENTERS} OR id = ANY ({DISPATCHED}) OR id = ANY ((SELECT wall_merged())::bigint[])",
        f"centers && {CENTERS} OR id = ANY ({DISPATCHED})",
        f"centers && {CENTERS}",
    ),
    policy(
        "incidents_dispatch",
        incident("incidents_dispatch.incident_id"),
        incident("incidents_dispatch.incident_id", WORKING),
    ),
    policy("incidents_note", f"author_id = {ME} OR {incident('incidents_note.incident_id', WORKING)}"),
    policy("escalation_run", incident("escalation_run.incident_id"), NEVER),
    policy("escalation_step", incident("escalation_step.incident_id"), NEVER),
    # the book: nobody writes in another's name
    policy(
        "book_entry",
        f"{HERE} OR {incident('book_entry.incident_id', f'i.centers && {CENTERS}')}",
        NEVER,
        f"({ME} IS NOT NULL AND (actor_id IS NULL OR actor_id = {ME}))",
    ),
    # messages: nobody's address but one's own
    policy("notifications_contact", MINE),
    policy("notifications_relative", MINE),
    policy(
        "notifications_delivery", f"{MINE} OR EXISTS (SELECT FROM notifications_relative r WHERE r.id = relative_id)"
    ),
    policy("notifications_partner", STAFF, NEVER),
    policy("notifications_reply", NEVER),
    policy("notifications_heard", NEVER),
    # rosters
    policy("rosters_pattern", f"{MINE} OR {HERE}", HERE),
    policy("rosters_shift", f"{MINE} OR {HERE} OR id = ANY ((SELECT wall_offered())::bigint[])"),
    policy("rosters_swap", f"to_id = {ME} OR EXISTS (SELECT FROM rosters_shift s WHERE s.id = shift_id)"),
    policy("rosters_handover", f"author_id = {ME} OR {HERE}"),
    policy("rosters_availability", f"{MINE} OR {HERE}", MINE),
    policy("rosters_feed", MINE),
    # drills
    policy("drills_drill", HERE),
    policy("drills_drillincident", "EXISTS (SELECT FROM drills_drill d WHERE d.id = drill_id)"),
)


class Migration(migrations.Migration):
    dependencies = (
        ("people", "0002_rights"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("sessions", "0001_initial"),
        ("book", "0002_append_only"),
        ("centers", "0001_initial"),
        ("devices", "0004_sites_and_numbers"),
        ("drills", "0001_initial"),
        ("escalation", "0002_plans"),
        ("gates", "0003_meters_and_traces"),
        ("incidents", "0002_drill"),
        ("notifications", "0001_initial"),
        ("rosters", "0001_initial"),
    )
    operations = (
        migrations.RunPython(roles, migrations.RunPython.noop),
        migrations.RunSQL(GRANTS, UNGRANT),
        migrations.RunPython(functions, no_functions),
        *POLICIES,
    )
