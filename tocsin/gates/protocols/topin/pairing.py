"""How a Topin locator is brought to us. Source: 365GPS text commands.

DOMAIN# instead of SERVER# would let it fall back to its maker when we are away.
"""

from tocsin.gates.protocol import Pairing, Step

PAIRING = Pairing(
    title=("小型定位器（365GPS）", "Topin locators (365GPS)"),
    models="Topin, ZhongXun: ZX302, ZX303, ZX310, ZX612, ZX620, ZX905, ZX908, TR-mini",
    by="sms",
    identifier=(
        "15 位 IMEI，印在标签上；也可发短信 imei# 查询。",
        "The IMEI, 15 digits: on the label, or in the answer to the text imei#.",
    ),
    pattern=r"\d{15}",
    example="359000120001489",
    steps=(
        Step("设置移动数据（APN）。", "Mobile data (the APN of the SIM).", "APN#{apn}#"),
        Step("让它连到这里，并且不再回到原厂。", "Where to report, for good.", "SERVER#{host}#{port}#"),
        Step("每 5 分钟报一次。", "A report every 5 minutes.", "time#5"),
        Step(
            "没有回复的旧型号改用这条。",
            "Older models that do not answer: this instead.",
            "ip,{ip},{port}#",
        ),
        Step("重启，让它重新登录。", "Restart, so that it signs in anew.", "SYSRST#"),
    ),
    press=("按住 SOS 键 3 秒，直到灯闪。", "Hold the SOS key for 3 seconds, until the light blinks."),
    every=300,
)
