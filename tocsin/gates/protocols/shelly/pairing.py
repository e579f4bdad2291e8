"""How a Shelly is brought to us. Sources: shelly-api-docs.shelly.cloud, Gen1 `/settings` and Gen2 component MQTT."""

from tocsin.gates.protocol import Field, Pairing, Step

PAIRING = Pairing(
    title=("Shelly 按钮（Wi-Fi、蓝牙）", "Shelly buttons (Wi-Fi, Bluetooth)"),
    models="Shelly Button1, i3, Plus i4, i4 Gen3, BLU Button1, BLU RC Button 4, Smoke, Flood, 1, Plus 1, 2.5 …",
    by="web",
    identifier=(
        "设备网页上的设备 ID（Device ID），由型号和 MAC 地址组成",
        "The device ID on the device's own web page: its model and its MAC address",
    ),
    pattern=r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*",
    example="shellybutton1-A4CF12F45174",
    steps=(
        Step(
            "向所在中心索取 MQTT 服务器的地址、用户名和密码。",
            "Ask your center for the address, user and password of the MQTT broker.",
        ),
        Step(
            "第一代（Button1、i3）：打开设备网页，Internet & Security → Advanced - Developer settings → MQTT，"
            "填写服务器、用户名、密码；Max QoS 选 1，不勾选 Retain。",
            "Gen1 (Button1, i3): on its web page, Internet & Security → Advanced - Developer settings → MQTT: server, "
            "user, password; max QoS 1, retain off.",
        ),
        Step(
            "第一代：关掉定期重发。在浏览器里打开（192.168.33.1 换成设备的地址）：",
            "Gen1: no periodic repetition. Open in a browser (its own address instead of 192.168.33.1):",
            "http://192.168.33.1/settings?mqtt_update_period=0",
        ),
        Step(
            "第二代及以后（Plus、Pro、Gen3）：Settings → MQTT，启用，填写服务器、用户名、密码，"
            "打开 RPC status notifications over MQTT；输入类型选 Button。",
            "Gen2 and later (Plus, Pro, Gen3): Settings → MQTT: enable, server, user, password, RPC status "
            "notifications over MQTT on; type of the input: button.",
        ),
        Step(
            "蓝牙按钮（BLU）：在一台第二代或以后的 Shelly 里添加为 BTHome 设备，在这里登记的是那台 Shelly。",
            "BLU buttons: add them to a Gen2 or later Shelly as a BTHome device; that Shelly is what is registered "
            "here.",
        ),
    ),
    press=("按一下按钮。", "Push the button once."),
    fields=(
        Field(
            "press",
            "哪种按法算报警（single double triple long；不填：任何一种）",
            "which pushes alarm (single double triple long; empty: every one)",
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
