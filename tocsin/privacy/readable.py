"""An export as one page of HTML that needs nothing else: no script, no network."""

from datetime import datetime
from html import escape
from typing import Any

from tocsin.lib.words import Language, in_language, word
from tocsin.privacy.erasers import LABELS, Section

WORDS: dict[str, tuple[str, str]] = {
    "title": ("我的资料", "My data"),
    "made": ("申请于 {at} UTC。以下是系统保存的关于您的全部资料；data.json 是同样内容的机器可读版本。",
             "Asked for on {at} UTC. This is all that is kept about you; data.json says the same for machines."),
    "none": ("没有记录", "Nothing is kept"),
    "files": ("文件", "Files"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "contents": ("目录", "Contents"),
    "rights": ("更正、删除或投诉，请联系您的警民中心。", "To correct or erase data, or to complain, ask your center."),
}  # fmt: skip
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "h2{margin-top:2rem;border-bottom:1px solid #ccc}dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;"
    "gap:.1rem 1rem;margin:0 0 1rem;padding:.6rem;border:1px solid #ddd;border-radius:.4rem}dt{color:#555}"
    "dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}"
)


def page(name: str, at: datetime, sections: list[Section], language: Language) -> str:
    zh = language == "zh-hans"
    w = {key: pair[0 if zh else 1] for key, pair in WORDS.items()}
    titles = [(s, s.title[0 if zh else 1]) for s in sections]
    contents = "".join(f'<li><a href="#{escape(s.name)}">{escape(t)} ({len(s.rows)})</a></li>' for s, t in titles)
    body = "".join(_section(s, t, w, language) for s, t in titles)
    return (
        f'<!doctype html><html lang="{"zh-Hans" if zh else "en"}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{w["title"]}</title>'
        f"<style>{STYLE}</style></head><body><h1>{w['title']}: {escape(name)}</h1>"
        f"<p>{w['made'].format(at=f'{at:%Y-%m-%d %H:%M}')}</p><p>{w['rights']}</p>"
        f"<h2>{w['contents']}</h2><ul>{contents}</ul>{body}</body></html>"
    )


def _section(section: Section, title: str, w: dict[str, str], language: Language) -> str:
    rows = "".join(f"<dl>{_row(row, w, language)}</dl>" for row in section.rows)
    files = "".join(f'<li><a href="files/{escape(f.name)}">{escape(f.name)}</a></li>' for f in section.files)
    files = f"<h3>{w['files']}</h3><ul>{files}</ul>" if files else ""
    none = f"<p>{w['none']}</p>"
    return f'<h2 id="{escape(section.name)}">{escape(title)}</h2>{rows or none}{files}'


def _row(row: dict[str, Any], w: dict[str, str], language: Language) -> str:
    return "".join(f"<dt>{escape(name(k, language))}</dt><dd>{_value(v, w, language)}</dd>" for k, v in row.items())


def name(field: str, language: Language) -> str:
    """What a field is called; its name in the code where nobody called it anything."""
    pair = LABELS.get(field)
    return word(field, language) if pair is None else in_language(pair, language)


def _value(value: Any, w: dict[str, str], language: Language) -> str:
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return w["yes" if value else "no"]
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, dict):
        return escape("; ".join(f"{name(str(k), language)}: {_plain(v, language)}" for k, v in value.items()))
    if isinstance(value, list | tuple):
        return escape("; ".join(_plain(v, language) for v in value))
    return escape(_plain(value, language))


def _plain(value: Any, language: Language) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name(str(k), language)}: {_plain(v, language)}" for k, v in value.items())
    return word(value, language) if isinstance(value, str) else str(value)
