"""docs/security.md names code and tests: they are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_what_the_threat_model_names_is_there() -> None:
    page = (ROOT / "docs/security.md").read_text()
    named = set(re.findall(r"`([a-z_]+/[a-z_/]*(?:\.py)?|test_[a-z_]+\.py)`", page))
    assert len(named) > 50
    places = [ROOT / "tocsin", ROOT / "tests", ROOT]
    assert [name for name in sorted(named) if not any((place / name).exists() for place in places)] == []
    linked = re.findall(r"\]\(([^)#]+)\)", page)
    assert [link for link in linked if not (ROOT / "docs" / link).exists()] == []
