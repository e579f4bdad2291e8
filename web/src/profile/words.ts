/** Words of "my details" and of the panel at an incident. */
import { language, words, type Phrase } from "../i18n.ts";

export const t = words({
  back: { zh: "返回", en: "Back" },
  loading: { zh: "正在读取…", en: "Loading…" },
  retry: { zh: "重试", en: "Try again" },
  myDetails: { zh: "紧急资料", en: "My details" },
  why: { zh: "全部可以不填。加密保存；只在您报警期间给来帮您的人看。谁看过，您随时能查到。", en: "You may leave out all of it. It is kept encrypted, and shown only while an alarm of yours runs, to those who help you. You can see who looked." },
  places: { zh: "住处和店铺", en: "Home and shops" },
  placesWhy: { zh: "报警没有定位时，知道去哪里找您。您报警期间，值班员和被派去的人能看到。", en: "So that we know where to look for you without a position. Seen, while your alarm runs, by duty officers and by those who are sent." },
  kind: { zh: "类型", en: "Kind" },
  home: { zh: "住处", en: "Home" },
  shop: { zh: "店铺", en: "Shop" },
  other: { zh: "其他", en: "Other" },
  address: { zh: "地址", en: "Address" },
  wayIn: { zh: "怎么进去（大门、楼层、狗）", en: "The way in (gate, floor, dogs)" },
  addPlace: { zh: "添加地点", en: "Add a place" },
  vehicles: { zh: "车辆", en: "Vehicles" },
  vehiclesWhy: { zh: "假路检或绑架时，凭车牌找您的车。您报警期间，值班员和被派去的人能看到。", en: "To look for your car after a fake roadblock or a kidnapping. Seen, while your alarm runs, by duty officers and by those who are sent." },
  plate: { zh: "车牌", en: "Number plate" },
  what: { zh: "什么车、颜色", en: "Make and colour" },
  addVehicle: { zh: "添加车辆", en: "Add a vehicle" },
  family: { zh: "家人和店员", en: "Family and staff" },
  familyWhy: { zh: "让来的人知道还有谁可能在场。您报警期间，值班员和被派去的人能看到。请先告诉他们。", en: "So that those who come know who else may be there. Seen, while your alarm runs, by duty officers and by those who are sent. Tell them first." },
  name: { zh: "姓名", en: "Name" },
  who: { zh: "什么人（如 儿子8岁）", en: "Who (for example: son, 8)" },
  phone: { zh: "电话", en: "Phone" },
  addKin: { zh: "添加一人", en: "Add somebody" },
  languages: { zh: "我会说的语言", en: "Languages that I speak" },
  languagesWhy: { zh: "尽量派会说的人来。您报警期间，值班员和被派去的人能看到。", en: "We try to send somebody who speaks them. Seen, while your alarm runs, by duty officers and by those who are sent." },
  wishes: { zh: "紧急时的愿望", en: "Wishes in an emergency" },
  wishesWhy: { zh: "例如：先通知谁、送哪家医院、孩子放学谁接。您报警期间，值班员和被派去的人能看到。", en: "For example: whom to tell first, which hospital, who fetches the children. Seen, while your alarm runs, by duty officers and by those who are sent." },
  medical: { zh: "病史备注", en: "Medical notes" },
  medicalWhy: { zh: "血型、过敏、用药、慢性病。只有接您警的值班员和被派去的人，在您报警期间能看到。", en: "Blood group, allergies, medicines, illnesses. Seen only by the officer who took your alarm and by those who are sent, while it runs." },
  consent: { zh: "我同意保存病史备注", en: "I agree that my medical notes are kept" },
  consentText: { zh: "阅读全文", en: "Read the text" },
  consentGiven: { zh: "您已同意保存；删去备注即不再保存。", en: "You agreed to this. Empty the notes, and they are kept no longer." },
  remove: { zh: "删除", en: "Remove" },
  save: { zh: "保存", en: "Save" },
  saving: { zh: "正在保存…", en: "Saving…" },
  saved: { zh: "已保存", en: "Saved" },
  unsaved: { zh: "有未保存的修改", en: "There are changes that are not saved" },
  leave: { zh: "退出会员", en: "Stop being a member" },
  leaveWhy: { zh: "您和您的所有设备都不能再报警。本页的资料立即删除；联系方式和亲友 30 天后删除；警情记录按保存期限删除。要把姓名等全部删除，请先在“我的资料”里申请。", en: "Neither you nor your devices can raise the alarm any more. What is on this page is deleted at once, your contacts and relatives after 30 days, records of incidents when their time is over. For your name and everything else to go, ask for it under “My data” first." },
  leaveOpen: { zh: "我要退出…", en: "I want to leave…" },
  leaveSure: { zh: "确定退出？这部手机将不能再报警。", en: "Leave for good? This phone can then raise no alarm." },
  leaveYes: { zh: "是，退出", en: "Yes, leave" },
  stay: { zh: "不退出", en: "Stay a member" },

  // the panel at an incident
  details: { zh: "会员资料", en: "Member’s details" },
  detailsWhy: { zh: "查看会留下记录，会员本人能看到谁看过。", en: "Looking is recorded: the member can see who looked." },
  show: { zh: "查看资料", en: "Show details" },
  hide: { zh: "收起", en: "Hide" },
  nothing: { zh: "会员没有填写资料。", en: "The member told nothing." },
  notYours: { zh: "现在不能查看：警情已结束，或不由您处理。", en: "Not to be seen now: the incident is over, or not yours." },
  claimFirst: { zh: "病史和亲友：接警后可见。", en: "Health and relatives: for whoever claims it." },
  contacts: { zh: "亲友", en: "Relatives" },
  unopened: { zh: "有一部分无法解封，请找管理员。", en: "Part of it cannot be opened: ask the administrator." },
});

/** What browsers are built without. */
const NAMED: Record<string, Phrase> = {
  nan: { zh: "闽南语", en: "Hokkien" },
  hak: { zh: "客家话", en: "Hakka" },
  wuu: { zh: "吴语", en: "Wu" },
};

export function languageName(code: string): string {
  const named = NAMED[code];
  if (named) return language() === "en" ? named.en : named.zh;
  try {
    return new Intl.DisplayNames([language()], { type: "language", fallback: "code" }).of(code) ?? code;
  } catch {
    return code;
  }
}

export type Word = Parameters<typeof t>[0];
