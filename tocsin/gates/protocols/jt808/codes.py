"""JT/T 808 message numbers and alarm bits. Source: JT/T 808-2013 (table 24), 808-2019; bits as trackers use them."""

HEARTBEAT, REGISTER, AUTHENTICATE, LOCATION = 0x0002, 0x0100, 0x0102, 0x0200
TERMINAL_REPLY, BATCH, TRANSPARENT = 0x0001, 0x0704, 0x0900
SHORT_BATCH = 0x0210  # several locations, each with a length byte before it; or battery and time
LOGOUT, HEARTBEAT_2, DRIVER = 0x0003, 0x0506, 0x0702
TEXTS = {0x0701: (4, "latin-1"), 0x1300: (2, "utf-16-be"), 0x6006: (1, "gbk")}  # bytes before the text, its encoding
TIME_2019, TIME_JIMI = 0x0004, 0x0109
REPORT, BLIND = 0x5501, 0x5502  # compact reports with a one-byte serial

REPLY, REGISTERED, COMPACT_REPLY, TIME_2019_REPLY, TIME_JIMI_REPLY = 0x8001, 0x8100, 0x4401, 0x8004, 0x8109

# Answers to what the platform asked: nothing is waited for. 0x0107 is sent unasked by many, and then waits.
ANSWERS = (TERMINAL_REPLY, 0x0104, 0x0201, 0x0302, 0x0500, 0x0700, 0x0701, 0x0802, 0x0805)
# Beyond the standard, and yet they wait: a time zone, a text, a photo.
MAKERS_WAIT = (0x1007, 0x6006, 0x8888)
# Believed and answered although the checksum is wrong.
KNOWN = (
    *(HEARTBEAT, LOGOUT, HEARTBEAT_2, REGISTER, AUTHENTICATE, 0x0107, TIME_2019, TIME_JIMI),
    *(LOCATION, SHORT_BATCH, BATCH, TRANSPARENT),
)

# Bits of the alarm word of a location. All are levels: SOS stays until the platform answers.
ALARM_BITS = {
    0: "sos",
    1: "overspeed",
    2: "fatigue_driving",
    3: "warning",
    4: "fault",
    5: "gps_antenna_cut",
    6: "gps_antenna_cut",  # short
    7: "low_battery",
    8: "power_off",
    9: "fault",
    10: "fault",
    11: "fault",
    12: "fault",
    13: "overspeed_soon",
    14: "fatigue_soon",
    15: "vibration",
    16: "tampering",
    17: "tampering",
    18: "low_battery",
    19: "parking",
    20: "geofence",
    21: "route",
    22: "route_time",
    23: "off_route",
    24: "speed_sensor",
    25: "fuel",
    26: "stolen",
    27: "illegal_ignition",
    28: "movement",
    29: "crash",
    30: "rollover crash",
    31: "door",
}

# Trackers with the extension block 0xEB: bits of its words that are CLEAR while the alarm lasts.
EXTENDED_BITS = {0x0089: {0: "power_off", 12: "removing"}, 0x00C5: {6: "vibration"}}
# Bits that mean something else where the device's setting `model` begins so.
MODEL_BITS: dict[tuple[str, ...], dict[int, str]] = {
    ("G-360P", "G-508P"): {0: "removing", 1: "tampering", 4: "removing"},
    ("AL300", "GL100"): {16: "movement"},
    ("VL300",): {29: "", 30: ""},
}
# Item 0xE8 of dash cameras (JC series): event, 2 bytes. Of locks it is a status of 3 bytes.
CAMERA_EVENTS = {
    0x0001: "fault",
    0x0400: "hard_acceleration",
    0x0401: "hard_braking",
    0x0402: "hard_cornering",
    0x0403: "overspeed",
    0x0405: "crash",
    0x0406: "vibration",
    0x0407: "tow",
    0x0408: "geofence_enter",
    0x0409: "geofence_exit",
    0x040C: "door",
    0x0412: "hard_acceleration",
    0x0413: "hard_braking",
    0x0414: "hard_cornering",
    0x0415: "lane_change",
    0x0416: "crash",
    0x0417: "crash",
    0x0C01: "sos",
    0x0C02: "low_power",
    0x0C05: "general",
    0x0C0E: "power_cut",
    0x0C0F: "low_battery",
    0x0C10: "power_off",
    0x0C12: "tampering",
}
# How the car is driven, from bit 0: item 0xFE, block 01, and item 0x57, from bit 8; item 0x70 by number.
DRIVING = ("hard_acceleration", "hard_braking", "hard_cornering", "crash", "tampering")
DRIVING_EVENTS = {1: "hard_acceleration", 2: "hard_braking", 3: "hard_cornering", 0x16: "crash"}
# Transparent data F0 of OBD boxes: alarms (03), each a number and its data; driving (15), a number.
OBD_ALARMS = {
    0x00: "fault",
    0x01: "power_restored",
    0x02: "power_cut",
    0x1A: "hard_acceleration",
    0x1B: "hard_braking",
    0x1C: "hard_cornering",
    0x1D: "lane_change",
    0x1E: "lane_change",
    0x1F: "lane_change",
    0x20: "sos",
    0x21: "geofence_exit",
    0x22: "geofence_enter",
    0x23: "fatigue_driving",
    0x25: "overspeed",
    0x26: "crash",
    0x27: "crash",
    0x28: "rollover crash",
    0x31: "door",
    0x32: "door",
}
OBD_DRIVING = {51: "hard_acceleration", 52: "hard_braking", 53: "hard_cornering", 54: "lane_change", 56: "crash"}
# Compact reports: alarm bits of product 1 and 2, and of product 3.
COMPACT_ALARMS = {
    1: {0: "low_power"},
    2: {0: "low_power"},
    3: {0: "overspeed", 1: "low_power", 2: "vibration", 3: "low_battery", 5: "geofence_enter", 6: "geofence_exit"},
}
