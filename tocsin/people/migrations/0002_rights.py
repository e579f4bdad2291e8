"""Every change of what somebody may see is announced on channel `rights`: open live feeds look again at once."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION rights_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('rights', '');
    RETURN NULL;
END $$;
CREATE TRIGGER rights AFTER UPDATE OR DELETE ON people_role FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();
CREATE TRIGGER rights AFTER UPDATE OR DELETE ON people_staffkey FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();
CREATE TRIGGER rights AFTER UPDATE OF is_active, password ON people_person
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();
CREATE TRIGGER rights AFTER DELETE ON django_session FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();
"""
BACKWARD = """
DROP TRIGGER rights ON django_session; DROP TRIGGER rights ON people_person;
DROP TRIGGER rights ON people_staffkey; DROP TRIGGER rights ON people_role; DROP FUNCTION rights_changed();
"""


class Migration(migrations.Migration):
    dependencies = (("people", "0001_initial"), ("sessions", "0001_initial"))
    operations = (migrations.RunSQL(FORWARD, BACKWARD),)
