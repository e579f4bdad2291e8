"""Eelink packet types and alarm codes. Source: Eelink GPS Tracker Communication Protocol V2.0, sections 4 and 5."""

LOGIN, GPS, HEARTBEAT, ALARM, STATE, SMS, OBD = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07
NORMAL, WARNING, REPORT, COMMAND = 0x12, 0x14, 0x15, 0x16
OBD_DATA, OBD_BODY, OBD_CODE = 0x17, 0x18, 0x19
PHOTO_INFO, PHOTO_DATA, ANSWER, DATA = 0x1E, 0x1F, 0x80, 0x81

OLD, NEW = (GPS, ALARM, STATE, SMS), (NORMAL, WARNING, REPORT, COMMAND, OBD_DATA, OBD_BODY, OBD_CODE)
SILENT = (GPS, DATA)  # wait for no answer

# Codes of a warning; any other one is an alarm of unknown kind.
ALARMS = {
    0x01: "power_off",
    0x02: "sos",
    0x03: "low_battery",
    0x04: "vibration",
    0x05: "movement",
    0x08: "gps_antenna_cut",
    0x09: "gps_antenna_cut",
    0x20: "noise",
    0x25: "removing",
    0x28: "low_temperature",
    0x29: "high_temperature",
    0x2A: "humidity",
    0x2B: "light",
    0x81: "low_speed",
    0x82: "overspeed",
    0x83: "geofence_enter",
    0x84: "geofence_exit",
    0x85: "crash",
    0x86: "fall_down",
    0x90: "ignition_on",
    0x91: "ignition_off",
}
