"""Registries hear of a changed site or zone; the phone number of a person is a device that texts come from."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION site_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE devices_device SET changed_at = clock_timestamp() WHERE site_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER changed AFTER UPDATE ON devices_site FOR EACH ROW EXECUTE FUNCTION site_changed();

CREATE FUNCTION zone_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE devices_device SET changed_at = clock_timestamp() WHERE site_id = OLD.site_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE devices_device SET changed_at = clock_timestamp() WHERE site_id = NEW.site_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON devices_zone FOR EACH ROW EXECUTE FUNCTION zone_changed();

CREATE FUNCTION number_of_person(owner bigint, number text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO devices_device (protocol, identifier, name, person_id, settings, pressed, created_at, changed_at)
    VALUES ('sms', number, '', owner, '{}', false, clock_timestamp(), clock_timestamp())
    ON CONFLICT (protocol, identifier) DO UPDATE
    SET person_id = excluded.person_id, site_id = NULL, center_id = NULL, revoked_at = NULL
$$;
CREATE FUNCTION number_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        UPDATE devices_device SET revoked_at = clock_timestamp()
        WHERE protocol = 'sms' AND identifier = OLD.phone AND person_id = NEW.id;
    END IF;
    IF NEW.phone IS NOT NULL THEN
        PERFORM number_of_person(NEW.id, NEW.phone);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER number_is_new AFTER INSERT ON people_person FOR EACH ROW EXECUTE FUNCTION number_changed();
CREATE TRIGGER number_changed AFTER UPDATE OF phone ON people_person
    FOR EACH ROW WHEN (OLD.phone IS DISTINCT FROM NEW.phone) EXECUTE FUNCTION number_changed();
SELECT number_of_person(id, phone) FROM people_person WHERE phone IS NOT NULL;
"""
BACKWARD = """
DROP TRIGGER number_changed ON people_person; DROP TRIGGER number_is_new ON people_person;
DROP FUNCTION number_changed(); DROP FUNCTION number_of_person(bigint, text);
DROP TRIGGER changed ON devices_zone; DROP FUNCTION zone_changed();
DROP TRIGGER changed ON devices_site; DROP FUNCTION site_changed();
"""


class Migration(migrations.Migration):
    dependencies = (("devices", "0003_sites_and_vitals"), ("people", "0002_rights"))
    operations = (migrations.RunSQL(FORWARD, BACKWARD),)
