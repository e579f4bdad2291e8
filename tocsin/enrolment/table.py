"""A list of members as spreadsheets write it: read from bytes, every row judged. Pure, but for numbers (phonenumbers).

Excel's ways: UTF-8 with or without a mark, UTF-16, GB18030; separated by comma, semicolon, tab or their Chinese
likes; a first line "sep=;"; numbers that lost their + or 0, or became 2.78E+10. A first line with names of columns may
stand in any order and in either language; without one the order is name, phone, language.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import msgspec
import phonenumbers

HOME = "ZA"
MOST_ROWS, MOST_BYTES = 20_000, 5 * 1024 * 1024
NAME = 120  # letters
MARKS = (b"\xff\xfe", b"\xfe\xff")  # UTF-16, as Excel's "Unicode text"
SEPARATORS = ",;\t|，；"

COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("name", "full name", "姓名", "名字", "名称", "会员", "会员姓名"),
    "phone": (
        "phone", "mobile", "cell", "cellphone", "cell phone", "number", "phone number", "telephone", "tel", "手机",
        "手机号", "手机号码", "电话", "电话号码", "联系电话", "联系方式", "号码",
    ),
    "language": ("language", "lang", "语言", "语种"),
}  # fmt: skip
LANGUAGES = {
    "zh": "zh-hans", "zh-hans": "zh-hans", "zh-cn": "zh-hans", "cn": "zh-hans", "chinese": "zh-hans", "中文": "zh-hans",
    "汉语": "zh-hans", "华语": "zh-hans", "简体中文": "zh-hans", "普通话": "zh-hans", "en": "en", "english": "en",
    "英文": "en", "英语": "en", "en-za": "en", "en-gb": "en", "en-us": "en",
}  # fmt: skip

#: What can be wrong with a row, or with the whole file, as people read it. {0}: what stands there.
WRONG: dict[str, tuple[str, str]] = {
    "no_name": ("没有姓名", "no name"),
    "long_name": ("姓名太长（最多 120 字）", "the name is too long (120 letters at most)"),
    "no_phone": ("没有手机号码", "no phone number"),
    "bad_phone": ("手机号码不对：{0}", "not a phone number: {0}"),
    "spoilt_phone": (
        "手机号码被表格软件改坏了：{0}（请把该列设为“文本”）",
        "the spreadsheet has spoilt the number: {0} (make its column “Text”)",
    ),
    "twice": ("与第 {0} 行的手机号码相同", "the same number as in row {0}"),
    "known": ("这个手机号码已经登记过", "this number is registered already"),
    "bad_language": ("不认识的语言：{0}（可写 中文 或 English）", "unknown language: {0} (write 中文 or English)"),
    "undecodable": (
        "读不出文字。请另存为“CSV UTF-8”",
        "the letters cannot be read: save the file as “CSV UTF-8”",
    ),
    "empty": ("文件里没有会员", "there are no members in the file"),
    "no_columns": (
        "找不到“姓名”和“手机”两列",
        "the columns “name” and “phone” were not found",
    ),
    "too_many": ("太多了：最多 20,000 行", "too many: 20,000 rows at most"),
    "too_big": ("文件太大：最多 5 MB", "the file is too big: 5 MB at most"),
    "not_a_table": (
        "这不是 CSV 文件。请在表格软件里另存为“CSV UTF-8”",
        "this is no CSV file: save it as “CSV UTF-8” in your spreadsheet",
    ),
}


class Wrong(Exception):
    """The whole file cannot be used; `why` is a word of WRONG."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Row(msgspec.Struct, omit_defaults=True):
    """One member of a list. `number`: its line in the file, from 1. `wrong`: (word of WRONG, what stands there)."""

    number: int
    name: str = ""
    phone: str = ""
    language: str = "zh-hans"
    wrong: list[tuple[str, str]] = []


def read(content: bytes, language: str = "zh-hans") -> list[Row]:
    """Every row that has anything in it. `language`: whose row says none. Raises Wrong."""
    if len(content) > MOST_BYTES:
        raise Wrong("too_big")
    text = decoded(content)
    lines = list(_lines(text))
    if not lines:
        raise Wrong("empty")
    order, start = _order(lines[0][1])
    if order is None:
        raise Wrong("no_columns")
    rows = [_row(number, cells, order, language) for number, cells in lines[start:]]
    if not rows:
        raise Wrong("empty")
    if len(rows) > MOST_ROWS:
        raise Wrong("too_many")
    _mark_twins(rows)
    return rows


def decoded(content: bytes) -> str:
    """The text of a file, whatever wrote it. Raises Wrong."""
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")):  # .xlsx, .xls, .pdf
        raise Wrong("not_a_table")
    if content.startswith(MARKS):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise Wrong("not_a_table")
        return text
    raise Wrong("undecodable")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every line with something in it."""
    said = re.match(r"\s*\"?sep=(.)\"?[^\S\r\n]*(?:\r\n|\r|\n|$)", text, re.IGNORECASE)
    skipped = 0
    if said:
        text, separator, skipped = text[said.end() :], said[1], 1
    else:
        first = next((line for line in text.splitlines() if line.strip()), "")
        separator = max(SEPARATORS, key=lambda s: (first.count(s), -SEPARATORS.index(s)))
    csv.field_size_limit(1_000_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    began = 1
    try:
        for cells in reader:
            tidy = [_tidy(cell) for cell in cells]
            if any(tidy):
                yield began + skipped, tidy
            began = reader.line_num + 1
    except csv.Error:
        raise Wrong("not_a_table") from None


def _tidy(cell: str) -> str:
    """Without odd spaces and invisible signs; ="082…" as spreadsheets write a text that looks like a number."""
    cell = "".join(" " if unicodedata.category(c) == "Zs" else c for c in cell if unicodedata.category(c) != "Cf")
    if quoted := re.fullmatch(r'\s*="(.*)"\s*', cell):
        cell = quoted[1]
    return " ".join(cell.split()).lstrip("'")


def _order(first: Sequence[str]) -> tuple[dict[str, int] | None, int]:
    """(column → its place, lines before the first member); (None, 0): the columns that must be there are not."""
    found: dict[str, int] = {}
    for place, cell in enumerate(first):
        word = re.sub(r"\s*[(（\[].*$", "", cell).strip(" *:：").lower()
        for column, words in COLUMNS.items():
            if word in words:
                found.setdefault(column, place)
    if "name" in found and "phone" in found:
        return found, 1
    if found or len(first) < 2:
        return None, 0
    return {"name": 0, "phone": 1, "language": 2}, 0


def _row(number: int, cells: Sequence[str], order: dict[str, int], language: str) -> Row:
    said = {column: cells[place] if place < len(cells) else "" for column, place in order.items()}
    row = Row(number, name=said["name"], language=language, wrong=[])
    if not row.name:
        row.wrong.append(("no_name", ""))
    elif len(row.name) > NAME:
        row.name = row.name[:NAME]
        row.wrong.append(("long_name", ""))
    phone = said["phone"]
    if not phone:
        row.wrong.append(("no_phone", ""))
    elif re.fullmatch(r"[\d.,]+[eE]\+?\d+", phone):
        row.phone = phone[:40]
        row.wrong.append(("spoilt_phone", phone[:40]))
    elif (proper := e164(phone)) is None:
        row.phone = phone[:40]
        row.wrong.append(("bad_phone", phone[:40]))
    else:
        row.phone = proper
    if wanted := said.get("language", ""):
        if (known := LANGUAGES.get(wanted.lower())) is None:
            row.wrong.append(("bad_language", wanted[:40]))
        else:
            row.language = known
    return row


def e164(phone: str) -> str | None:
    """The number in E.164. A country's code without its + counts where the number is none of HOME."""
    digits = re.sub(r"\.0$", "", phone)  # a number that was a number
    for text in (digits, f"+{re.sub(r'[^0-9]', '', digits)}"):
        try:
            parsed = phonenumbers.parse(text, HOME)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return None


def _mark_twins(rows: Iterable[Row]) -> None:
    """The second row with a number is wrong, and the first one named."""
    first: dict[str, int] = {}
    for row in rows:
        if not row.phone.startswith("+") or any(word.endswith("_phone") for word, _ in row.wrong):
            continue
        if row.phone in first:
            row.wrong.append(("twice", str(first[row.phone])))
        else:
            first[row.phone] = row.number


def said(wrong: Iterable[tuple[str, str]], zh: bool) -> list[str]:
    return [WRONG[word][0 if zh else 1].format(what) for word, what in wrong]
