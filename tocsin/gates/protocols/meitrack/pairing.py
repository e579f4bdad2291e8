"""How a Meitrack device is brought to us. Source: MEITRACK SMS protocol (A21, A11, A12, B36)."""

from tocsin.gates.protocol import Pairing, Step

PAIRING = Pairing(
    title=("Meitrack 定位器", "Meitrack devices"),
    models="Meitrack MVT100, MVT340, MVT380, MVT600, MVT800, T1, T3, T333, T355, T366, T622, MT90, P66, P88, P99, TC68",
    by="sms",
    identifier=("15 位 IMEI，印在标签上。", "The IMEI, 15 digits, on the label."),
    pattern=r"\d{15}",
    example="359000120002222",
    steps=(
        Step(
            "移动数据（APN）和服务器一起设置，走 TCP。",
            "Mobile data (the APN) and where to report, by TCP.",
            "{password},A21,1,{host},{port},{apn},,",
        ),
        Step("每 5 分钟一次心跳。", "A heartbeat every 5 minutes.", "{password},A11,5"),
        Step("每 30 秒报位置（单位 10 秒）。", "Position every 30 s (in units of 10 s).", "{password},A12,3"),
        Step("时间用 UTC。", "Its clock in UTC.", "{password},B36,0"),
    ),
    press=("按住 SOS 键（输入 1）3 秒。", "Hold the SOS key (input 1) for 3 seconds."),
    every=300,
    password="0000",
)
