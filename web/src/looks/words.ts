/** All words of "who looked at me", in both languages. */
import { words } from "../i18n.ts";

export const t = words({
  title: { zh: "谁看过我", en: "Who looked at me" },
  why: { zh: "谁看过您的资料、位置或警情，都记在这里，任何人都不能删改。", en: "Whoever sees your data, your position or your alarm is written down here. Nobody can change it." },
  silent: { zh: "静默报警的查看记录不在手机上显示，可向您的中心查询。", en: "Looks at a silent alarm are never shown on a phone: ask your center for them." },
  none: { zh: "还没有人看过。", en: "Nobody looked yet." },
  glass: { zh: "破例查看", en: "Broken glass" },
  glassWhy: { zh: "当时没有警情。您和中心主任已收到通知。", en: "No alarm was running. You and the center's director were told." },
  reason: { zh: "理由：{reason}", en: "Reason: {reason}" },
  because: { zh: "原因：{why}", en: "Why: {why}" },
  alarm: { zh: "警情 #{n}", en: "Alarm #{n}" },
  wrong: { zh: "觉得不对？请联系您的中心。", en: "Is something not right? Ask your center." },
  back: { zh: "返回", en: "Back" },
  loading: { zh: "正在读取…", en: "Loading…" },
  retry: { zh: "再试一次", en: "Try again" },
});
