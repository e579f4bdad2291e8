"""What the words of a Traccar server mean here: its alarms and its events."""

# Alarms of a position (org.traccar.model.Position, ALARM_…). "sos" is a press; what is not listed is one of an unknown
# kind; "" is told by nothing but the position.
ALARMS = {
    "sos": "sos",
    "general": "unknown_kind",
    "fallDown": "fall_down",
    "vibration": "vibration",
    "shock": "vibration",
    "movement": "movement",
    "lowspeed": "",
    "overspeed": "overspeed",
    "lowPower": "low_battery",
    "lowBattery": "low_battery",
    "fault": "fault",
    "powerOff": "power_off",
    "powerOn": "power_on",
    "powerCut": "power_cut",
    "powerRestored": "power_restored",
    "door": "door",
    "lock": "door",
    "unlock": "door",
    "bonnet": "door",
    "geofence": "geofence",
    "geofenceEnter": "geofence_enter",
    "geofenceExit": "geofence_exit",
    "gpsAntennaCut": "gps_antenna_cut",
    "accident": "crash",
    "tow": "tow",
    "idle": "",
    "parking": "",
    "highRpm": "",
    "footBrake": "",
    "laneChange": "",
    "hardAcceleration": "hard_acceleration",
    "hardBraking": "hard_braking",
    "hardCornering": "hard_cornering",
    "fatigueDriving": "fatigue_driving",
    "jamming": "jamming",
    "temperature": "temperature",
    "fuelLeak": "fault",
    "tampering": "tampering",
    "removing": "removing",
}
PLAIN = {word.lower(): meaning for word, meaning in ALARMS.items()}

# Events (org.traccar.model.Event, TYPE_…) that are more than the position they bring.
EVENTS = {
    "deviceMoving": "movement",
    "deviceOverspeed": "overspeed",
    "geofenceEnter": "geofence_enter",
    "geofenceExit": "geofence_exit",
    "ignitionOn": "ignition_on",
    "ignitionOff": "ignition_off",
}
# Events that tell of no sign of life: the server missed the device, or did something by itself.
NO_LIFE = frozenset(("deviceOffline", "deviceUnknown", "deviceInactive", "queuedCommandSent"))
