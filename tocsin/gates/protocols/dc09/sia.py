"""SIA events in "SIA-DCS". Sources: SIA DC-03 (codes), DC-07 (how they are written), Ajax's list of its own codes.

    #account|Nri1/id7/BA003^text^|Atext      N new, O old; modifiers in small letters: ri area, id user, ti time, ...

The slashes may be missing. What is written between ^ ^, or *" "NM, belongs to what stands before it.
"""

import re

from tocsin.gates.protocols.dc09.codes import UNKNOWN, Event, Meaning, own, read, table

_TOKEN = re.compile(
    r"(?P<code>[A-Z]{2})(?P<zone>(?:(?![A-F]{2})[0-9A-F]){0,8})|(?P<modifier>[a-z]{2}[0-9:.,-]*)"
    r"|\^(?P<text>[^^]*)\^?|\*\"(?P<named>[^\"]*)\"(?:NM)?|(?P<other>.)",
    re.DOTALL,
)

FAMILIES = "BFGHKMPQSUWZ"  # burglary, fire, gas, hold-up, heat, medical, panic, emergency, sprinkler, any, water, frost
EVENTS = table(
    ("medical", "MA QA NA"),
    ("fire", "FA FG FM GA KA SA"),
    ("robbery", "PA"),
    ("robbery silent", "HA ND"),
    ("burglary", "BA BG BM BV DF DL EA XM"),
    ("other", "UA UG UX WA ZA"),
    ("tampering", "AA ES TA TT XS"),
    ("tamper_restored", "EJ TH TJ TR XJ"),
    ("power_cut", "AT"),
    ("power_restored", "AR RR"),
    ("low_battery", "XT YM YT"),
    ("battery_restored", "XR YR"),
    ("jamming", "XQ"),
    (
        "fault",
        "AS BD BS BT BZ CM DT EM ET EZ FS FT FW FY FZ GS GT HS HT IA KS KT LT MS MT NT OU PF PS PT QS QT RT SM SS ST "
        "US UT UY UZ WS WT XX YA YC YD YF YI YP YS YX ZS ZT",
    ),
    (
        "fault_restored",
        "AN BE BJ EN ER FJ FQ FV GJ HJ IR KJ LR MJ NR OV PJ PO QJ SJ UJ VR WJ XC YE YH YJ YK YQ YZ ZJ",
    ),
    ("message", "AB BH CR FH FL GH KH MH NS OH OL OR PH QH SH UH WH ZH"),
    ("message silent", "HH"),
    ("message fault_restored", "BR FR GR KR MR PR QR SR UR WR ZR"),
    ("message silent fault_restored", "HR"),
    ("cancel", "BC FC OC"),
    ("test", "BX FX GX RP RX TP TX"),
    ("test fault", "RY"),
    (  # openings, closings, bypasses, doors, programming, logs
        "",
        "AF BB BU CA CB CC CD CE CF CG CI CJ CK CL CO CP CQ CS CT CW CX CZ DA DB DC DD DE DG DH DI DJ DK DM DN DO "
        "DP DQ DR DS DU DV DW DX DY DZ EE EX FB FI FK FU GB GU HB HU JA JC JD JH JK JL JO JP JR JS JT JV JX JY JZ "
        "KB KU LB LD LE LF LS LU LX MB MI MU NB NC NE NF NL NM NO NP OA OB OG OI OJ OK OP OQ OS OT OZ PB PC PD PE "
        "PG PU QB QU RA RB RC RD RN RO RS RU SB SC SU TB TC TE TS TU TW TZ UB UU VI VO VT VX VY VZ WB WU XA XE XF "
        "XH XI XL XW YB YG YN YO YU YW YY ZB ZU ZY ZZ",
    ),
)


def events(data: str) -> list[Event]:
    """The events of a data field without its account, in order."""
    found: list[Event] = []
    for block in data.split("|"):
        if not block.startswith("A"):
            found += _block(block)
        elif found:
            found[-1] = found[-1]._replace(text=_joined(found[-1].text, block[1:]))
    return found


def remark(data: str) -> str | None:
    """The text of a report that holds nothing else."""
    return _joined(*(block[1:] for block in data.split("|") if block.startswith("A")))


def _block(block: str) -> list[Event]:
    """N or O, modifiers, events. The letter may be missing."""
    return (block[:1] in ("N", "O") and _events(block[1:], block[0] == "O")) or _events(block, False)


def _events(block: str, old: bool) -> list[Event]:
    found: list[Event] = []
    ours = False  # a text that follows belongs to an event, not to a modifier
    stray = False  # words outside of ^ ^ are no codes; a slash ends them
    for token in _TOKEN.finditer(block):
        text = token["text"] or token["named"]
        if token["other"]:
            stray = token["other"] != "/" and (stray or ours or not token["other"].isspace())
            ours = False
        elif token["code"] and not stray:
            found.append(Event(token["code"], token["zone"] or None, old=old))
            ours = True
        elif token["modifier"]:
            ours = False
        elif text and ours:
            found[-1] = found[-1]._replace(text=_joined(found[-1].text, text))
    return found


def _joined(*texts: str | None) -> str | None:
    return " ".join(text.strip() for text in texts if text and text.strip()) or None


def meaning(code: str, overrides: object = None) -> Meaning:
    """What "BA" means. A code that nobody knows is an alarm if it may be one, and is flagged."""
    return own(overrides, code) or read(EVENTS[code] if code in EVENTS else _unknown(code))


def _unknown(code: str) -> str:
    return f"other {UNKNOWN}" if code[1] == "A" or code[0] in FAMILIES else UNKNOWN
