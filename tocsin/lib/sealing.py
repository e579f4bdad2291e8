"""For migrations: a column of plain text becomes a sealed one, row by row."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import migrations

from tocsin.lib import sealed

BATCH = 1000


def seals(table: str, columns: Sequence[str], row: Sequence[str]) -> migrations.RunPython:
    """Seal `<column>` of every row into `<column>_sealed`, and back. `row`: the columns that name a row for good."""
    return migrations.RunPython(_each(table, columns, row, _shut), _each(table, columns, row, _open))


def _shut(cursor: Any, table: str, column: str, row: str, pk: int, values: tuple[Any, Any]) -> None:
    if values[0] is not None:
        value = sealed.seal(values[0], table, row, column)
        cursor.execute(f"UPDATE {table} SET {column}_sealed = %s WHERE id = %s", [value, pk])


def _open(cursor: Any, table: str, column: str, row: str, pk: int, values: tuple[Any, Any]) -> None:
    if values[1] is not None:
        value = sealed.opened(bytes(values[1]), table, row, column)
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [value, pk])


def _each(
    table: str, columns: Sequence[str], row: Sequence[str], do: Callable[..., None]
) -> Callable[[Any, Any], None]:
    pairs = ", ".join(f"{column}, {column}_sealed" for column in columns)

    def run(apps: Any, schema_editor: Any) -> None:
        last = 0
        with schema_editor.connection.cursor() as cursor:
            while True:
                cursor.execute(
                    f"SELECT id, {', '.join(row)}, {pairs} FROM {table} WHERE id > %s ORDER BY id LIMIT {BATCH}", [last]
                )
                rows = cursor.fetchall()
                for pk, *rest in rows:
                    last, named, values = pk, sealed.row_name(*rest[: len(row)]), rest[len(row) :]
                    for n, column in enumerate(columns):
                        do(cursor, table, column, named, pk, (values[2 * n], values[2 * n + 1]))
                if len(rows) < BATCH:
                    return

    return run
