"""Sealing: what goes in comes out at its own place, and nowhere else and not altered in any bit."""

import base64
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.lib import sealed
from tocsin.lib.sealed import Malformed, Unopened, opened, row_name, seal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
PLACE = "profiles_profile", "17", "wishes"


def key(id_: str) -> str:
    return f"{id_}:{base64.b64encode(os.urandom(32)).decode()}"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sealed.ENVIRONMENT, f"{key('a')},{key('b')}")


anyhow = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@anyhow
@given(JSON, NAMES, NAMES, NAMES)
def test_what_is_sealed_opens_at_its_place(value: Any, table: str, row: str, field: str) -> None:
    hidden = seal(value, table, row, field)
    assert opened(hidden, table, row, field) == value
    assert seal(value, table, row, field) != hidden, "a nonce of its own each time"


@anyhow
@given(st.text(min_size=1), st.integers(0), st.integers(1, 255))
def test_any_altered_byte_keeps_it_shut(value: str, place: int, difference: int) -> None:
    hidden = bytearray(seal(value, *PLACE))
    hidden[place % len(hidden)] ^= difference
    with pytest.raises(Unopened):
        opened(bytes(hidden), *PLACE)


@anyhow
@given(st.text(), st.integers(0))
def test_cut_off_or_lengthened_it_stays_shut(value: str, length: int) -> None:
    hidden = seal(value, *PLACE)
    for other in (hidden[: length % len(hidden)], hidden + b"\0", b"\0" + hidden, b""):
        with pytest.raises(Unopened):
            opened(other, *PLACE)


@anyhow
@given(st.tuples(NAMES, NAMES, NAMES), st.tuples(NAMES, NAMES, NAMES))
def test_moved_to_another_table_row_or_field_it_stays_shut(here: Any, there: Any) -> None:
    hidden = seal("O+", *here)
    if here == there:
        assert opened(hidden, *there) == "O+"
        return
    with pytest.raises(Unopened):
        opened(hidden, *there)


@anyhow
@given(st.binary(max_size=200))
def test_no_bytes_whatever_do_anything_else_than_stay_shut(junk: bytes) -> None:
    with pytest.raises(Unopened):
        opened(junk, *PLACE)


def test_the_ciphertext_does_not_show_the_words() -> None:
    hidden = seal("penicillin 青霉素", *PLACE)
    assert b"penicillin" not in hidden and "青霉素".encode() not in hidden


def test_another_keys_words_stay_shut_and_the_error_names_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = seal("x", *PLACE)
    assert sealed.key_of(hidden) == "a"
    monkeypatch.setenv(sealed.ENVIRONMENT, key("c"))
    with pytest.raises(Unopened) as error:
        opened(hidden, *PLACE)
    assert error.value.key == "a"
    monkeypatch.setenv(sealed.ENVIRONMENT, key("a"))  # the same id, another key
    with pytest.raises(Unopened):
        opened(hidden, *PLACE)


def test_the_first_key_seals_and_all_open(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = key("old"), key("new")
    monkeypatch.setenv(sealed.ENVIRONMENT, old)
    before = seal("x", *PLACE)
    monkeypatch.setenv(sealed.ENVIRONMENT, f" {new}\n{old} ")
    after = seal("x", *PLACE)
    assert [sealed.key_of(each) for each in (before, after)] == ["old", "new"]
    assert opened(before, *PLACE) == opened(after, *PLACE) == "x"
    assert after.startswith(sealed.prefix()) and not before.startswith(sealed.prefix())


@pytest.mark.parametrize(
    "text", ["", "a", "a:", "a:AAAA", "a b:", f"{'x' * 33}:{'A' * 43}=", ":" + "A" * 43 + "=", "钥:" + "A" * 43 + "="]
)
def test_a_malformed_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(Malformed) as error:
        sealed.read(text)
    assert "AAAA" not in str(error.value)


def test_two_keys_of_one_name_are_refused() -> None:
    with pytest.raises(Malformed):
        sealed.read(f"{key('a')},{key('a')}")


def test_a_row_is_named_by_what_never_changes() -> None:
    assert row_name(7, b"\x01\xff") == row_name(7, memoryview(b"\x01\xff")) == "7:01ff"


def test_the_file_is_made_once_and_only_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(sealed.ENVIRONMENT)
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path))
    hidden = seal("x", *PLACE)
    file = tmp_path / sealed.FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first = file.read_text()
    assert opened(hidden, *PLACE) == "x" and file.read_text() == first


def test_a_new_key_is_taken_at_once_and_the_old_one_opens_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(sealed.ENVIRONMENT)
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path))
    before = seal("x", *PLACE)
    made = sealed.add_key()
    assert sealed.key_of(seal("y", *PLACE)) == made and opened(before, *PLACE) == "x"
    assert stat.S_IMODE((tmp_path / sealed.FILE).stat().st_mode) == 0o600
    assert not sealed.drop_key(made), "the first one stays"
    assert sealed.drop_key(sealed.key_of(before))
    with pytest.raises(Unopened):
        opened(before, *PLACE)


def test_a_file_that_vanishes_is_not_replaced_by_another_set_of_keys(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(sealed.ENVIRONMENT)
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path))
    before = seal("x", *PLACE)
    (tmp_path / sealed.FILE).unlink()
    assert opened(before, *PLACE) == "x" and sealed.key_of(seal("y", *PLACE)) == sealed.key_of(before)
    assert not (tmp_path / sealed.FILE).exists()
