"""A column of Django that is sealed (`lib/sealed.py`): the model has the value, the database only its ciphertext.

    class Profile(models.Model):
        person = models.OneToOneField(Person, models.CASCADE, primary_key=True)
        medical = Sealed(row=("person_id",))

`row`: the attributes that name the row for good. They must be known before the row is written, so not an automatic id.
A value is opened when it is first looked at; one that does not open raises Unopened there, and nowhere before.
`values()` gives the ciphertext; there is nothing to search in; `update()` takes only None.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import FieldError
from django.db import DataError, models
from django.db.models.lookups import Exact
from django.db.models.query_utils import DeferredAttribute

from tocsin.lib import sealed


class Ciphertext(bytes):
    """What came from the database and was not opened yet."""


class _IsNone(Exact):
    """`filter(text=None)`, of which Django makes IS NULL; nothing else can be looked for."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        if rhs is not None:
            raise FieldError("a sealed field: nothing can be searched in it")
        super().__init__(lhs, rhs)


class _Opens(DeferredAttribute):
    """The attribute: opens at the first look. With a setter, so that Python asks here even when the value is there."""

    field: "Sealed"

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        if isinstance(value, Ciphertext):
            value = sealed.opened(bytes(value), *self.field.place(instance))
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class Sealed(models.Field[Any, Any]):
    description = "Sealed with a key outside the database"
    descriptor_class = _Opens
    empty_strings_allowed = False

    def __init__(self, *args: Any, row: Sequence[str] = (), **kwargs: Any) -> None:
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)
        self.row = tuple(row)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, {**kwargs, "row": self.row}

    def get_internal_type(self) -> str:
        return "BinaryField"

    @property
    def at(self) -> tuple[str, str]:
        """Table and column."""
        return self.model._meta.db_table, str(self.column)

    def place(self, instance: Any) -> tuple[str, str, str]:
        """Table, row and field, as they are bound to the value."""
        table, column = self.at
        parts = [getattr(instance, name) for name in self.row]
        if any(part is None for part in parts):
            raise ValueError(f"{table}.{column} is sealed before its row has a name")
        return table, sealed.row_name(*parts), column

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else Ciphertext(value)

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Ciphertext):  # as it came
            return value
        if isinstance(value, str) and "\0" in value:
            raise DataError("a text cannot hold NUL")  # as in a column that is not sealed
        return Ciphertext(sealed.seal(value, *self.place(model_instance)))

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, Ciphertext):
            return value
        raise FieldError(f"{self.name} is sealed: save it with its row")

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = self.get_prep_value(value)
        return None if value is None else connection.Database.Binary(bytes(value))

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "exact":
            return _IsNone
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is sealed: nothing can be searched in it")
        return super().get_lookup(lookup_name)

    def value_to_string(self, obj: Any) -> str:
        raise FieldError(f"{self.name} is sealed: it is not dumped")


def fields() -> list[Sealed]:
    """Every sealed column of this installation."""
    from django.apps import apps

    found = [f for model in apps.get_models() for f in model._meta.concrete_fields if isinstance(f, Sealed)]
    return sorted(found, key=lambda f: f.at)
