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
    "JDR": "jamming",
    "JDS": "jamming",
    "TEM": "temperature",
    "TMP": "temperature",
    "CRA": "crash",
    "ANT": "gps_antenna_cut",
    "SWG": "geofence",
    "GES": "geofence",
}
# GTHBM: the second digit of its report type.
HARSH = {"0": "hard_braking", "1": "hard_acceleration", "2": "hard_cornering"}

# Reports of places on the way, each with its own time; the time of sending may be much later.
PLACES = ("FRI", "RTL", "NMR", "STR", "GEO", "DAR", "BID")
