/** The words of rosters, on the desk and in the app. */
import { words } from "../i18n.ts";

const catalog = {
  roster: { zh: "排班", en: "Roster" },
  back: { zh: "返回", en: "Back" },
  loading: { zh: "正在加载…", en: "Loading…" },
  retry: { zh: "再试一次", en: "Try again" },
  save: { zh: "保存", en: "Save" },
  working: { zh: "请稍候…", en: "One moment…" },
  failed: { zh: "没能打开排班，请再试一次。", en: "The roster could not be opened. Try again." },
  saved: { zh: "已保存", en: "Saved" },

  // duties
  duty_officer: { zh: "值班员", en: "Duty officer" },
  duty_responder: { zh: "出警人", en: "Responder" },
  duty_supervisor: { zh: "督导", en: "Supervisor" },
  duty: { zh: "岗位", en: "Duty" },

  // on duty now
  now: { zh: "当值", en: "On duty" },
  nowNobody: { zh: "无人当值", en: "Nobody on duty" },
  nowEverybody: { zh: "无人排班：全体值班员（{n}人）", en: "No one rostered: all {n} duty officers" },
  nowMore: { zh: "{name} 等{n}人", en: "{name} and {n} more" },
  nowUntil: { zh: "至 {time}", en: "until {time}" },
  nowAvailable: { zh: "可出警", en: "available" },
  nowByRole: { zh: "无人排班，按职务通知", en: "no one rostered, told by role" },
  openRoster: { zh: "打开排班", en: "Open the roster" },

  // the week
  week: { zh: "本周", en: "This week" },
  weekBefore: { zh: "上一周", en: "The week before" },
  weekAfter: { zh: "下一周", en: "The week after" },
  weekOf: { zh: "{first} 至 {last}", en: "{first} to {last}" },
  zone: { zh: "中心当地时间", en: "The center's local time" },
  today: { zh: "今天", en: "Today" },
  gap: { zh: "空缺", en: "Gap" },
  gapsNone: { zh: "本周没有空缺", en: "No gap this week" },
  gapsSome: { zh: "本周有 {n} 处空缺", en: "{n} gaps this week" },
  gapsOne: { zh: "本周有 1 处空缺", en: "1 gap this week" },
  overlap: { zh: "重叠", en: "Twice at once" },
  overlapWho: { zh: "{name} 同时排了两个班：{time}", en: "{name} is down for two shifts at once: {time}" },
  noRole: { zh: "已无此职务", en: "no longer in this role" },
  notKept: { zh: "未排班：通知所有{duty}", en: "No roster: all of this role are told" },
  notKeptShort: { zh: "未排班", en: "No roster" },
  allDay: { zh: "全天", en: "all day" },
  mine: { zh: "我", en: "me" },

  // weekly shifts
  patterns: { zh: "每周班次", en: "Weekly shifts" },
  patternsNone: { zh: "还没有每周班次。", en: "There are no weekly shifts yet." },
  patternNew: { zh: "添加每周班次", en: "Add a weekly shift" },
  patternChange: { zh: "修改每周班次", en: "Change a weekly shift" },
  patternEnd: { zh: "停止", en: "End it" },
  patternEndSure: { zh: "以后不再排这个班。已换出的班次不变。", en: "No more shifts of it from now on. What was swapped stays." },
  patternEndYes: { zh: "停止这个班", en: "End this shift" },
  keep: { zh: "不，保留", en: "No, keep it" },
  change: { zh: "修改", en: "Change" },
  weekday: { zh: "星期", en: "Day of the week" },
  weekdayFirst: { zh: "请至少选一天。", en: "Choose at least one day." },
  since: { zh: "从哪天起", en: "From" },
  until: { zh: "到哪天止（含当天；可不填）", en: "Until (included; may stay empty)" },
  from: { zh: "开始", en: "Starts" },
  to: { zh: "结束", en: "Ends" },
  nextDay: { zh: "次日", en: "next day" },
  toWhy: { zh: "结束早于开始，就是第二天。", en: "Earlier than the start means the next day." },
  person: { zh: "谁", en: "Who" },
  choose: { zh: "请选择", en: "Choose" },
  personNone: { zh: "这里还没有人有此职务。", en: "Nobody has this role here yet." },

  // single shifts
  shiftNew: { zh: "添加单次班次", en: "Add a single shift" },
  shift: { zh: "班次", en: "Shift" },
  day: { zh: "日期", en: "Day" },
  remove: { zh: "取消这个班次", en: "Take this shift out" },
  removeSure: { zh: "这段时间可能出现空缺。确定取消？", en: "This may leave a gap. Take it out?" },
  removeYes: { zh: "取消班次", en: "Take it out" },
  weekly: { zh: "每周班次", en: "weekly" },

  // swaps
  swap: { zh: "换班", en: "Swap" },
  swapOffer: { zh: "请同事接这个班", en: "Ask a colleague to take it" },
  swapWhy: { zh: "对方接受之前，这个班仍是您的。", en: "It stays yours until they accept." },
  swapSend: { zh: "发出换班请求", en: "Ask" },
  swapToMe: { zh: "{name} 请您接这个班", en: "{name} asks you to take this shift" },
  swapByMe: { zh: "等 {name} 答复", en: "Waiting for {name}" },
  swapAccept: { zh: "我接", en: "I take it" },
  swapDecline: { zh: "不接", en: "No" },
  swapAsked: { zh: "已发出，等对方答复", en: "Asked. Waiting for the answer" },
  colleaguesNone: { zh: "没有可以接班的同事。", en: "There is no colleague to ask." },

  // hand-over
  handover: { zh: "交班", en: "Hand-over" },
  handoverNote: { zh: "交班记录", en: "Hand-over note" },
  handoverWrite: { zh: "写交班记录", en: "Write a hand-over note" },
  handoverWhat: { zh: "下一位值班员要知道什么？", en: "What must the next officer know?" },
  handoverSend: { zh: "留给下一位", en: "Leave it for the next" },
  handoverConfirm: { zh: "我已读", en: "I have read it" },
  handoverFrom: { zh: "{name}，{time}", en: "{name}, {time}" },
  handoverWaits: { zh: "等下一位值班员确认", en: "Waits for the next officer" },
  handoverMore: { zh: "还有 {n} 条", en: "{n} more" },

  // calendar
  calendar: { zh: "日历", en: "Calendar" },
  calendarWhy: { zh: "把您的班次放进手机日历，自动更新。链接只属于您，请勿转发。", en: "Your shifts in your phone's calendar, kept up to date. The link is yours alone: do not pass it on." },
  calendarMake: { zh: "生成日历链接", en: "Make a calendar link" },
  calendarAgain: { zh: "换一个新链接", en: "Make a new link" },
  calendarAgainWhy: { zh: "已有链接。链接不会再次显示；换新后旧链接失效。", en: "You have a link. It is not shown again; a new one ends the old one." },
  calendarOnce: { zh: "只显示这一次，请现在复制：", en: "Shown only now. Copy it:" },
  calendarEnd: { zh: "停用链接", en: "End the link" },
  copy: { zh: "复制", en: "Copy" },
  copied: { zh: "已复制", en: "Copied" },

  // the app
  myDuty: { zh: "值班", en: "Duty" },
  myShifts: { zh: "我的班次", en: "My shifts" },
  myShiftsNone: { zh: "未来八周没有班次。", en: "No shifts in the next eight weeks." },
  shiftsLater: { zh: "以后的 {n} 个班次", en: "{n} later shifts" },
  runs: { zh: "正在当值", en: "on duty now" },
  available: { zh: "我可出警", en: "I'm available" },
  availableWhy: { zh: "附近有警情时，中心会找您。到时自动结束。", en: "The center can call on you for alarms nearby. It ends by itself." },
  availableUntil: { zh: "可出警，至 {time}", en: "Available until {time}" },
  availableAt: { zh: "中心：{center}", en: "For {center}" },
  availablePlaced: { zh: "已告知您刚才的位置。", en: "The place where you said it is known." },
  availableUnplaced: { zh: "未告知位置。", en: "No place was given." },
  availableEnd: { zh: "结束", en: "End it" },
  availableFor: { zh: "多长时间？", en: "For how long?" },
  hours: { zh: "{n}小时", en: "{n} h" },
  withPlace: { zh: "告知我现在的位置", en: "Say where I am now" },
  withPlaceWhy: { zh: "只用这一次，不会跟踪。", en: "Only this once; you are not followed." },
  noPlace: { zh: "没能取得位置，已在无位置的情况下登记。", en: "Your place was not found; you are available without it." },
  center: { zh: "中心", en: "Center" },
  noNetwork: { zh: "连不上网络，请稍后再试。", en: "No connection. Please try again." },
} as const;

export type Word = keyof typeof catalog;
export const t = words(catalog);

export function dutyName(duty: string): string {
  const key = duty === "duty_officer" ? "duty_officer" : `duty_${duty}`;
  return key in catalog ? t(key as Word) : duty;
}
