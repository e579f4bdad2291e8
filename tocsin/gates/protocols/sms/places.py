"""Where a text says it is: map links, "lat: … long: …", N22.5 E113.9, geo: addresses, bare numbers, full plus codes.

Sources: RFC 5870 (geo:); the address formats of Google Maps, Apple Maps, OpenStreetMap and Waze; Open Location Code
(full codes only: a short one needs a town). Links of Baidu, Amap and Tencent hold Chinese coordinates, often longitude
first: they are not read. WGS 84 degrees.
"""

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote

from openlocationcode import openlocationcode as olc

from tocsin.gates.protocols.fields import place, signed
from tocsin.gates.signal import Position

DEGREE = 111_320  # metres of latitude

URL = re.compile(r"(?:https?://|www\.|maps\.)[^\s<>\"]+|geo:[^\s<>\"]+", re.IGNORECASE)
_CHINESE_MAPS = re.compile(r"//[^/]*(?:baidu|amap|gaode|map\.qq|autonavi)\.", re.IGNORECASE)

_PAIR = r"(?P<a>[NS]?)\s*(?P<lat>[+-]?\d{1,2}(?:\.\d{1,12})?)\s*(?P<b>[NS]?)(?:,|\s|~)\s*" + (
    r"(?P<c>[EW]?)\s*(?P<lon>[+-]?\d{1,3}(?:\.\d{1,12})?)\s*(?P<d>[EW]?)"
)
_LINKS = (
    re.compile(r"!3d(?P<lat>-?\d{1,2}\.\d{1,12})!4d(?P<lon>-?\d{1,3}\.\d{1,12})"),
    re.compile(r"[?&]mlat=(?P<lat>-?\d{1,2}\.\d{1,12})&mlon=(?P<lon>-?\d{1,3}\.\d{1,12})", re.IGNORECASE),
    re.compile(r"[?&](?:q|ll|sll|query|destination|daddr|loc|cp|center)=(?:loc:)?\+?" + _PAIR, re.IGNORECASE),
    re.compile(r"(?:@|/dir//|/place/|/search/|geo:)\+?" + _PAIR, re.IGNORECASE),
    re.compile(r"#map=\d{1,2}/(?P<lat>-?\d{1,2}\.\d{1,12})/(?P<lon>-?\d{1,3}\.\d{1,12})", re.IGNORECASE),
)
_UNSURE = re.compile(r"^geo:[^?]*;u=(?P<metres>\d{1,6}(?:\.\d{1,6})?)", re.IGNORECASE)

# {0}: the name of the value, {1}: its two hemispheres
_VALUE = r"\s*[:=]?\s*(?P<{0}h>[{1}]?)\s*(?P<{0}>[+-]?\d{{1,3}}(?:\.\d{{1,12}})?)\s*°?\s*(?P<{0}t>(?:[{1}](?![a-z]))?)"
_DMS = (
    r"(?P<{0}>\d{{1,3}})[°\s]\s*(?P<{0}m>\d{{1,2}}(?:\.\d{{1,8}})?)"
    r"(?:['′\s]\s*(?:(?P<{0}s>\d{{1,2}}(?:\.\d{{1,8}})?)\s*(?:\"|''|′′)?)?)?\s*(?P<{0}t>[{1}])"
)
_LAT, _LON = r"(?:(?<![a-z])lat(?:itude)?|纬度|緯度)", r"(?:(?<![a-z])lon(?:g|gitude)?|经度|經度)"
_DMS_PAIR = re.compile(
    rf"(?<!\d){_DMS.format('lat', 'NS')}[,;\s]*(?:{_LON}\s*[:=]?\s*)?{_DMS.format('lon', 'EW')}", re.IGNORECASE
)
_LAT_SAID = re.compile(_LAT + _VALUE.format("lat", "NS"), re.IGNORECASE)
_LON_SAID = re.compile(_LON + _VALUE.format("lon", "EW"), re.IGNORECASE)
_BEFORE = re.compile(
    r"(?<![a-z])(?P<t>[NS])\s?(?P<lat>\d{1,2}\.\d{1,12})[,;/\s]*(?P<d>[EW])\s?(?P<lon>\d{1,3}\.\d{1,12})", re.IGNORECASE
)
_AFTER = re.compile(
    r"(?<![\d.])(?P<lat>\d{1,2}\.\d{1,12})\s?°?\s?(?P<t>[NS])[,;/\s]*"
    r"(?P<lon>\d{1,3}\.\d{1,12})\s?°?\s?(?P<d>[EW])(?![a-z])",
    re.IGNORECASE,
)
_NMEA = re.compile(r"(?<!\d)(\d\d)(\d\d\.\d{1,8}),([NS]),(\d{3})(\d\d\.\d{1,8}),([EW])")
_BARE = re.compile(
    r"(?<![\w.+-])(?P<lat>[+-]?\d{1,2}\.\d{3,12})(?:\s*[,;]\s*|\s)(?P<lon>[+-]?\d{1,3}\.\d{3,12})(?![\w.])"
)
_DIGITS = "23456789CFGHJMPQRVWX"
_CODE = re.compile(rf"(?<![A-Z0-9])[{_DIGITS}]{{8}}\+(?:[{_DIGITS}]{{2,7}})?(?![A-Z0-9+])", re.IGNORECASE)


def find(text: str) -> Position | None:
    """The place that the text tells most exactly, links before words and numbers before plus codes."""
    plain = _single_spaced(unicodedata.normalize("NFKC", text))
    for url in URL.findall(plain):
        if found := _in_link(_single_spaced(unquote(url))):
            return found
    plain = _single_spaced(URL.sub(" ", plain))
    readers: tuple[Callable[[str], Position | None], ...] = (_dms, _said, _lettered, _nmea, _bare, _plus_code)
    return next((found for read in readers if (found := read(plain))), None)


def _single_spaced(text: str) -> str:
    """Also what keeps the patterns quick: many optional spaces in a row never meet many spaces."""
    return " ".join(text.split())


def _in_link(url: str) -> Position | None:
    if _CHINESE_MAPS.search(url):
        return None
    for pattern in _LINKS:
        for match in pattern.finditer(url):
            part = match.groupdict(default="")
            lat, lon = float(part["lat"]), float(part["lon"])
            if "." not in part["lat"] + part["lon"] or lat == lon == 0:
                continue
            unsure = _UNSURE.match(url)
            return place(
                signed(lat, part.get("a") or part.get("b") or ""),
                signed(lon, part.get("c") or part.get("d") or ""),
                accuracy=float(unsure["metres"]) if unsure else None,
            )
    return None


def _dms(text: str) -> Position | None:
    """22 32 36.63N 114 04 57.37E; 26°06'12"S 28°03'00"E."""
    if not (match := _DMS_PAIR.search(text)):
        return None
    lat, lon = (
        float(match[name]) + float(match[f"{name}m"]) / 60 + float(match[f"{name}s"] or 0) / 3600
        for name in ("lat", "lon")
    )
    return place(signed(lat, match["latt"]), signed(lon, match["lont"]))


def _said(text: str) -> Position | None:
    lat, lon = _LAT_SAID.search(text), _LON_SAID.search(text)
    if not lat or not lon:
        return None
    return place(
        signed(float(lat["lat"]), lat["lath"] or lat["latt"]), signed(float(lon["lon"]), lon["lonh"] or lon["lont"])
    )


def _lettered(text: str) -> Position | None:
    match = _BEFORE.search(text) or _AFTER.search(text)
    return place(signed(float(match["lat"]), match["t"]), signed(float(match["lon"]), match["d"])) if match else None


def _nmea(text: str) -> Position | None:
    """2232.5485,N,11404.6887,E of a $GPRMC line."""
    if not (match := _NMEA.search(text)):
        return None
    lat = int(match[1]) + float(match[2]) / 60
    lon = int(match[4]) + float(match[5]) / 60
    return place(signed(lat, match[3]), signed(lon, match[6]))


def _bare(text: str) -> Position | None:
    match = _BARE.search(text)
    return place(float(match["lat"]), float(match["lon"])) if match else None


def _plus_code(text: str) -> Position | None:
    for match in _CODE.finditer(text):
        if olc.isFull(match[0]):
            area = olc.decode(match[0])
            metres = (area.latitudeHi - area.latitudeLo) / 2 * DEGREE
            return place(area.latitudeCenter, area.longitudeCenter, accuracy=round(metres, 1))
    return None
