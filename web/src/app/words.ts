/** All words of the app, each in both languages. */
import { words } from "../i18n.ts";
import type { AlarmKind } from "./signal.ts";

export const t = words({
  brand: { zh: "守望", en: "Tocsin" },
  demo: { zh: "演示", en: "Demo" },
  otherLanguage: { zh: "English", en: "中文" },
  switchLanguage: { zh: "Switch to English", en: "切换到中文" },
  settings: { zh: "设置", en: "Settings" },
  duty: { zh: "值班", en: "Duty" },
  back: { zh: "返回", en: "Back" },
  close: { zh: "完成", en: "Done" },

  // sign-in
  signIn: { zh: "登录", en: "Sign in" },
  signInWhy: { zh: "登录一次，这部手机就能一键报警。", en: "Sign in once, and this phone can raise the alarm with one press." },
  phone: { zh: "手机号码", en: "Phone number" },
  phoneExample: { zh: "例如 082 123 4567", en: "for example 082 123 4567" },
  getCode: { zh: "获取验证码", en: "Send me a code" },
  code: { zh: "验证码", en: "Code" },
  codeSent: { zh: "验证码已发到 {phone}", en: "A code was sent to {phone}" },
  codeCalled: { zh: "正在拨打 {phone}，会读出验证码", en: "We are calling {phone} to say the code" },
  callWait: { zh: "没收到？{n} 秒后可以改为电话。", en: "Nothing came? In {n} s we can call you instead." },
  callMe: { zh: "改为打电话给我", en: "Call me instead" },
  textAgain: { zh: "再发一次短信", en: "Text me again" },
  demoCode: { zh: "演示验证码：{code}", en: "Demo code: {code}" },
  otherPhone: { zh: "换一个号码", en: "Use another number" },
  working: { zh: "请稍候…", en: "One moment…" },
  noNetwork: { zh: "连不上网络，请稍后再试。", en: "No connection. Please try again." },
  notAccepted: { zh: "未被接受，请检查后再试。", en: "That was not accepted. Please check it and try again." },
  emergencyNow: { zh: "现在就有危险？", en: "In danger now?" },
  callNumber: { zh: "拨打 {number}", en: "Call {number}" },
  police: { zh: "警察", en: "police" },
  anyEmergency: { zh: "手机紧急号码", en: "any emergency" },

  // the press screen
  press: { zh: "报警", en: "SOS" },
  pressSilent: { zh: "静默报警", en: "Silent SOS" },
  holdToSend: { zh: "按住 1.5 秒", en: "Hold 1.5 seconds" },
  keepHolding: { zh: "不要松手…", en: "Keep holding…" },
  holdLonger: { zh: "太短了，请按住不放", en: "Too short: press and hold" },
  yourCenter: { zh: "您的警民中心", en: "Your center" },
  ready: { zh: "准备就绪", en: "Ready" },
  offlineReady: { zh: "现在没有网络。报警会先存在手机里，一有网络自动发出。", en: "No network now. An alarm is kept on the phone and goes out by itself." },
  expired: { zh: "登录已过期。报警仍会保存；请重新登录，紧急时请打电话。", en: "Your sign-in has expired. An alarm is still kept; sign in again, and call if urgent." },
  signInAgain: { zh: "重新登录", en: "Sign in again" },
  allowLocation: { zh: "允许定位", en: "Allow location" },
  locationWhy: { zh: "只在报警时使用您的位置。", en: "Your location is used only during an alarm." },
  locationDenied: { zh: "定位未获允许：报警照样能发，值班员会问您在哪里。", en: "Location is not allowed: alarms still go out; the officer will ask where you are." },
  waitingAlarms: { zh: "还有报警在等网络，会自动发出。", en: "An alarm is waiting for the network and will go out by itself." },
  silentSwitch: { zh: "静默报警", en: "Silent alarm" },
  silentWhy: { zh: "不震动、不出声、不回电", en: "No sound, no vibration, no call back" },
  silentLegend: { zh: "之后屏幕只显示“安全提示”。✓ 已收到 ✓✓ 已看到 ✓✓✓ 已派人", en: "The screen then shows only “Safety tips”. ✓ received ✓✓ seen ✓✓✓ help sent" },
  call: { zh: "打电话", en: "Call" },
  sms: { zh: "发短信", en: "Text" },
  callCenter: { zh: "打电话给{center}", en: "Call {center}" },
  smsCenter: { zh: "发短信给{center}", en: "Text {center}" },

  // the running alarm
  queued: { zh: "正在发送…", en: "Sending…" },
  queuedWhy: { zh: "已存在手机里。", en: "It is kept on this phone." },
  notYet: { zh: "还没有发出去", en: "Not sent yet" },
  notYetWhy: { zh: "请打电话或发短信。一有网络，报警会自动发出。", en: "Call or send a text. The alarm goes out by itself as soon as there is a network." },
  notYetSignedOut: { zh: "登录已过期，报警存在手机里。请打电话或发短信。", en: "Your sign-in has expired; the alarm is kept here. Call or send a text." },
  received: { zh: "已收到", en: "Received" },
  receivedWhy: { zh: "正在等值班员接警。", en: "Waiting for a duty officer." },
  seen: { zh: "值班员已接警", en: "Seen by an officer" },
  seenWhy: { zh: "值班员正在处理，请保持手机畅通。", en: "The officer is on it. Keep your phone free." },
  seenWhySilent: { zh: "值班员正在处理，不会给您打电话。", en: "The officer is on it and will not call you." },
  helpSent: { zh: "已派人前往", en: "Help has been sent" },
  onTheWay: { zh: "有人正在赶来", en: "Help is on the way" },
  onScene: { zh: "出警人已到场", en: "Help is there" },
  resolved: { zh: "已处置", en: "Dealt with" },
  closed: { zh: "警情已结束", en: "The alarm is closed" },
  closedWhy: { zh: "结束于 {time}", en: "Closed at {time}" },
  outcome_genuine: { zh: "属实", en: "Genuine" },
  outcome_false_alarm: { zh: "误报", en: "False alarm" },
  outcome_drill: { zh: "演练", en: "Drill" },
  outcome_duplicate: { zh: "重复", en: "Duplicate" },
  outcome_no_contact: { zh: "联系不上", en: "No contact" },
  stepSent: { zh: "发送", en: "Sent" },
  stepReceived: { zh: "收到", en: "Received" },
  stepSeen: { zh: "接警", en: "Seen" },
  stepHelp: { zh: "出警", en: "Help" },
  by: { zh: "值班员 {who}", en: "Duty officer {who}" },
  dispatch_sent: { zh: "已派出", en: "sent" },
  dispatch_on_the_way: { zh: "在途", en: "on the way" },
  dispatch_on_scene: { zh: "已到场", en: "on scene" },
  dispatch_done: { zh: "已完成", en: "done" },
  lost: { zh: "暂时联系不上服务器，最后消息 {time}。报警仍有效。", en: "No contact with the server since {time}. The alarm stands." },
  whatIsIt: { zh: "发生了什么？（可不选）", en: "What is it? (you may skip this)" },
  message: { zh: "补充说明", en: "Say more" },
  messageHint: { zh: "几个人、什么车、伤者…", en: "How many people, which car, who is hurt…" },
  send: { zh: "发送", en: "Send" },
  texted: { zh: "已发送", en: "sent" },
  textWaiting: { zh: "等待发送", en: "waiting" },
  again: { zh: "再次报警", en: "Send again" },
  againCount: { zh: "已按 {count} 次", en: "Pressed {count} times" },
  cancel: { zh: "请求取消", en: "Ask to cancel" },
  cancelAsked: { zh: "已请求取消。值班员会给您打电话。", en: "Cancel asked. The duty officer will call you." },
  pinTitle: { zh: "取消密码", en: "Cancel PIN" },
  pinWhy: {
    zh: "可不设。设了以后，请求取消报警要先输入密码。另设一个胁迫密码：输入后屏幕上看起来与取消完全一样，值班台却知道您被迫。密码只存在这部手机上。",
    en: "Optional. With it, asking to cancel an alarm needs a PIN. A second PIN is for when you are forced: the screen looks exactly as if you had cancelled, and the desk knows. Both stay on this phone alone.",
  },
  pinSet: { zh: "已设好。请求取消报警时要输入。", en: "It is set. It is asked for when you ask to cancel an alarm." },
  pinCancel: { zh: "取消密码", en: "Cancel PIN" },
  pinDuress: { zh: "胁迫密码", en: "PIN when forced" },
  pinSave: { zh: "保存", en: "Save" },
  pinRemove: { zh: "去掉密码", en: "Remove the PIN" },
  pinShape: { zh: "请用 4 到 8 位数字。", en: "Use 4 to 8 digits." },
  pinSame: { zh: "两个密码要不同。", en: "The two PINs must differ." },
  pinWrong: { zh: "密码不对，请再输一次。", en: "That is not the PIN. Try again." },
  pinAsked: { zh: "请输入取消密码", en: "Enter your cancel PIN" },
  cancelAskedSilent: { zh: "已请求取消。由值班员决定。", en: "Cancel asked. The duty officer decides." },
  whereSearching: { zh: "正在定位…报警不用等它", en: "Finding your location… the alarm does not wait for it" },
  whereFound: { zh: "位置已共享 · 误差约 {accuracy} 米 · {age}", en: "Location shared · ±{accuracy} m · {age}" },
  whereKept: { zh: "已找到位置 · 误差约 {accuracy} 米 · {age}", en: "Location found · ±{accuracy} m · {age}" },
  whereDenied: { zh: "定位未获允许，值班员会问您在哪里", en: "Location is not allowed; the officer will ask" },
  whereMissing: { zh: "暂时找不到位置", en: "No location found yet" },
  whereOff: { zh: "未共享位置", en: "Location is not shared" },
  whereWhileOpen: { zh: "请保持此页面打开。", en: "Keep this page open." },
  now: { zh: "刚刚", en: "just now" },
  secondsAgo: { zh: "{n} 秒前", en: "{n} s ago" },
  minutesAgo: { zh: "{n} 分钟前", en: "{n} min ago" },

  // the silent alarm's screen
  tips: { zh: "安全提示", en: "Safety tips" },
  tip1: { zh: "出门前查看路线，把行程告诉家人。", en: "Check your route before you leave and tell your family." },
  tip2: { zh: "夜间停车选有灯光、有人值守的地方。", en: "At night park where there is light and a guard." },
  tip3: { zh: "不要在店里存放大量现金。", en: "Do not keep much cash in the shop." },
  tip4: { zh: "证件复印件与原件分开放。", en: "Keep copies of your papers apart from the originals." },
  tip5: { zh: "记下当地警局和警民中心的电话。", en: "Note the numbers of your police station and center." },
  updated: { zh: "更新 {time} {ticks}", en: "Updated {time} {ticks}" },
  more: { zh: "更多", en: "More" },

  // text message, tests, settings
  smsText: { zh: "求救 SOS {name} {kind} {time} {place}", en: "SOS 求救 {name} {kind} {time} {place}" },
  test: { zh: "测试", en: "Test" },
  testTitle: { zh: "测试这部手机", en: "Test this phone" },
  testWhy: { zh: "发一个测试信号。它不是报警，不会有人出动。", en: "Sends a test signal. It is not an alarm; nobody will come." },
  testSend: { zh: "发送测试", en: "Send a test" },
  testing: { zh: "测试信号在路上…", en: "The test signal is on its way…" },
  testWaiting: { zh: "还没有网络，测试信号已保存。", en: "No network yet; the test signal is kept." },
  testDone: { zh: "测试成功，{seconds} 秒。", en: "The test worked: {seconds} s." },
  testDoneAt: { zh: "测试成功：{center}，{seconds} 秒。", en: "The test worked: {center}, {seconds} s." },
  testFailed: { zh: "测试未被接受。", en: "The test was not accepted." },
  languageTitle: { zh: "语言", en: "Language" },
  locationTitle: { zh: "定位", en: "Location" },
  locationAllowed: { zh: "已允许。只在报警时使用，结束后停止。", en: "Allowed. Used only during an alarm, and stops with it." },
  devicesTitle: { zh: "我的设备", en: "My devices" },
  devicesWhy: { zh: "定位器、SOS 手表、挂件：添加、测试、看看是否正常。", en: "Trackers, SOS watches, pendants: add one, test it, see how it is doing." },
  devicesOpen: { zh: "打开我的设备", en: "Open my devices" },
  loading: { zh: "正在读取…", en: "Loading…" },
  phonesTitle: { zh: "我的手机", en: "My phones" },
  phonesWhy: { zh: "在哪些手机上登录。丢失或被偷的手机，在这里吊销。", en: "Where you are signed in. Revoke a phone that was lost or stolen." },
  phonesOpen: { zh: "查看和吊销", en: "See and revoke" },
  numberTitle: { zh: "我的手机号码", en: "My phone number" },
  numberChange: { zh: "更换号码", en: "Change the number" },
  sent: { zh: "出警", en: "Sent" },
  looksTitle: { zh: "谁看过我", en: "Who looked at me" },
  looksWhy: { zh: "谁看过您的资料、位置和警情，何时、为何。", en: "Who saw your data, your position and your alarms; when and why." },
  looksOpen: { zh: "查看", en: "See" },
  profileTitle: { zh: "紧急资料", en: "My details" },
  profileWhy: { zh: "住处、车辆、家人、病史：帮助来的人。都可以不填。", en: "Home, vehicles, family, health: they help those who come. All optional." },
  profileOpen: { zh: "查看和填写", en: "See and fill in" },
  notMember: { zh: "还不是会员？申请加入", en: "Not a member yet? Apply" },
  relativesTitle: { zh: "我的亲友", en: "My relatives" },
  relativesWhy: { zh: "您报警时可以通知他们，须先征得他们同意。", en: "They can be told when you raise an alarm, if they agree." },
  relativesOpen: { zh: "查看和添加", en: "See and add" },
  contactsTitle: { zh: "我的联系方式", en: "How I am reached" },
  contactsWhy: { zh: "短信、电话、邮件等，各测试一次。", en: "Texts, calls, e-mail and more: test each once." },
  contactsOpen: { zh: "查看和测试", en: "See and test" },
  mydataTitle: { zh: "我的资料", en: "My data" },
  mydataWhy: { zh: "保存什么、多久；同意、取走和删除。", en: "What is kept and how long; consents, a copy, erasure." },
  mydataOpen: { zh: "查看我的资料", en: "See my data" },
  accountTitle: { zh: "账户", en: "Account" },
  signOut: { zh: "退出登录", en: "Sign out" },
  signOutSure: { zh: "退出后，这部手机不能再一键报警。确定吗？", en: "After signing out this phone can no longer raise an alarm. Are you sure?" },
  signOutYes: { zh: "确定退出", en: "Yes, sign out" },
  stay: { zh: "不退出", en: "Stay signed in" },
  signOutLater: { zh: "还有报警没有发出，现在不能退出。", en: "An alarm has not gone out yet; you cannot sign out now." },
});

export const kindName = words<AlarmKind>({
  roadblock: { zh: "假路检/假警察", en: "Fake roadblock" },
  robbery: { zh: "抢劫", en: "Robbery" },
  burglary: { zh: "入室盗窃", en: "Burglary" },
  kidnapping: { zh: "绑架", en: "Kidnapping" },
  extortion: { zh: "敲诈勒索", en: "Extortion" },
  traffic: { zh: "交通事故", en: "Traffic accident" },
  medical: { zh: "急病", en: "Medical emergency" },
  fire: { zh: "火灾", en: "Fire" },
  unrest: { zh: "骚乱", en: "Unrest" },
  other: { zh: "其他", en: "Other" },
});

export function outcomeName(outcome: string | null | undefined): string {
  switch (outcome) {
    case "genuine":
      return t("outcome_genuine");
    case "false_alarm":
      return t("outcome_false_alarm");
    case "drill":
      return t("outcome_drill");
    case "duplicate":
      return t("outcome_duplicate");
    case "no_contact":
      return t("outcome_no_contact");
    default:
      return "";
  }
}

/** "just now", "12 s ago", "3 min ago". */
export function ago(when: number | string): string {
  const seconds = Math.max(0, Math.round((Date.now() - new Date(when).getTime()) / 1000));
  if (seconds < 5) return t("now");
  return seconds < 120 ? t("secondsAgo", { n: seconds }) : t("minutesAgo", { n: Math.round(seconds / 60) });
}
