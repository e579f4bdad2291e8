"""How an alarm panel is brought to us: its installer enters these in the panel's menu or its maker's program."""

from tocsin.gates.protocol import Field, Pairing, Step

PAIRING = Pairing(
    title=("报警主机（SIA DC-09）", "Alarm panels (SIA DC-09)"),
    models="Ajax, DSC, Risco, Hikvision AX PRO, Satel, Eldes, Jablotron, Pima, Pyronix; most with “SIA IP” in the menu",
    by="panel",
    identifier=(
        "主机报告用的账号（account），3 至 16 位，数字或 A–F，前面的 0 也要写。"
        "几位客户共用一个账号时，前面加上线路号：L2#1234。",
        "The account that the panel reports with: 3 to 16 digits or letters A to F, leading zeros too. Where several "
        "customers share one, with the line prefix before it: L2#1234.",
    ),
    pattern=r"(?:(?:R[0-9A-Fa-f]{0,6})?(?:L[0-9A-Fa-f]{0,6})?#)?[0-9A-Za-z]{3,16}",
    example="1234",
    steps=(
        Step(
            "在主机上添加一个监控中心（接收机），协议选 SIA DC-09（SIA-IP）。",
            "Add a monitoring station with the protocol SIA DC-09 (SIA-IP).",
        ),
        Step("接收机地址。", "Its address.", "{host}"),
        Step("端口，TCP（也可用 UDP）。", "Its port, TCP (UDP works too).", "{port}"),
        Step("账号，与这里登记的完全相同。", "The account, exactly as it is registered here.", "{identifier}"),
        Step(
            "事件格式选 Contact ID（ADM-CID）；SIA（SIA-DCS）也可以。",
            "Events as Contact ID (ADM-CID); SIA (SIA-DCS) works too.",
            "ADM-CID",
        ),
        Step(
            "打开 AES 加密，填入与这里相同的密钥。主机要求文字密钥的填 16、24 或 32 个字符，"
            "要求十六进制的填 32、48 或 64 位。",
            "Switch AES encryption on, with the same key as here: 16, 24 or 32 characters where the panel takes text, "
            "32, 48 or 64 digits where it takes hex.",
        ),
        Step("链路检测（心跳、轮询）间隔，秒。", "Supervision (link test, polling, ping), in seconds.", "90"),
        Step("时间自动校准（NTP），时区 UTC。", "The clock by network time (NTP), in UTC.", "UTC"),
    ),
    press=(
        "先在主机上确认链路正常，再按紧急按钮，或在键盘上按紧急键。",
        "See that the panel calls the connection good; then press a panic button, or the panic keys of the keypad.",
    ),
    every=90,
    fields=(
        Field(
            "key",
            "AES 密钥（不加密就留空）",
            "AES key (empty: not encrypted)",
            r"|[0-9A-Fa-f]{32}|[0-9A-Fa-f]{48}|[0-9A-Fa-f]{64}|.{16}|.{24}|.{32}",
            secret=True,
        ),
    ),
)
