"""Queclink @Track report names. Sources: @Track air interface protocols of GL200, GL300, GV300, GV600."""

REPORTS = {
    "SOS": "sos",
    "BPL": "low_battery",
    "PNA": "power_on",
    "PFA": "power_off",
    "MPN": "power_restored",
    "EPN": "power_restored",
    "MPF": "power_cut",
    "EPF": "power_cut",
    "STT": "movement",
    "NMR": "motion",
    "TOW": "tow",
    "SPD": "overspeed",
    "IDL": "idle",
    "GPJ": "jamming",
    "JDR": "jamming",
    "JDS": "jamming",
    "TEM": "temperature",
    "TMP": "temperature",
    "CRA": "crash",
    "ANT": "gps_antenna_cut",
    "SWG": "geofence",
    "GES": "geofence",
    "GIN": "geofence_enter",
    "GOT": "geofence_exit",
}
# By the last digit of a field: GTHBM's report type (field 5), GTDAR's kind of warning (4).
TYPED: dict[str, tuple[int, dict[str, str]]] = {
    "HBM": (
        5,
        {
            "0": "hard_braking",
            "1": "hard_acceleration",
            "2": "hard_cornering",
            "3": "hard_braking",
            "4": "hard_acceleration",
        },
    ),
    "DAR": (4, {"1": "fatigue_driving"}),
}

# Reports of places on the way, each with its own time; the time of sending may be much later.
PLACES = ("FRI", "RTL", "GEO", "DAR", "BAA", "BID")
