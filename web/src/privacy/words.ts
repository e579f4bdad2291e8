/** All words of the page "my data", in both languages. (Texts of consents and what is kept come from the server.) */
import { words } from "../i18n.ts";

export const t = words({
  title: { zh: "我的资料", en: "My data" },
  why: { zh: "系统保存什么、多久，您同意过什么，怎样取走和删除。", en: "What is kept and how long, what you agreed to, and how to take it along or erase it." },
  back: { zh: "返回", en: "Back" },
  loading: { zh: "正在读取…", en: "Loading…" },
  retry: { zh: "再试一次", en: "Try again" },
  working: { zh: "请稍候…", en: "One moment…" },

  kept: { zh: "保存什么，多久", en: "What we keep, and how long" },
  keptDays: { zh: "{days} 天，{since}起算", en: "{days} days, {since}" },
  notice: { zh: "为什么保存，谁能看", en: "Why it is kept, and who sees it" },

  consents: { zh: "我的同意", en: "What I agree to" },
  consentsWhy: { zh: "报警和出警不需要同意。下面各项可以随时同意或撤回，立即生效。", en: "Raising an alarm needs no consent. Each of these you may give or withdraw at any time; it counts at once." },
  given: { zh: "已同意", en: "You said yes" },
  notGiven: { zh: "未同意", en: "Not agreed" },
  read: { zh: "内容", en: "What it says" },
  agree: { zh: "同意", en: "I agree" },
  agreeTo: { zh: "同意：{what}", en: "I agree: {what}" },
  withdraw: { zh: "撤回", en: "Withdraw" },
  withdrawOf: { zh: "撤回：{what}", en: "Withdraw: {what}" },
  history: { zh: "以前的选择", en: "What I said before" },
  saidYes: { zh: "{time} 同意（第 {version} 版）", en: "{time}: yes (text {version})" },
  saidNo: { zh: "{time} 撤回（第 {version} 版）", en: "{time}: withdrawn (text {version})" },

  copy: { zh: "取走我的资料", en: "Take my data along" },
  copyWhy: { zh: "一个压缩文件，内有可以直接阅读的网页和 JSON。做好后保留 24 小时，只能下载一次。", en: "One zip with a page to read and JSON. It is there for 24 hours, and can be downloaded once." },
  copyAsk: { zh: "制作副本", en: "Make a copy" },
  copyMaking: { zh: "正在制作：{done} / {of}", en: "Being made: {done} of {of}" },
  copyWaits: { zh: "正在排队…", en: "Waiting to be made…" },
  copyReady: { zh: "副本已做好，可以下载到 {time}。", en: "It is ready until {time}." },
  copyFetched: { zh: "已于 {time} 下载。", en: "It was downloaded {time}." },
  copyGone: { zh: "已过期。", en: "It is over." },
  copyCode: { zh: "发送验证码", en: "Send me a code" },
  copyLink: { zh: "确认并取得链接", en: "Confirm and get the link" },
  copyHere: { zh: "下载（只能一次，10 分钟内）", en: "Download (once, within 10 minutes)" },
  copyThief: { zh: "副本里有您的住址和经过：不要留在别人能看到的地方。", en: "It says where you live and what happened: do not leave it where others can see it." },

  erasure: { zh: "删除我的资料", en: "Erase my data" },
  erasureWhy: {
    zh: "姓名、电话、亲友、设备、位置和内容都会删除，不能恢复；这部手机从此不能报警。值班簿只留一个编号。",
    en: "Name, number, relatives, devices, places and words go and cannot be brought back; this phone can then raise no alarm. The book keeps a number.",
  },
  erasureWait: { zh: "{hours} 小时后执行，在那以前可以撤回。", en: "It is done after {hours} hours; until then you can take it back." },
  erasureAsk: { zh: "我要删除", en: "I want to be erased" },
  erasureSure: { zh: "发送验证码到 {phone}，确认是您本人。", en: "A code goes to {phone}, to be sure that it is you." },
  erasureDo: { zh: "确认删除", en: "Yes, erase me" },
  erasureDue: { zh: "将于 {time} 删除。", en: "Everything is erased {time}." },
  erasureByCenter: { zh: "由您的中心代为申请。", en: "Your center asked for it." },
  keep: { zh: "不删除了", en: "Keep my data" },
  cancel: { zh: "不要", en: "Leave it" },
  code: { zh: "验证码", en: "Code" },
  codeSent: { zh: "验证码已发到 {phone}", en: "A code was sent to {phone}" },
  demoCode: { zh: "演示验证码：{code}", en: "Demo code: {code}" },
});

export type Word = Parameters<typeof t>[0];
