"""How a phone with Traccar Client or OsmAnd is brought to us. Source: traccar.org/client-configuration."""

from tocsin.gates.protocol import Pairing, Step

PAIRING = Pairing(
    title=("手机定位应用（Traccar Client、OsmAnd）", "Phone apps (Traccar Client, OsmAnd)"),
    models="Traccar Client (Android, iOS), OsmAnd, curl, Home Assistant",
    by="app",
    identifier=(
        "应用里的“设备标识符”。请用别人猜不到的：应用自带的随机数就好。",
        "The app's “device identifier”. Take one that nobody guesses: the random number that the app shows will do.",
    ),
    pattern=r"[A-Za-z0-9._-]{6,64}",
    example="83412907",
    steps=(
        Step(
            "安装并打开 Traccar Client。在设置里填写“设备标识符”：",
            "Install and open Traccar Client. In its settings, the device identifier:",
            "{identifier}",
        ),
        Step("“服务器网址”：", "The server URL:", "{url}"),
        Step(
            "打开“离线缓存”，间隔 60 秒，然后打开“持续定位”，并始终允许定位。",
            "Switch offline buffering on, interval 60 s; then switch tracking on, and always allow location.",
        ),
        Step(
            "用 OsmAnd 的话：插件“行程记录” → “在线跟踪” → 网址：",
            "With OsmAnd instead: the plug-in Trip recording → Online tracking → web address:",
            "{url}?id={identifier}&lat={0}&lon={1}&timestamp={2}&hdop={3}&altitude={4}&speed={5}",
        ),
    ),
    press=(
        "长按 Traccar Client 的图标，选 SOS。",
        "Hold the icon of Traccar Client and choose SOS.",
    ),
)
