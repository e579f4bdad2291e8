"""What trackers, pendants and watches text to the numbers that they know: no sentence, but words and numbers.

Sources (manuals): Coban TK102/103, GPS102/103/303/403 ("help me! lat:… long:… speed:… T:… bat:…", "low battery!",
"power alarm!", "stockade!", "Last:T:…"); Concox GT06 and Jimi ("SOS Alarm! <DateTime:…>, http://…q=N22.57,E113.91",
"Cut Power!", "Sensor Alarm!"); TK203 ("heip me", F:4.32V, L:3.68V); Seeworld S03 ("Battery is low, please charge");
PL630 ("Shock Alarm"); Meitrack GT30 ("Latitude = 22 32 36.63N … Speed = 2.68Km/h"); PT-3 ("SOS,…,V,16,23Km/h,61%").
"""

import re
from typing import NamedTuple

from tocsin.gates.protocols.fields import KMH, KNOT
from tocsin.gates.protocols.sms.places import URL

# What a device tells of itself, by how its text begins; none of them is a press.
STATES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"[\W_]*(?:(?:attention|warning|alert|alarm)[\W_]+)?(?:the )?(?:{pattern})"), flag)
    for pattern, flag in (
        (r"(?:low ?(?:battery|batt?|power|voltage)|batt?(?:ery)? ?(?:is |too )*low|低电|电量低)", "low_battery"),
        (
            r"(?:power alarm|cut(?:-| )?power|power ?(?:cut|lost|off|failure)|ac alarm|ext\w{1,8} power ?off|断电)",
            "power_cut",
        ),
        (r"(?:power (?:is )?(?:restored|connected)|来电)", "power_restored"),
        (r"(?:stockade|geo-?fence|out of fence)", "geofence"),
        (r"(?:mov(?:e|ed|ing|ement)|vehicle is moved)(?:$|[\W\d])", "movement"),
        (r"(?:over-?speed|speed(?: alarm| \d+)? ?!)", "overspeed"),
        (r"(?:sensor|shock|vibrat\w*) ?(?:alarm|alert|!)", "vibration"),
        (r"door (?:alarm|open)", "door"),
        (r"acc(?: alarm| ?on)(?:$|\W)", "ignition_on"),
        (r"acc ?off(?:$|\W)", "ignition_off"),
        (r"(?:no gps|gps (?:signal )?lost)", "gps_lost"),
        (r"(?:tamper\w*|dismantl\w*|拆除|防拆)", "tampering"),
        (r"(?:remov\w+|take(?:n)? ?off|drop ?off|脱落)", "removing"),
        (r"jam(?:ming|med)", "jamming"),
        (r"tow(?:ed|ing)? ?(?:alarm|alert|!)", "tow"),
        (r"sim (?:card )?(?:changed|change|removed)", "sim_changed"),
    )
)
# Without a place, only with one of these is it a device that speaks: a person may write "power off".
CERTAIN = re.compile(r"!|alarm|alert|warning|attention|imei|please charge")
ENDED = "help me ok!"  # the answer to who silenced its SOS
FALL = re.compile(r"[\W_]*(?:man ?down|fall(?:en)?(?:-| )?(?:down|alarm|alert|detected|!)|跌倒|摔倒)")
CRASH = re.compile(r"[\W_]*(?:accident|crash|collision)(?: alarm| alert)?[\W_]")

# Every word that stands in such a text beside those above; a person's sentence has others.
VOCABULARY = frozenset(
    """
    a acc accuracy address ago alarm alert altitude am attention automatically bat batt battery car charge charging
    course cut date datetime device dir direction door e ext external f fence fix geofence gprs gps gsm h heip help
    http https id imei in is it km kmh l lac last lat latitude lbs link loc location lon long longitude low map
    maps mcc me mnc mobile move moved moving mph n no of off oil ok on open out over phone please pls pm position
    power pwr s satellite satellites sensor shock sig signal sos speed stockade t tel the time too tow tracker unit
    url utc v valid vehicle vibration voltage w warning with your
    """.split()  # noqa: SIM905
)
_DATE = re.compile(r"<[^<>]{0,60}>|\bt ?: ?[\d/: -]+")
_PLUS_CODE = re.compile(r"[2-9cfghjmpqrvwx]{8}\+[2-9cfghjmpqrvwx]{0,7}")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = r"\d{1,3}(?:\.\d{1,6})?"
_SPEED = re.compile(rf"speed ?[:=]? ?({_NUMBER}) ?(km ?/ ?h|kmh|mph|knots?)?|(?<![\d.])({_NUMBER}) ?km ?/ ?h")
_BATTERY = re.compile(r"(?:bat|batt|battery|pwr|power|电量)\w{0,6}[ .]?[:=]? ?(\d{1,3}) ?%|(?<![\d.])(\d{1,3})%")
_LOW = re.compile(r"(?<![a-z])l ?: ?[23]\.\d{1,2} ?v")
_OLD = re.compile(r"(?<![a-z])last(?![a-z])|no gps|gps lost|gps ?: ?(?:v|no|invalid)|,v,")
UNITS = {"mph": 1609.344 / 3600, "knot": KNOT, "knots": KNOT}  # m/s


class Report(NamedTuple):
    """What a tracker's text holds beside its place: m/s, 0..1. `state`: what it reports of itself, as a flag."""

    machine: bool
    state: str | None
    flags: tuple[str, ...]
    speed: float | None
    battery: float | None


def read(folded: str, placed: bool) -> Report:
    """The numbers of a text, and whether a machine wrote it. `folded`: see words.fold; `placed`: it tells a place."""
    bare = _PLUS_CODE.sub(" ", _DATE.sub(" ", URL.sub(" ", folded)))
    begins = next(((match, flag) for pattern, flag in STATES if (match := pattern.match(bare))), None)
    fall, crash = FALL.match(bare), CRASH.match(bare)
    told = begins[0] if begins else fall or crash
    machine = all(word in VOCABULARY for word in _WORD.findall(bare[told.end() :] if told else bare))
    speed, battery = _speed(bare), _battery(bare, machine)
    if not machine:
        return Report(False, None, (), speed, battery)
    found = {"fall_down": fall, "crash": crash, "low_battery": _LOW.search(bare), "old_fix": _OLD.search(bare)}
    state = begins[1] if begins and (placed or CERTAIN.search(bare)) else None
    state = "sos_ended" if folded == ENDED else state
    return Report(True, state, tuple(flag for flag, there in found.items() if there), speed, battery)


def _speed(bare: str) -> float | None:
    """Of several the last: "speed 080!" names a limit before it."""
    found = _SPEED.findall(bare)
    if not found:
        return None
    said, unit, alone = found[-1]
    return float(said or alone) * UNITS.get(unit, KMH)


def _battery(bare: str, machine: bool) -> float | None:
    for match in _BATTERY.finditer(bare):
        percent = int(match[1] or match[2])
        if percent <= 100 and (match[1] or machine):
            return percent / 100
    return None
