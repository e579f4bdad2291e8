"""Statements that whoever holds the transaction carries out."""

from collections.abc import Iterable
from typing import Any

Statement = tuple[str, tuple[Any, ...]]


def array(values: Iterable[object]) -> str:
    """A PostgreSQL array of ids or UUIDs as text: far cheaper than adapting a list."""
    return "{" + ",".join(map(str, values)) + "}"
