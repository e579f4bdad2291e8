"""Alarm bits and keys of Eview pendants. Source: EV-07B Protocol v1.2 (2020-05-08), data key 0x02."""

DATA, SERVICE, ANSWER = 0x01, 0x03, 0x7F
IMEI, ALARM, HEARTBEAT, TIMESTAMP = 0x01, 0x02, 0x10, 0x12
GPS, GSM, WIFI, STATUS, CALL, BEACON, WIFI_NAMED = 0x20, 0x21, 0x22, 0x24, 0x25, 0x23, 0x2A
STEPS, KNOWN_BEACON, BATTERY, ASK_PLACE = 0x37, 0x28, 0x14, 0x11

ALARM_BITS = {
    0: "low_battery",
    1: "overspeed",
    2: "fall_down",
    3: "tilt",
    4: "geofence",
    5: "geofence",
    6: "geofence",
    7: "geofence",
    8: "power_off",
    9: "power_on",
    10: "movement",
    11: "no_motion",
    12: "sos",
    13: "side_button",
    14: "side_button",
    15: "charging",
    16: "charging_ended",
    17: "sos_ended",
    18: "amber",
    19: "welfare",
    20: "welfare_ended",
    21: "fall_down_ended",
    22: "daily_upload",
    23: "beacon_lost",
    31: "report",  # set with a count of steps, seen each day
}
UNKNOWN = "unknown_kind"
