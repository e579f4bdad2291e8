/** All words about pushes, in both languages. */
import { words } from "../i18n.ts";

export const t = words({
  notifyPhone: { zh: "接收出警通知", en: "Notify this phone" },
  notifyPhoneWhy: { zh: "应用关着也能收到报警和派警，并会反复提醒，直到您点开。", en: "Alarms and dispatches reach you even when the app is closed, and repeat until you open them." },
  notifyDesk: { zh: "关闭值班台后也通知", en: "Notify this computer when the desk is closed" },
  notifyDeskWhy: { zh: "浏览器开着就能收到报警，值班台页面不必打开。", en: "Alarms reach you while the browser runs, even with no desk page open." },
  unsupported: { zh: "这个浏览器不能接收推送通知。请换用最新版 Chrome、Edge、Firefox 或 Safari。", en: "This browser cannot receive push notifications. Use a current Chrome, Edge, Firefox or Safari." },
  iphone: {
    zh: "在 iPhone 和 iPad 上：先用 Safari 点“共享”，选“添加到主屏幕”，再从主屏幕打开守望，在这里开启。",
    en: "On iPhone and iPad: in Safari tap Share, choose “Add to Home Screen”, open Tocsin from the Home Screen, and turn it on here.",
  },
  unset: { zh: "此系统尚未启用推送通知，请联系管理员。", en: "Push notifications are not set up on this system. Ask the administrator." },
  blocked: { zh: "浏览器已拦截通知。请在浏览器或手机的设置里允许本网站发送通知，再回到这里。", en: "Notifications are blocked. Allow them for this site in the settings of the browser or phone, then come back here." },
  off: { zh: "未开启。", en: "Off." },
  on: { zh: "已开启。", en: "On." },
  working: { zh: "请稍候…", en: "One moment…" },
  unreachable: { zh: "暂时连不上，请稍后再试。", en: "No connection. Try again later." },
  refused: {
    zh: "浏览器的推送服务没有响应（在中国大陆，Chrome 的推送不可用）。请稍后再试，或换一个浏览器。",
    en: "The browser's push service did not answer (Chrome's is blocked in mainland China). Try again later, or use another browser.",
  },
  turnOn: { zh: "开启通知", en: "Turn on notifications" },
  turnOff: { zh: "关闭通知", en: "Turn off notifications" },
  test: { zh: "发一条测试通知", en: "Send a test notification" },
  tested: { zh: "测试通知已发出，几秒内应会出现；请点开确认。", en: "A test is on its way and should appear within seconds. Open it to confirm." },
});
