"""What can happen to a device, and how it is said."""

from tocsin.book.facts import Fact, kind


@kind("device_silent", zh="{device}没有信号，已超过{minutes}分钟", en="{device} has been silent for {minutes} minutes")
class DeviceSilent(Fact):
    """Nothing was heard of it for longer than it is told to stay quiet."""

    device: int
    minutes: int


@kind("device_back", zh="{device}恢复信号，中断{minutes}分钟", en="{device} is back after {minutes} minutes")
class DeviceBack(Fact):
    device: int
    minutes: int


@kind("device_trouble", zh="{device}：{trouble}", en="{device}: {trouble}")
class DeviceTrouble(Fact):
    """It complains: low battery, power cut, tampering …; once, not every minute."""

    device: int
    trouble: str


@kind("device_mended", zh="{device}：{trouble}，已恢复", en="{device}: {trouble}, over")
class DeviceMended(Fact):
    device: int
    trouble: str


@kind("device_added", zh="{actor}登记设备：{device}", en="{device} added by {actor}")
class DeviceAdded(Fact):
    """`owner`: whose alarms it sends, a person's, a site's or a center's."""

    device: int
    protocol: str
    owner: str


@kind("device_changed", zh="{actor}修改设备：{device}", en="{device} changed by {actor}")
class DeviceChanged(Fact):
    """Its name, or how long it may stay quiet."""

    device: int


@kind("device_test_begun", zh="{actor}开始测试：{device}", en="Test of {device} begun by {actor}")
class DeviceTestBegun(Fact):
    """Its next press is a test, until `minutes` have passed."""

    device: int
    minutes: int


@kind("device_test_ended", zh="{actor}结束测试：{device}", en="Test of {device} ended by {actor}")
class DeviceTestEnded(Fact):
    device: int


@kind("device_revoked", zh="{actor}停用设备：{device}", en="{device} revoked by {actor}")
class DeviceRevoked(Fact):
    """Nothing that it says is heard any more."""

    device: int


@kind("site_added", zh="{actor}登记场所", en="Site added by {actor}")
class SiteAdded(Fact):
    site: int
