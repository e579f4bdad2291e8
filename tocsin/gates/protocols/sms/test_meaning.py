"""What a text means: the examples of the README, places in every form, trackers, and our app's own text."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tocsin.gates.protocols.sms import places
from tocsin.gates.protocols.sms.meaning import signal
from tocsin.gates.protocols.sms.message import clean
from tocsin.gates.protocols.sms.words import KINDS
from tocsin.gates.signal import ALARMS, Signal

FOLDER = Path(__file__).parent
WEB = FOLDER.parents[3] / "web" / "src" / "app"


def spot(said: Signal) -> tuple[float, float]:
    assert said.position
    return round(said.position.lat, 5), round(said.position.lon, 5)


# What a text means --------------------------------------------------------------------------------------------


def examples() -> list[tuple[str, str]]:
    """The table of README.md."""
    return re.findall(r"^\| `(.+)` \| ([a-z_ ]+) \|$", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE)


def test_the_readme_has_examples_in_both_languages() -> None:
    texts = [text for text, _ in examples()]
    assert len(texts) > 60
    assert sum(text.isascii() for text in texts) > 25 < sum(not text.isascii() for text in texts)


@pytest.mark.parametrize(("text", "means"), examples())
def test_the_examples_of_the_readme(text: str, means: str) -> None:
    kind, _, more = means.partition(" ")
    said = signal(text)
    assert said.kind == kind
    if kind == "heartbeat":
        assert said.flags == (more,)
    else:
        assert (said.alarm or "", said.text) == (more, text)


@pytest.mark.parametrize(("text", "means"), [pair for pair in examples() if not pair[1].startswith("heartbeat")])
def test_case_width_spaces_and_punctuation_change_nothing(text: str, means: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    for other in (text.upper(), text.lower(), wide, f"  {text}\n", f"{text} !!", f"…{text}。"):
        assert (signal(other).kind, signal(other).alarm) == (signal(text).kind, signal(text).alarm), other


def test_words_of_the_network_alarm_too() -> None:
    own = "Code Red，红色警报, help"
    assert signal("code red at gate 3", own=own).kind == signal("这里红色警报", own=own).kind == "alarm"
    assert signal("code reddish", own=own).kind == signal("code red").kind == "message"
    assert signal("hello", own=" , ，").kind == "message"


def test_every_kind_of_alarm_has_words() -> None:
    assert set(KINDS) == set(ALARMS)


def test_the_first_kind_that_is_named_counts() -> None:
    assert signal("SOS fire, and they robbed us").alarm == "fire"
    assert signal("no fire but a robbery").alarm == "robbery"


@given(st.text(max_size=200))
@example("\u0130stanbul")
@example("\u1f600 ﷺ")
def test_any_text_means_something_and_is_kept_whole(text: str) -> None:
    text = clean(text)
    said = signal(text)
    if said.kind in ("alarm", "cancel", "test", "message"):
        assert said.text == (text or None)
    assert said.kind != "message" or text
    assert said.position is None or (abs(said.position.lat) <= 90 and abs(said.position.lon) <= 180)
    assert said.battery is None or 0 <= said.battery <= 1


@given(st.sampled_from(["SOS", "sos!", "救命", "求助", "报警", "HELP!"]), st.text(max_size=80), st.booleans())
def test_a_call_for_help_is_never_lost_among_other_words(call: str, rest: str, before: bool) -> None:
    said = signal(clean(f"{call}\n{rest}" if before else f"{rest}\n{call}"))
    assert said.kind in ("alarm", "test", "cancel")


@given(st.text("abcdefg hijk0123456789\n.,!", max_size=60))
def test_what_names_no_danger_is_no_alarm(text: str) -> None:
    assert signal(clean(text)).kind in ("message", "heartbeat", "position")


# Places -------------------------------------------------------------------------------------------------------

FORMS = (
    "http://maps.google.com/maps?q={lat:.6f},{lon:.6f}",
    "SOS\nhttp://maps.google.com/maps?f=q&q={lat:.6f},{lon:.6f}&z=16",
    "http://maps.google.com/maps?f=q&hl=en&q={lat:.6f},{lon:.6f}&ie=UTF8&z=16",
    "https://maps.google.com/maps?q={lat:+.6f},{lon:+.6f}",
    "see https://www.google.com/maps/search/?api=1&query={lat:.6f}%2C{lon:.6f}",
    "https://www.google.com/maps/place/A/@1.1,2.2,17z/data=!4m5!3m4!1s0!8m2!3d{lat:.6f}!4d{lon:.6f}",
    "https://www.google.com/maps/@{lat:.6f},{lon:.6f},17z",
    "https://maps.apple.com/?ll={lat:.6f},{lon:.6f}&q=Pin",
    "https://www.openstreetmap.org/?mlat={lat:.6f}&mlon={lon:.6f}#map=16/1.1/2.2",
    "https://waze.com/ul?ll={lat:.6f},{lon:.6f}&navigate=yes",
    "http://maps.google.com/maps?q={ns}{alat:.6f},{ew}{alon:.6f}",
    "geo:{lat:.6f},{lon:.6f}",
    "geo:0,0?q={lat:.6f},{lon:.6f}(Here)",
    "lat:{lat:.6f} long:{lon:.6f} speed:0.00",
    "Lat:{ns}{alat:.6f},Lon:{ew}{alon:.6f},Course:42.20",
    "latitude = {lat:.6f}; longitude = {lon:.6f}",
    "纬度：{lat:.6f}，经度：{lon:.6f}",
    "{ns}{alat:.6f},{ew}{alon:.6f}",
    "{ns} {alat:.6f} {ew} {alon:.6f}",
    "{alat:.6f}{ns} {alon:.6f}{ew}",
    "{alat:.6f}° {ns}, {alon:.6f}° {ew}",
    "we are at {lat:.6f},{lon:.6f} now",
    "{lat:.6f}，{lon:.6f}",
    "{lat:.6f} {lon:.6f}",
)


@pytest.mark.parametrize("form", FORMS)
@given(st.floats(-89.9, 89.9), st.floats(-179.9, 179.9))
def test_a_place_is_read_in_every_usual_form(form: str, lat: float, lon: float) -> None:
    if round(lat, 6) == round(lon, 6) == 0:
        return
    text = form.format(
        lat=lat, lon=lon, alat=abs(lat), alon=abs(lon), ns="S" if lat < 0 else "N", ew="W" if lon < 0 else "E"
    )
    found = places.find(text)
    assert found, text
    assert (found.lat, found.lon) == pytest.approx((lat, lon), abs=1e-5)


def test_degrees_minutes_seconds_nmea_and_plus_codes() -> None:
    for text, lat, lon in (
        ("Latitude = 22 32 36.63N Longitude = 114 04 57.37E, Speed = 2.6854Km/h", 22.543508, 114.082603),
        ("26°06'12\"S 28°03'00\"E", -26.103333, 28.05),
        ("26° 6.2' S, 28° 3.0' E", -26.103333, 28.05),
        ("$GPRMC,161509.000,A,2232.5485,N,11404.6887,E,0.3,153.7,290709,,*03", 22.542475, 114.078145),
        ("I am at 5G6C762H+RP, second floor", -25.747938, 28.229313),
        ("5g6c762h+rp", -25.747938, 28.229313),
    ):
        found = places.find(text)
        assert found, text
        assert (found.lat, found.lon) == pytest.approx((lat, lon), abs=2e-5), text
    assert places.find("geo:-26.1,28.05;u=35").accuracy == 35  # type: ignore[union-attr]
    assert places.find("5G6C762H+RP").accuracy == pytest.approx(7, abs=0.5)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "V29J+R9 Pretoria",
        "5G000000+",
        "in 2.5 hours, 3.5 at most",
        "R 26.10 or 28.05",
        "call 082 123 4567",
        "192.168.100.200 8.8.8.8",
        "https://uri.amap.com/marker?position=28.04731,26.20410",
        "https://map.qq.com/?ll=26.20410,28.04731",
        "https://maps.app.goo.gl/abcDEF12345",
        "https://maps.google.com/?q=12,Main+Road",
        "lat:91.5 long:28.2",
        "geo:0,0",
    ],
)
def test_what_is_no_place_is_none(text: str) -> None:
    assert places.find(text) is None


# Trackers -----------------------------------------------------------------------------------------------------


def test_cobans_help_me_has_all_that_it_says() -> None:
    said = signal("help me!\nlat:-26.107450 long:28.056010\nspeed:36.00 T:26/11/23 10:30\nbat:80%\nPwr: ON Door: OFF")
    assert (said.kind, said.alarm, said.battery, spot(said)) == ("alarm", None, 0.8, (-26.10745, 28.05601))
    assert said.position and said.position.speed == pytest.approx(10)
    assert said.text and said.text.startswith("help me!\nlat") and said.at is None


@pytest.mark.parametrize(
    ("text", "kind", "flags"),
    [
        ("SOS Alarm! <DateTime:11-06-17 14:53:06>, http://maps.google.com/maps?q=S26.5,E28.1", "alarm", ()),
        ("sos! http://maps.google.com/maps?q=-26.5,28.1", "alarm", ()),
        ("lat: -26.5 long: 28.1 speed:85.60 28/10/09 03:33 F:4.32V,0, Signal:F heip me imei:359 05", "alarm", ()),
        ("SOS,110727 02:48,V,16,23Km/h,61%,http://maps.google.com/maps?q=-26.5,28.1", "alarm", ("old_fix",)),
        ("help me! Last:T:26/11/23 10:30 http://maps.google.com/maps?f=q&q=-26.5,28.1&z=16", "alarm", ("old_fix",)),
        ("fall alert! lat:-26.5 long:28.1", "alarm", ("fall_down",)),
        ("Accident! lat:-26.5 long:28.1", "alarm", ("crash",)),
        ("low battery! lat:-26.5 long:28.1 bat:10%", "position", ("low_battery",)),
        ("lat: -26.5 long: 28.1 speed:0.00 28/10/09 03:33 L:3.68V,0, Signal:F imei:359", "position", ("low_battery",)),
        ("power alarm! lat:-26.5 long:28.1", "position", ("power_cut",)),
        (
            "Cut Power! <DateTime:10-11-23 23:42:51> http://maps.google.com/maps?q=S26.5,E28.1",
            "position",
            ("power_cut",),
        ),
        ("cut power alert http://maps.google.com/maps?q=S26.5,E28.1", "position", ("power_cut",)),
        ("stockade! lat:-26.5 long:28.1", "position", ("geofence",)),
        ("move! lat:-26.5 long:28.1", "position", ("movement",)),
        (
            "Attention! The vehicle is moved. <DateTime:1>http://maps.google.com/maps?q=S26.5,E28.1",
            "position",
            ("movement",),
        ),
        ("speed 080! lat:-26.5 long:28.1 speed:95.4", "position", ("overspeed",)),
        ("Sensor Alarm !<Date Time:11-06-17> http://maps.google.com/maps?q=S26.5,E28.1", "position", ("vibration",)),
        ("no gps! Last: lat:-26.5 long:28.1", "position", ("gps_lost", "old_fix")),
        ("Lat:S26.5,Lon:E28.1,Course:42.20,Speed:0.0740,DateTime:10-11-23 22:28:51", "position", ()),
    ],
)
def test_what_trackers_text(text: str, kind: str, flags: tuple[str, ...]) -> None:
    said = signal(text)
    assert (said.kind, said.flags, spot(said)) == (kind, flags, (-26.5, 28.1))


def test_speed_and_battery_in_their_units() -> None:
    said = signal("SOS,110727 02:48,A,16,23Km/h,61%,http://maps.google.com/maps?q=-26.5,28.1")
    assert said.position and said.position.speed == pytest.approx(23 / 3.6)
    assert said.battery == 0.61
    over = signal("speed 080! lat:-26.5 long:28.1 speed:95.4").position
    assert over and over.speed == pytest.approx(95.4 / 3.6)
    assert signal("50% sure that they left").battery is None


def test_a_persons_words_are_no_devices_report() -> None:
    for text in ("power off", "move", "low battery", "door open", "Low battery, I will be at the shop at 5"):
        assert signal(text).kind == "message", text


# Our app's own text -------------------------------------------------------------------------------------------


def app_words() -> list[tuple[str, str, str]]:
    """Language, kind and name of each alarm, as the app writes them; and its template."""
    source = (WEB / "words.ts").read_text("utf-8")
    names = re.findall(r'^  (\w+): \{ zh: "([^"]+)", en: "([^"]+)" \},$', source.partition("kindName")[2], re.MULTILINE)
    return [(language, kind, name) for kind, *both in names for language, name in zip(("zh", "en"), both, strict=True)]


def app_text(language: str, **values: str) -> str:
    source = (WEB / "words.ts").read_text("utf-8")
    template = re.search(rf'smsText: \{{.*?{language}: "([^"]+)"', source)
    assert template
    return " ".join(re.sub(r"\{(\w+)\}", lambda m: values.get(m[1], ""), template[1]).split())


@pytest.mark.parametrize(("language", "kind", "name"), app_words())
def test_the_apps_text_is_read_with_its_kind_and_place(language: str, kind: str, name: str) -> None:
    place = "5G6C762H+RP -25.74790,28.22930 (10:29)"
    said = signal(app_text(language, name="李伟 Li Wei", kind=name, time="10:30", place=place) + " 后门")
    assert said.kind == "alarm" and said.text and said.text.endswith("后门")
    assert (said.alarm or "other", said.flags, spot(said)) == (kind, (), (-25.7479, 28.2293))


def test_the_apps_text_without_kind_or_place_or_with_an_old_place() -> None:
    for language in ("zh", "en"):
        said = signal(app_text(language, name="Li Wei", time="10:30"))
        assert (said.kind, said.alarm, said.position) == ("alarm", None, None)
        for time, old in (("10:19", True), ("10:20", False), ("10:31", False), ("23:50", True)):
            place = f"5G6C762H+RP -25.74790,28.22930 ({time})"
            flags = signal(app_text(language, name="Li", time="10:30", place=place)).flags
            assert flags == (("old_fix",) if old else ())
        midnight = app_text(language, name="Li", time="00:03", place="5G6C762H+RP -25.74790,28.22930 (23:58)")
        assert signal(midnight).flags == ()
