"""Teltonika AVL ids. Sources: AVL ID tables of FMB/FMC (wiki), TMT250, GH5200. Other ids are measured values."""

BATTERY_PERCENT = 113
# AVL 24 is the speed of the moment in these models (the GPS element has it filtered); it counts where `model` says so.
SPEED, SPEED_MODELS = 24, ("FMB", "FMC", "FMM", "FMU", "FMT")

# Ids whose value says SOS: 1 or more is pressed. The device's setting `sos` names others, like [1] for input 1.
# 236 alarm button (TMT250, GH5200, personal trackers), 222 SOS of those made after them.
SOS_IDS = (236, 222)

# Ids of personal trackers that are a press of another kind: 242 man down.
ALARMS = {242: "man_down"}

# Ids that are told as a flag if their value is 1 or more (247 says how hard, from 1).
FLAGS = {246: "tow", 247: "crash", 249: "jamming", 251: "idle", 252: "power_cut", 255: "overspeed", 318: "jamming"}
GREEN = {1: "hard_acceleration", 2: "hard_braking", 3: "hard_cornering"}
GREEN_ID, GPS_LOST = 253, 9999
