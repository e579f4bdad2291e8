"""The book is append-only in the database itself, and every center has a head from its first moment."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION book_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The occurrence book is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book_entry
    FOR EACH STATEMENT EXECUTE FUNCTION book_is_append_only();

CREATE FUNCTION book_head_only_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.center_id = OLD.center_id AND NEW.number > OLD.number THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'A head of the occurrence book only moves forward: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER only_forward BEFORE UPDATE OR DELETE ON book_head
    FOR EACH ROW EXECUTE FUNCTION book_head_only_forward();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON book_head
    FOR EACH STATEMENT EXECUTE FUNCTION book_head_only_forward();

CREATE FUNCTION book_of_a_new_center() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO book_head (center_id, number, hash) VALUES (NEW.id, 0, decode(repeat('00', 32), 'hex'));
    RETURN NEW;
END $$;
CREATE TRIGGER new_book AFTER INSERT ON centers_center FOR EACH ROW EXECUTE FUNCTION book_of_a_new_center();
"""
BACKWARD = """
DROP TRIGGER new_book ON centers_center; DROP FUNCTION book_of_a_new_center();
DROP TRIGGER never_emptied ON book_head; DROP TRIGGER only_forward ON book_head; DROP FUNCTION book_head_only_forward();
DROP TRIGGER append_only ON book_entry; DROP FUNCTION book_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = (("book", "0001_initial"),)
    operations = (migrations.RunSQL(FORWARD, BACKWARD),)
