"""How an Eview pendant is brought to us. Source: Eview personal alarm SMS protocol, 2023-04-18 (S1, IP1, status)."""

from tocsin.gates.protocol import Pairing, Step

PAIRING = Pairing(
    title=("SOS 挂件（Eview、MiniFinder）", "SOS pendants (Eview, MiniFinder)"),
    models="Eview EV-04, EV-05, EV-07B, EV-08, EV-201; MiniFinder Pico, Nano, Unifinder",
    by="sms",
    identifier=(
        "15 位 IMEI，印在挂件背面或充电座上。",
        "The IMEI, 15 digits: on the back of the pendant or on its cradle.",
    ),
    pattern=r"\d{15}",
    example="359000120003337",
    steps=(
        Step("设置移动数据（APN）。", "Mobile data (the APN of the SIM).", "S1,{apn}"),
        Step("连到这里，走 TCP。", "Where to report, by TCP.", "IP1,{host},{port}"),
        Step("查看它现在的状态。", "How it is now.", "status"),
    ),
    press=("按住 SOS 键，直到它震动。", "Hold the SOS button until it vibrates."),
    every=3600,
)
