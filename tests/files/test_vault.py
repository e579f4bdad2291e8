"""Sealed files: whole, in parts, altered, cut, moved. No server."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.files import vault

PIECE, SEALED = vault.PIECE, vault.PIECE + vault.TAG


def sealed(tmp_path: Path, content: bytes, key: str) -> Path:
    path = tmp_path / "one.view"
    vault.seal(memoryview(content), path, key)
    return path


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7])
def test_what_was_sealed_is_read_whole_and_in_any_part(tmp_path: Path, size: int) -> None:
    key, content = vault.new_key(), os.urandom(size)
    file = vault.Sealed(sealed(tmp_path, content, key), key)
    assert (file.size, b"".join(file.read())) == (size, content)
    for start, end in ((0, 1), (100, PIECE + 100), (PIECE - 1, PIECE + 1), (size - 1, size + 50), (size, size + 1)):
        assert b"".join(file.read(max(0, start), end)) == content[max(0, start) : end]


def test_nothing_of_it_lies_there_in_the_clear_and_nobody_else_reads_it(tmp_path: Path) -> None:
    path = sealed(tmp_path, b"a face" * 1000, vault.new_key())
    assert b"a face" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert [p.name for p in tmp_path.iterdir()] == ["one.view"]
    with pytest.raises(vault.Tampered):
        list(vault.Sealed(path, vault.new_key()).read())


@pytest.mark.parametrize("how", ["bit", "header", "cut", "cut at a piece", "longer", "swapped", "left out", "moved"])
def test_an_altered_file_does_not_open(tmp_path: Path, how: str) -> None:
    key = vault.new_key()
    path = sealed(tmp_path, os.urandom(3 * PIECE), key)
    raw, at = bytearray(path.read_bytes()), vault.HEADER
    pieces = [raw[at + n * SEALED : at + (n + 1) * SEALED] for n in range(3)]
    if how == "bit":
        raw[5000] ^= 1
    elif how == "header":
        raw[6] ^= 1
    elif how == "cut":
        raw = raw[:-1]
    elif how == "cut at a piece":
        raw = raw[: at + 2 * SEALED]
    elif how == "longer":
        raw += pieces[0]
    elif how == "swapped":
        raw = raw[:at] + pieces[1] + pieces[0] + pieces[2]
    elif how == "left out":
        raw = raw[:at] + pieces[0] + pieces[2]
    if how == "moved":
        path = path.rename(tmp_path / "two.view")
    else:
        path.write_bytes(raw)
    with pytest.raises(vault.Tampered):
        list(vault.Sealed(path, key).read())


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=300), st.lists(st.integers(1, 40), max_size=12))
def test_a_part_grows_by_any_pieces(content: bytes, cuts: list[int]) -> None:
    import tempfile

    key = vault.new_key()
    with tempfile.TemporaryFile("w+b") as file:
        rest = content
        for cut in [*cuts, len(content)]:
            vault.Part(file, key).add(rest[:cut])  # opened anew each time, as after a kill
            rest = rest[cut:]
        assert vault.Part(file, key).content() == content
        file.seek(0)
        assert len(content) < 8 or file.read() != content
