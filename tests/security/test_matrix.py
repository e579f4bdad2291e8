"""Every address × every role: what does the door say? The whole answer is one table, `matrix.txt`, to be read.

A new address without a row fails here. `MATRIX=write pytest tests/security/test_matrix.py` writes the table as it
is; then read what changed, line by line: it is who may do what.

A cell: the status of a GET. `in` for a verb: the door is open (done, or refused for what was sent, not for who sent
it). `sign`: sent to the sign-in. What a role does not know is not there: 404.
"""

import os
import re
from pathlib import Path

import pytest

from tests.security.walk import EDGE, ROLES, TABLE, Asked, kept, written

pytestmark = pytest.mark.timeout(400)  # the first of them walks through everything


def test_every_address_and_every_role(answers: list[Asked]) -> None:
    found: dict[str, dict[str, str]] = {}
    for each in answers:
        found.setdefault(each.row, {})[each.role] = each.cell
    found = {row: {role: cells[role] for role in ROLES} for row, cells in found.items()}
    if os.environ.get("MATRIX") == "write":
        head = [line for line in TABLE.read_text().splitlines() if line.startswith("#")] if TABLE.exists() else []
        TABLE.write_text("".join(f"{line}\n" for line in head) + written(found))
    expected = kept()
    broken = [each for each in answers if each.cell in ("429", "500", "502", "503")]
    assert not broken, broken
    assert not found.keys() - expected.keys(), "an address without a row: who may do what there?"
    assert not expected.keys() - found.keys(), "a row without an address"
    wrong = [
        f"{row}: {role} got {said}, and should get {expected[row][role]}"
        for row, cells in found.items()
        for role, said in cells.items()
        if said != expected[row][role]
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_edge_answers_nothing_besides() -> None:
    """What is answered before Django is in no table of contents: the addresses are read from its source."""
    from tocsin.edge import hooks, uploads

    source = Path(hooks.__file__).with_name("app.py").read_text()
    known = {*re.findall(r'"(/[a-z]+/?)"', source), hooks.PREFIX, uploads.PREFIX}
    asked = [row.split(" ")[1] for row in EDGE]
    assert [prefix for prefix in known if not any(path.startswith(prefix) for path in asked)] == []
    assert [path for path in asked if not path.startswith(tuple(known))] == []
