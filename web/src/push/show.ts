/**
 * The service worker's side of web push: shows what arrives, sounds it again until somebody has looked, opens it with one tap, and subscribes anew when the browser has
 * given up the old subscription. Used by the app's worker and the desk's.
 */
import { bytes } from "./bytes.ts";
import type { Account, Payload } from "./types.ts";

const PAUSE = 8_000; // between two soundings of one alarm
const TIMES = 9; // browsers end a worker's work on a push after 30 to 90 s; the server's escalation goes on telling
const ICON = "/static/web/app/icon-192.png";
const ICON_OF_A_DRILL = "/static/web/app/icon-drill-192.png"; // yellow: nobody may take it for an alarm
const DRILL = { zh: "【演练】", en: "DRILL: " } as const;
const URGENT = [600, 200, 600, 200, 600, 800, 600, 200, 600, 200, 600];
const TIPS = { zh: "安全提示", en: "Safety tips" } as const; // what the app shows as well while a silent alarm runs
const LOST = { zh: ["守望：有新消息", "请点开查看。"], en: ["Tocsin: a new message", "Open it to see what it is."] } as const;

// The few words of the service worker's world that are used here (TypeScript's own cannot stand beside those of a page).
interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Pushed extends Lasting {
  readonly data: { json(): unknown } | null;
}
interface Clicked extends Lasting {
  readonly notification: Notification;
}
interface Changed extends Lasting {
  readonly oldSubscription?: PushSubscription | null;
  readonly newSubscription?: PushSubscription | null;
}
interface Page {
  readonly url: string;
  focus(): Promise<unknown>;
}
export interface PushWorker {
  addEventListener(type: "push", listener: (event: Pushed) => void): void;
  addEventListener(type: "notificationclick", listener: (event: Clicked) => void): void;
  addEventListener(type: "pushsubscriptionchange", listener: (event: Changed) => void): void;
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<readonly Page[]>;
    openWindow(url: string): Promise<unknown>;
  };
}

/** `hush`: whether a silent alarm of this phone's own runs. Then nothing may sound, light up for long or say what it is about. */
export function takePushes(worker: PushWorker, account: Account, hush: () => Promise<boolean> = async () => false): void {
  worker.addEventListener("push", (event) => event.waitUntil(arrived(worker.registration, event.data, hush)));
  worker.addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(look(worker, (event.notification.data as Payload | null)?.link ?? null));
  });
  worker.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(worker.registration, account, event)));
}

async function arrived(registration: ServiceWorkerRegistration, data: Pushed["data"], hush: () => Promise<boolean>): Promise<void> {
  const payload = read(data);
  // The end of an incident takes its alarm off the screen, and so ends the sounding.
  if (payload.topic.startsWith("ended-")) await clear(registration, payload.topic.slice("ended-".length));
  await show(registration, payload, await hush());
  const reported = report(payload);
  for (let times = 1; payload.repeats && times < TIMES; times += 1) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if ((await hush()) || !(await stands(registration, payload))) break;
    await show(registration, payload, false);
  }
  await reported;
}

/** Tell the server that it is on the screen. */
async function report({ key }: Payload): Promise<void> {
  if (key) await fetch(`/callbacks/webpush/${encodeURIComponent(key)}`, { method: "POST", credentials: "omit" }).catch(() => undefined);
}

/** A push that cannot be read must show something all the same: it may be an alarm, and browsers ask for it. */
function read(data: Pushed["data"]): Payload {
  const empty: Payload = { title: "", body: "", link: null, key: "", urgent: true, repeats: false, drill: false, topic: "", language: "zh-hans" };
  try {
    const said = data?.json() as Partial<Payload> | null;
    if (said && typeof said.title === "string" && said.title) return { ...empty, ...said, topic: String(said.topic ?? "") };
  } catch {
    // then the words below
  }
  const zh = navigator.language.toLowerCase().startsWith("zh");
  const [title, body] = LOST[zh ? "zh" : "en"];
  return { ...empty, title, body, language: zh ? "zh-hans" : "en" };
}

function show(registration: ServiceWorkerRegistration, payload: Payload, hushed: boolean): Promise<void> {
  const zh = payload.language === "zh-hans";
  const tag = payload.topic || payload.key;
  const options: NotificationOptions & { renotify?: boolean; vibrate?: number[] } = { lang: zh ? "zh-Hans" : "en", icon: payload.drill ? ICON_OF_A_DRILL : ICON, data: payload, ...(tag && { tag }) };
  if (hushed) return registration.showNotification(TIPS[zh ? "zh" : "en"], { ...options, icon: ICON, silent: true });
  options.body = payload.body;
  options.requireInteraction = payload.urgent;
  options.vibrate = payload.urgent ? URGENT : [200];
  if (tag) options.renotify = true;
  const mark = DRILL[zh ? "zh" : "en"];
  return registration.showNotification(payload.drill && !payload.title.startsWith(mark) ? mark + payload.title : payload.title, options);
}

/** Whether it is still on the screen: looked at, swept away or replaced by a newer one, it is not sounded any more. */
async function stands(registration: ServiceWorkerRegistration, payload: Payload): Promise<boolean> {
  const shown = await registration.getNotifications({ tag: payload.topic || payload.key });
  return shown.some((each) => (each.data as Payload | null)?.key === payload.key);
}

async function clear(registration: ServiceWorkerRegistration, incident: string): Promise<void> {
  const ended = new Set([`alarm-${incident}`, `sent-${incident}`]);
  for (const each of await registration.getNotifications()) {
    if (ended.has(each.tag)) each.close();
  }
}

/** Bring its page to the front, or open one. Only pages of this server, whatever the message says. */
async function look(worker: PushWorker, link: string | null): Promise<void> {
  const scope = new URL(worker.registration.scope);
  const wanted = link ? new URL(new URL(link, scope).pathname, scope.origin) : scope;
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find((page) => new URL(page.url).pathname === wanted.pathname);
  await (there ? there.focus() : worker.clients.openWindow(wanted.href));
}

async function renew(registration: ServiceWorkerRegistration, account: Account, event: Changed): Promise<void> {
  const { oldSubscription: old, newSubscription: fresh } = event;
  const subscription =
    fresh ??
    (await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: old?.options.applicationServerKey ?? bytes((await account.about()).key),
    }));
  await account.save(subscription.toJSON());
  if (old && old.endpoint !== subscription.endpoint) await account.drop(old.endpoint);
}
