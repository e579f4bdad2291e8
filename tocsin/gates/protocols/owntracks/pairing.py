"""How a phone with OwnTracks is brought to us."""

from tocsin.gates.protocol import Field, Pairing, Step

PAIRING = Pairing(
    title=("OwnTracks 手机应用", "OwnTracks, a phone app"),
    models="OwnTracks (Android, iOS)",
    by="app",
    identifier=(
        "用户名/设备名：应用“Identification”（身份）里的 Username 和 Device ID，中间加斜杠，自己取，不要让人猜到",
        "user/device: Username and Device ID of the app's Identification with a slash between, such as nobody guesses",
    ),
    pattern=r"[^/\s]{1,31}/[^/\s]{1,32}",
    example="mei/phone-7q4x",
    steps=(
        Step("安装 OwnTracks（应用商店，免费）。", "Install OwnTracks (free, from the store)."),
        Step(
            "设置 → Connection（连接）→ Mode（模式）：HTTP。",
            "Preferences → Connection → Mode: HTTP.",
        ),
        Step("URL（地址）一栏填写：", "Enter as URL:", "{url}"),
        Step(
            "Identification（身份）：Username 填斜杠前的部分，Device ID 填斜杠后的部分：",
            "Identification: Username is what stands before the slash, Device ID what stands after it:",
            "{identifier}",
        ),
        Step(
            "Password（密码）填写这里为该设备设定的密码（同时打开 Authentication）：",
            "Password is the one set for this device here (switch Authentication on):",
            "{password}",
        ),
        Step(
            "Encryption key（加密密钥）留空：传输由 https 保护。",
            "Leave the encryption key empty: https protects what is sent.",
        ),
        Step("点一下发送按钮，发出第一个位置。", "Tap the report button: the first position is sent."),
    ),
    press=(
        "在应用里点手动发送按钮（先在这里把报警条件设为 t=u，否则手动发送只是位置）。",
        "Tap the report button in the app (first set t=u here as what is an alarm; without it a report is a position).",
    ),
    fields=(
        Field("password", "密码（至少 8 位）", "password (8 characters at least)", r".{8,}", secret=True),
        Field(
            "sos",
            "哪种消息算报警（t=u：手动发送；不填：都不算）",
            "which message is an alarm (t=u: a report by hand; empty: none)",
            r"(?:\w+=[^=,]+(?:,\s*\w+=[^=,]+)*)?",
        ),
    ),
)
