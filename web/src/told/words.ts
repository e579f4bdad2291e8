/** All words of what became of the messages of an incident, in both languages. */
import { words } from "../i18n.ts";

export const t = words({
  title: { zh: "通知", en: "Told" },
  sum: { zh: "已通知 {told} 人，{seen} 人已看，{coming} 人前往", en: "told {told}, seen {seen}, coming {coming}" },
  waiting: { zh: "{n} 人待发", en: "{n} waiting" },
  failed: { zh: "{n} 人联系不上", en: "{n} not reached" },
  nobody: { zh: "还没有通知任何人。", en: "Nobody was told yet." },
  all: { zh: "全部 {n} 条消息", en: "All {n} messages" },
  relative: { zh: "亲友", en: "relative" },
  partner: { zh: "外部", en: "partner" },
  drill: { zh: "演练", en: "Drill" },
  then: { zh: "之后改用{channels}", en: "then {channels}" },
  eta: { zh: "{n} 分钟内到", en: "in {n} min" },
  tries: { zh: "已试 {n} 次", en: "{n} tries" },

  by_webpush: { zh: "推送", en: "push" },
  by_sms: { zh: "短信", en: "text" },
  by_voice: { zh: "电话", en: "call" },
  by_email: { zh: "邮件", en: "e-mail" },
  by_whatsapp: { zh: "WhatsApp", en: "WhatsApp" },
  by_wecom: { zh: "企业微信", en: "WeCom" },
  by_apprise: { zh: "其他应用", en: "other app" },
  by_webhook: { zh: "外部接口", en: "webhook" },

  is_queued: { zh: "排队中", en: "waiting" },
  is_sending: { zh: "正在发送", en: "being sent" },
  is_sent: { zh: "已发出", en: "sent" },
  is_delivered: { zh: "已送达", en: "delivered" },
  is_read: { zh: "已看", en: "seen" },
  is_answered: { zh: "有回话", en: "answered" },
  is_failed: { zh: "发送失败", en: "failed" },
  is_given_up: { zh: "多次未成，已放弃", en: "given up" },
  is_cancelled: { zh: "不必再发", en: "not needed any more" },
  why_no_answer: { zh: "没有回应", en: "no answer" },
  why_refused: { zh: "被拒绝", en: "refused" },
  why_address_dead: { zh: "地址已失效", en: "address dead" },
  why_not_set_up: { zh: "通道未设置", en: "channel not set up" },
  says_coming: { zh: "前往", en: "coming" },
  says_cannot: { zh: "不能前往", en: "cannot come" },
  says_claimed: { zh: "已接警", en: "claimed it" },
});

export type Word = Parameters<typeof t>[0];
