"""Lists as spreadsheets write them: every encoding, separator and spoilt number; no bytes break the reader."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.enrolment import table
from tocsin.enrolment.table import Row, Wrong, read

PEOPLE = [("张伟", "+27825550101", "中文"), ("Thandi Nkosi", "+27825550102", "English"), ("李, 娜", "+27825550103", "")]


def written(rows: Any, separator: str = ",", head: Any = ("姓名", "手机", "语言"), end: str = "\r\n") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator=end)
    if head:
        writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue()


def good(rows: list[Row]) -> list[tuple[str, str, str]]:
    assert all(not row.wrong for row in rows), rows
    return [(row.name, row.phone, row.language) for row in rows]


EXPECTED = [
    ("张伟", "+27825550101", "zh-hans"), ("Thandi Nkosi", "+27825550102", "en"), ("李, 娜", "+27825550103", "zh-hans"),
]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_encoding_and_separator_reads_the_same(encoding: str, separator: str) -> None:
    assert good(read(written(PEOPLE, separator).encode(encoding))) == EXPECTED
    assert good(read(f"sep={separator}\r\n{written(PEOPLE, separator)}".encode(encoding))) == EXPECTED


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_one(end: str) -> None:
    assert good(read(written(PEOPLE, end=end).encode())) == EXPECTED


def test_columns_in_any_order_and_language_or_without_names() -> None:
    rows = [("English", "x", "082 555 0101", "Ann")]
    found = read(written(rows, head=("Language", "Notes", "Cell phone", "Full name")).encode())
    assert good(found) == [("Ann", "+27825550101", "en")]
    assert good(read(written(PEOPLE, head=None).encode())) == EXPECTED
    assert good(read("姓名（必填）,手机号码*\n王芳,0825550101\n".encode())) == [("王芳", "+27825550101", "zh-hans")]


@pytest.mark.parametrize(
    "phone",
    ["0825550101", "825550101", "27825550101", "+27 82 555 0101", "0027 82-555-0101", '"=""0825550101"""',
     "'0825550101", "０８２５５５０１０１", "825550101.0", "\u200e+27825550101"],
)  # fmt: skip
def test_a_number_as_spreadsheets_leave_it(phone: str) -> None:
    assert good(read(f"name,phone\nAnn,{phone}\n".encode())) == [("Ann", "+27825550101", "zh-hans")]


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (",0825550101", "no_name"), ("Ann,", "no_phone"), ("Ann,12", "bad_phone"), ("Ann,2.78256E+10", "spoilt_phone"),
        ("Ann,0825550101,Klingon", "bad_language"), (f"{'x' * 121},0825550101", "long_name"), ("Ann,hi", "bad_phone"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_of_the_row_in_both_languages(line: str, wrong: str) -> None:
    (row,) = read(f"name,phone,language\n\n{line}\n".encode())
    assert (row.number, [word for word, _ in row.wrong]) == (3, [wrong])
    zh, en = table.said(row.wrong, True), table.said(row.wrong, False)
    assert zh and en and zh != en and "{" not in zh[0] + en[0]


def test_a_number_twice_names_the_first_row() -> None:
    rows = read(b"name,phone\nAnn,0825550101\nBen,0825550102\nEve,+27 82 555 0101\n")
    assert [row.wrong for row in rows] == [[], [], [("twice", "2")]]


def test_a_name_over_two_lines_keeps_the_lines_of_the_file() -> None:
    rows = read(b'name,phone\n"Ann\nLee",0825550101\nBen,12\n')
    assert [(row.number, row.name) for row in rows] == [(2, "Ann Lee"), (4, "Ben")]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"), (b"\n\n , ,\n", "empty"), (b"name,phone\n", "empty"), (b"PK\x03\x04....", "not_a_table"),
        (b"\xd0\xcf\x11\xe0....", "not_a_table"), (b"a\0b,c\n", "not_a_table"), (b"\xff\xff\xff", "undecodable"),
        (b"name\nAnn\n", "no_columns"), (b"phone,address\n1,2\n", "no_columns"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused_whole(content: bytes, why: str) -> None:
    with pytest.raises(Wrong) as error:
        read(content)
    assert error.value.why == why and table.WRONG[why]


def test_too_many_and_too_big() -> None:
    with pytest.raises(Wrong) as error:
        read(b"name,phone\n" + b"a,0825550101\n" * (table.MOST_ROWS + 1))
    assert error.value.why == "too_many"
    with pytest.raises(Wrong) as error:
        read(b"x" * (table.MOST_BYTES + 1))
    assert error.value.why == "too_big"


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    try:
        rows = read(content)
    except Wrong as error:
        assert error.why in table.WRONG
        return
    for row in rows:
        assert row.wrong or (row.name and row.phone.startswith("+")), row
        assert table.said(row.wrong, True) is not None


NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=30)


@settings(deadline=None)
@given(
    st.lists(st.tuples(NAMES, st.integers(0, 9_999_999)), min_size=1, max_size=20, unique_by=lambda r: r[1]),
    st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
)  # fmt: skip
def test_whatever_is_written_is_read_again(people: Any, separator: str, encoding: str) -> None:
    rows = [(name, f"+2782{number:07d}") for name, number in people]
    found = read(written(rows, separator, ("name", "phone")).encode(encoding))
    assert [row.phone for row in found] == [phone for _, phone in rows]
    assert [row.name for row in found] == [name for name, _ in rows]
