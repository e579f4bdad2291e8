"""The backend itself (Django looks for `base` in the package that ENGINE names)."""

from typing import Any

from django.db.backends.postgresql import base

from tocsin.database import WEB
from tocsin.lib.wall import Standing


class DatabaseWrapper(base.DatabaseWrapper):
    """`standing` is None where no wall is: as the owner, and as the role of the services."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standing = Standing() if self.settings_dict["USER"] == WEB else None
        if self.standing is not None:
            self.execute_wrappers.append(self.standing.before)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._doubt()
        return super().get_new_connection(conn_params)

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._doubt()  # PostgreSQL took back what was set inside the transaction

    def _savepoint_rollback(self, sid: str) -> None:
        try:
            super()._savepoint_rollback(sid)  # type: ignore[misc]
        finally:
            self._doubt()

    def _doubt(self) -> None:
        if self.standing is not None:
            self.standing.told = None
