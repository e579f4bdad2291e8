"""GT06 alarm codes. Sources: Concox GT06 protocol 5.3 (alarm byte), 5.4 (terminal information); Jimi JM-VL series."""

# Packets that carry an alarm byte: GPS+LBS+status (0x16, 0x26, 0x27), LBS only (0x19), the 4G ones, and events (0x95).
ALARM_FRAMES = (0x16, 0x19, 0x26, 0x27, 0x95, 0xA3, 0xA4, 0xA5)

# Bits 3 to 5 of the terminal information, repeated in heartbeats while they last.
TERMINAL = {1: "vibration", 2: "power_cut", 3: "low_battery", 4: "sos"}

MEANINGS = {
    0x01: "sos",
    0x02: "power_cut",
    0x03: "vibration",
    0x04: "geofence_enter",
    0x05: "geofence_exit",
    0x06: "overspeed",
    0x09: "tow",
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
    0x18: "tampering",
    0x19: "low_battery",
    0x20: "sleep",
    0x23: "fall",
    0x25: "tampering",
    0x26: "hard_acceleration",
    0x27: "hard_braking",
    0x28: "hard_cornering",
    0x29: "hard_acceleration",
    0x2A: "hard_cornering",
    0x2B: "hard_cornering",
    0x2C: "crash",
    0x2D: "rollover",
    0x30: "hard_braking",
    0x32: "unplugged",
    0x3E: "door",
    0xFE: "ignition_on",
    0xFF: "ignition_off",
}

# Codes of the event packet 0x95 from 0x80 on.
EVENTS = {0x90: "hard_acceleration", 0x91: "hard_braking", 0x92: "hard_cornering", 0x93: "crash"}
