"""Every change of a device, its person or the network is announced to the registries on channel `registry`.

`changed_at` is the clock's time, not the transaction's start, so that a registry that looks for later changes does not
miss a slow transaction (it looks 5 s back).
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION device_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at := clock_timestamp();
    PERFORM pg_notify('registry', '');
    RETURN NEW;
END $$;
CREATE TRIGGER changed BEFORE INSERT OR UPDATE ON devices_device FOR EACH ROW EXECUTE FUNCTION device_changed();

CREATE FUNCTION registry_reload() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('registry', 'all');
    RETURN NULL;
END $$;
CREATE TRIGGER deleted AFTER DELETE ON devices_device FOR EACH STATEMENT EXECUTE FUNCTION registry_reload();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON centers_center
    FOR EACH STATEMENT EXECUTE FUNCTION registry_reload();

CREATE FUNCTION person_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE devices_device SET changed_at = clock_timestamp() WHERE person_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER changed AFTER UPDATE OF is_active, center_id, language ON people_person
    FOR EACH ROW EXECUTE FUNCTION person_changed();
"""
BACKWARD = """
DROP TRIGGER changed ON people_person; DROP FUNCTION person_changed();
DROP TRIGGER changed ON centers_center; DROP TRIGGER deleted ON devices_device; DROP FUNCTION registry_reload();
DROP TRIGGER changed ON devices_device; DROP FUNCTION device_changed();
"""


class Migration(migrations.Migration):
    dependencies = (("devices", "0001_initial"), ("people", "0001_initial"), ("centers", "0001_initial"))
    operations = (migrations.RunSQL(FORWARD, BACKWARD),)
