"""How an Eelink device is brought to us. Source: Eelink command lists (TK119, GPT12, GPT26, TK419)."""

from tocsin.gates.protocol import Pairing, Step

PAIRING = Pairing(
    title=("Eelink 定位器", "Eelink devices"),
    models="Eelink TK115 – TK121, TK419, GOT08, GOT10, GPT06, GPT12, GPT18, GPT19, GPT26, K-series",
    by="sms",
    identifier=(
        "15 位 IMEI，印在标签上；也可发短信 PARAM# 查询。",
        "The IMEI, 15 digits: on the label, or in the answer to the text PARAM#.",
    ),
    pattern=r"\d{15}",
    example="359000120002966",
    steps=(
        Step("设置移动数据（APN）。", "Mobile data (the APN of the SIM).", "APN,{apn}#"),
        Step("连到这里，走 TCP。", "Where to report, by TCP.", "SERVER,1,{host},{port},0#"),
        Step("TK419、GPT26 等型号改用这条。", "TK419, GPT26 and kin: this instead.", "SERVER,1,{host},{port}#"),
        Step("时间用 UTC。", "Its clock in UTC.", "GMT,E,0#"),
        Step("每 5 分钟一次心跳。", "A heartbeat every 5 minutes.", "HBT,5#"),
    ),
    press=("按住 SOS 键 3 秒。", "Hold the SOS key for 3 seconds."),
    every=300,
)
