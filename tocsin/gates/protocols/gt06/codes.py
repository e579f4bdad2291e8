"""GT06 packet types and alarm codes.

Sources: Concox GT06 protocol 5.3 (alarm byte), 5.4 (terminal information); GT06N/F/E V1.1.8; JM-VL03 V1.1.2 (alert
types); JM-LL/VL 4G (0x36 to 0x39, 0xA0 to 0xA9, 0xF1, 0xF2); AZ735; JC100 and JC400 (0x95). Where two makers give one
code two meanings, both words are told, or the device's setting `model` decides (FAMILIES).
"""

LOGIN, STATUS, VOLTAGE_STATUS, MODULE_STATUS = 0x01, 0x13, 0x23, 0x36
LBS_ALARM, LBS_ALARM_4G, MODULE_ALARM, EVENT, WIFI_ALARM = 0x19, 0xA5, 0x39, 0x95, 0xA9
STRING, LONG_STRING, ADDRESS_REQUEST, ADDRESS, TIME = 0x15, 0x21, 0x2A, 0x97, 0x8A
X1, X1_PHOTO, MODULES, INFO, BATTERY, MEDIA = 0x34, 0x35, 0x70, 0x94, 0x40, 0x41
LOCATION, LOCATION_LATE, LOCATION_DRIVER, LOCATION_8 = 0x12, 0x22, 0x25, 0x38
CELLS_2, TRUCK = 0x24, 0xA2  # 0xA2: a Wi-Fi scan, or (LWxG) a location with a status
AZ735 = (0x32, 0x33)  # in long frames; answered in long frames
STAMPED = (0xF1, 0xF2)  # begin with Unix seconds

# Packets that carry an alarm byte: GPS, cell, status (0x16, 0x26, 0x27, 0x32), cell or Wi-Fi only (0x19, 0xA5, 0xA9),
# the 4G ones (0xA3, 0xA4, 0x39), and events (0x95).
ALARM_FRAMES = (0x16, 0x19, 0x26, 0x27, 0x32, 0x39, 0x95, 0xA3, 0xA4, 0xA5, 0xA9)
# The half byte over the language is the alarm's high digit.
TWO_DIGITS = (0x27, 0x39, 0xA4, 0xA9)
# A time, then radio cells, access points, cards, sensors; no GPS.
CELLS = (0x18, 0x28, 0x2C, 0x2E, 0x33, 0x69, 0x8C, 0xA1, 0xA7, 0xB0, 0xB2, 0xF3)
# Neither a time in front nor GPS.
OTHER = (0x14, 0x1F, 0x41, 0x65, 0x66, 0x80, 0x81, 0x82, 0x97, 0x9B)

# Nothing is waited for. In long frames it is the other way round: only LONG_ANSWERED are.
SILENT = (0x21, LOCATION_8, 0x80, 0x81, 0x82, 0x8C, INFO, ADDRESS, 0x9B, 0xF3, X1_PHOTO)
LONG_ANSWERED = (
    *(LOGIN, STATUS, VOLTAGE_STATUS, ADDRESS_REQUEST, TIME, BATTERY, MEDIA, MODULES, *AZ735, *STAMPED),
    *(
        0x10,
        0x11,
        LOCATION,
        0x16,
        0x19,
        0x1E,
        LOCATION_LATE,
        LOCATION_DRIVER,
        0x26,
        0x27,
        0x2D,
        0x31,
        0x37,
        MODULE_ALARM,
    ),
    *(0xA0, TRUCK, 0xA3, 0xA4, LBS_ALARM_4G, WIFI_ALARM),
)
WELCOME = (LOGIN, STATUS, VOLTAGE_STATUS, MODULE_STATUS, TIME)  # answered to strangers too: they stay and are seen

# Bits 3 to 5 of the terminal information, repeated in heartbeats while they last.
TERMINAL = {1: "vibration", 2: "power_cut", 3: "low_battery", 4: "sos", 6: "geofence", 7: "removing"}
VXT01_TERMINAL = TERMINAL | {7: "overspeed"}

MEANINGS = {
    0x01: "sos",
    0x02: "power_cut",
    0x03: "vibration",
    0x04: "geofence_enter",
    0x05: "geofence_exit",
    0x06: "overspeed",
    0x09: "vibration tow",  # GT06N: vibration; JM-VL: tow
    0x0A: "gps_lost",
    0x0B: "gps_found",
    0x0C: "power_on",
    0x0D: "gps_first_fix",
    0x0E: "low_battery",
    0x0F: "low_battery",
    0x10: "sim_changed",
    0x11: "power_off",
    0x12: "airplane_mode",
    0x13: "tampering",
    0x14: "door",
    0x15: "power_off",
    0x16: "noise",
    0x17: "false_base_station",
    0x18: "removing",
    0x19: "low_battery",
    0x1A: "hard_braking",
    0x1B: "hard_cornering",
    0x20: "sleep",
    0x23: "fall_down",
    0x25: "tampering",
    0x26: "hard_acceleration",
    0x27: "hard_braking",
    0x28: "hard_braking",
    0x29: "hard_acceleration",
    0x2A: "hard_cornering",
    0x2B: "hard_cornering",
    0x2C: "crash",
    0x2D: "rollover",
    0x2E: "hard_cornering",
    0x30: "hard_braking",
    0x32: "tampering unplugged",
    0x33: "lock",
    0x34: "unlock",
    0x3E: "door",
    0x53: "fuel_leak",
    0x5B: "temperature",
    0x5C: "temperature",
    0xC9: "idle",
    0xFE: "ignition_on",
    0xFF: "ignition_off",
    0x0107: "jamming",
    0x010B: "jamming",
}

# The device's setting `model` begins so: these codes mean something else there.
FAMILIES = {
    ("LW",): {0x18: "crash", 0x19: "hard_acceleration"},
    ("SEEWORLD",): {0x28: "hard_cornering", 0x29: "crash"},
    ("VL103", "LL303", "VL512", "G18"): {0x09: "tow", 0x28: "power_off", 0x30: "hard_braking"},
    ("NT11", "NT20", "NT26", "NT40", "NT46", "VL100", "XT40"): {0x30: "jamming"},
}
BLOCK_FAMILY = "NT20"  # the family of those that put their IMEI into location packets

# Codes of the event packet 0x95 that are not those above.
EVENTS = {
    0x0E: "low_power",
    0x76: "temperature",
    0x80: "vibration",
    0x87: "overspeed",
    0x88: "power_cut",
    0x90: "hard_acceleration",
    0x91: "hard_braking",
    0x92: "hard_cornering",
    0x93: "crash",
}
# AZ735, packet 0x33: its status. 0xA0 and 0xA1 (armed, disarmed) are no alarm.
LOCK_STATES = {0xA2: "low_battery", 0xA3: "low_battery", 0xA4: "general", 0xA5: "door"}
# Packet 0x70, module 0x34.
MODULE_EVENTS = {
    0x10: "door",
    0x12: "removing",
    0x14: "geofence_enter",
    0x15: "geofence_exit",
    0x16: "temperature",
    0x1A: "low_battery",
    0x1B: "overspeed",
    0x1C: "power_on",
    0x1D: "power_off",
    0x20: "vibration",
    0x21: "power_cut",
    0x23: "tampering",
}
