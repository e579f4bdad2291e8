"""Meitrack event codes. Source: MEITRACK GPRS Protocol V1.7 (section 1.3), V1.4 for T1/T333. Others are no alarms."""

EVENTS = {
    1: "sos",  # input 1 active: the SOS button
    17: "low_battery",
    18: "low_power",
    19: "overspeed",
    20: "geofence_enter",
    21: "geofence_exit",
    22: "power_restored",
    23: "power_cut",
    24: "gps_lost",
    28: "gps_antenna_cut",
    30: "vibration",
    36: "tow",
    40: "power_off",
    44: "jamming",
    50: "temperature",
    51: "temperature",
    54: "fuel_leak",
    56: "tampering",
    65: "sos",  # the SOS button was pressed to call
    78: "crash",
    79: "fall_down",
    90: "hard_cornering",
    91: "hard_cornering",
    129: "hard_braking",
    130: "hard_acceleration",
    135: "fatigue_driving",
}
