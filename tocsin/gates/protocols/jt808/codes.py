"""JT/T 808 message numbers and alarm bits. Source: JT/T 808-2013 (table 24), 808-2019; bits as trackers use them."""

HEARTBEAT, REGISTER, AUTHENTICATE, LOCATION = 0x0002, 0x0100, 0x0102, 0x0200
TERMINAL_REPLY, BATCH, TRANSPARENT = 0x0001, 0x0704, 0x0900
SHORT_BATCH = 0x0210  # several locations, each with a length byte before it
TIME_2019, TIME_JIMI = 0x0004, 0x0109
REPORT, BLIND = 0x5501, 0x5502  # compact reports with a one-byte serial

REPLY, REGISTERED, COMPACT_REPLY, TIME_2019_REPLY, TIME_JIMI_REPLY = 0x8001, 0x8100, 0x4401, 0x8004, 0x8109

# Answers to what the platform asked: nothing is waited for. 0x0107 is sent unasked by many, and then waits.
ANSWERS = (TERMINAL_REPLY, 0x0104, 0x0201, 0x0302, 0x0500, 0x0700, 0x0802, 0x0805)

# Bits of the alarm word of a location. Bit 0 (SOS) is a level: it stays until the platform answers.
ALARM_BITS = {
    1: "overspeed",
    2: "fatigue_driving",
    3: "warning",
    4: "fault",
    5: "gps_antenna_cut",
    6: "gps_antenna_short",
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
    30: "rollover",
    31: "door",
}

# Trackers with the extension block 0xEB: bits of its words that are CLEAR while the alarm lasts.
EXTENDED_BITS = {0x0089: {0: "power_off", 12: "removing"}, 0x00C5: {6: "vibration"}}
# Dash cameras: events in item 0xE8 (alarm number, 2 bytes).
CAMERA_EVENTS = {0x0C01: "sos"}
# Item 0xFE, block 7C 01 04: how the car is driven, from bit 0.
DRIVING = ("hard_acceleration", "hard_braking", "hard_cornering")
