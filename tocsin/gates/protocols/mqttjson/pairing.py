"""How a self-made device is brought to us."""

from tocsin.gates.protocol import Field, Pairing, Step

PATH = r"[\w. -]*"

PAIRING = Pairing(
    title=("自制设备（MQTT，JSON）", "Self-made devices (JSON over MQTT)"),
    models="ESPHome, Arduino, Node-RED, Home Assistant, mosquitto_pub",
    by="server",
    identifier=(
        "自己取的名字，即主题 tocsin/ 后面的一段；请用别人猜不到的",
        "A name of your choice, the level after tocsin/ in the topic; take one that nobody guesses",
    ),
    pattern=r"[^+#/\s]+",
    example="gate-7",
    steps=(
        Step(
            "向所在中心的管理员索取 MQTT 服务器的地址、用户名和密码。",
            "Ask the center's administrator for the address, user and password of the MQTT broker.",
        ),
        Step(
            "设备发布到主题（QoS 1，不保留）：",
            "The device publishes, with QoS 1 and not retained, at:",
            "tocsin/{identifier}",
        ),
        Step(
            "报警的内容，例如：",
            "An alarm, for example:",
            '{"event": "sos", "lat": -26.1, "lon": 28.05, "battery": 87, "counter": 12}',
        ),
        Step(
            "字段名不同的设备：在下面填写各字段的路径，如 data.button（点号分层，数字为序号）。",
            "If its fields are called otherwise, say below where they stand, such as data.button (dots between levels, "
            "numbers for places in a list).",
        ),
    ),
    press=("按一下按钮。", "Press the button once."),
    fields=(
        Field("action_path", "按键字段的路径", "path of the field that says what was pressed", PATH),
        Field(
            "press",
            "它的哪些值算报警（不填：按下和求救的常用词）",
            "which of its values alarm (empty: the usual words for a push and a cry for help)",
            r"[\w ,.-]*",
        ),
        Field("silent", "哪些值静默报警（true：全部）", "which values alarm silently (true: all)", r"[\w ,.-]*"),
        Field("lat_path", "纬度字段的路径", "path of the latitude", PATH),
        Field("lon_path", "经度字段的路径", "path of the longitude", PATH),
        Field("battery_path", "电量字段的路径", "path of the battery", PATH),
        Field("at_path", "时间字段的路径", "path of the time", PATH),
    ),
)
