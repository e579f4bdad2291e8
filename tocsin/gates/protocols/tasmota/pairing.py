"""How a Tasmota module is brought to us. Source: tasmota.github.io, "MQTT", "Buttons and Switches", "Commands"."""

from tocsin.gates.protocol import Field, Pairing, Step

PAIRING = Pairing(
    title=("Tasmota 模块上的按钮", "Buttons on Tasmota modules"),
    models="Sonoff, Athom, Shelly Gen1, ESP8266, ESP32 (Tasmota 6 – 15)",
    by="web",
    identifier=(
        "模块的 Topic，在 Configuration → Configure MQTT 里；每个模块要不同",
        "The module's topic, in Configuration → Configure MQTT; another one for each module",
    ),
    pattern=r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*",
    example="tasmota_49A3BC",
    steps=(
        Step(
            "向所在中心索取 MQTT 服务器的地址、用户名和密码。",
            "Ask your center for the address, user and password of the MQTT broker.",
        ),
        Step(
            "Configuration → Configure MQTT：填写服务器、用户名、密码；Topic 填：",
            "Configuration → Configure MQTT: host, user, password; the topic:",
            "{identifier}",
        ),
        Step("Full Topic 填：", "The full topic:", "%prefix%/%topic%/"),
        Step(
            "在 Console 里输入：按钮只报告、不开关继电器，每 5 分钟一次心跳。",
            "In the console: buttons report instead of switching, a sign of life every 5 minutes.",
            "Backlog SetOption73 1; SetOption114 1; TelePeriod 300",
        ),
        Step(
            "按钮接成 Switch 时，再输入：",
            "If the push-button is wired as a switch, also:",
            "SwitchMode1 3",
        ),
    ),
    press=("按一下按钮。", "Push the button once."),
    every=300,
    fields=(
        Field(
            "press",
            "哪种按法算报警（single double triple hold；自锁开关填 on 或 off；不填：任何一种）",
            "which pushes alarm (single double triple hold; on or off for a latching switch; empty: every one)",
            r"[\w ,]*",
        ),
        Field(
            "silent",
            "哪种按法静默报警（true：全部；可不填）",
            "which pushes alarm silently (true: all; may be empty)",
            r"[\w ,]*",
        ),
    ),
)
