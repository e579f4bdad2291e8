"""What a staff key must be allowed for each call: read, act, manage, report. The role decides besides.

    read     look: incidents, the book, lists, the live feed
    act      work: on incidents, on one's own shifts, hand-overs and contacts
    manage   change how a center is set up: devices, sites, plans, rosters, drills
    report   take out what was gathered about people: reports of drills, exports

A call that nobody thought of here needs `read` to look and `manage` to change anything.
"""

import re
from typing import Any

from ninja import NinjaAPI

from tocsin.lib.words import Language, in_language
from tocsin.people.keys import SCOPES
from tocsin.people.staff_keys import SAID

ROOT = "/api/v1"
LOOKS = ("GET", "HEAD", "OPTIONS")
#: The first that fits: methods ("" for any), the path behind ROOT with `{…}` for its values, the scope.
RULES: tuple[tuple[str, str, str], ...] = (
    ("", r"/drills/[^/]+/report.*", "report"),
    ("", r"/(exports?|statistics)(/.*)?", "report"),
    ("GET", r".*", "read"),
    ("", r"/plans/simulate", "read"),
    ("", r"/incidents(/.*)?", "act"),
    ("", r"/(contacts|push|swaps|handovers|calendar|availability)(/.*)?", "act"),
    ("", r"/shifts/[^/]+/(offer|swap)", "act"),
    ("", r".*", "manage"),
)
LACKS = ("这个密钥不能用于此：缺少 {scope}", "This key is not for that: it lacks {scope}")


def scope_of(method: str, path: str) -> str:
    """`path` with or without ROOT."""
    rest = path.removeprefix(ROOT)
    method = "GET" if method in LOOKS else method
    return next(scope for only, shape, scope in RULES if only in ("", method) and re.fullmatch(shape, rest))


def lacks(scope: str, language: Language) -> str:
    return in_language(LACKS, language).format(scope=scope)


class Api(NinjaAPI):
    """The API, whose document names the scope of each call (OpenAPI 3.1: the list behind a security scheme)."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self._documents: dict[str, Any] = {}

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> Any:
        """Made once: it takes a fifth of a second, and anybody may ask for it."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._documents:
            self._documents[prefix] = self._document(prefix)
        return self._documents[prefix]

    def _document(self, prefix: str) -> Any:
        document = super().get_openapi_schema(path_prefix=prefix)
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                scope = scope_of(method.upper(), path)
                operation["x-scope"] = scope
                for each in operation.get("security", ()):
                    if "StaffKeyAuth" in each:
                        each["StaffKeyAuth"] = [scope]
        scheme = document.get("components", {}).get("securitySchemes", {}).get("StaffKeyAuth")
        if scheme is not None:
            said = "; ".join(f"{name}: {SAID[name][1]}" for name in SCOPES)
            scheme["description"] = (
                f"A staff key, made at /desk/keys/ for some scopes and a year at most. {said}. A key made before there "
                "were scopes has them all. Without the scope of a call: 403, `reason` out_of_scope, `scope`."
            )
        return document
