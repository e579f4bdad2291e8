/**
 * The running alarm: begun by a press, kept on the phone so that a reload finds it again, followed by positions, and asked after every few seconds until it is closed.
 */
import { filesAreOver } from "../files/capture.ts";
import { language } from "../i18n.ts";
import { draw } from "./draw.ts";
import { ask, member, Refused } from "./member.ts";
import { onNews, post, refresh, speakAs, waiting, wake } from "./outbox.ts";
import { batteryLevel, stayAwake } from "./phone.ts";
import { type AlarmKind, type Answer, isoTime, newUuid, type Position } from "./signal.ts";
import { keep, recall, transact, within } from "./store.ts";
import { forgetWhere, look, lookAgain, onFix, recentFix, stopLooking } from "./where.ts";

export interface Running {
  /** The uuids that stand for this press, oldest first: the press, its repetitions, and what replaced an unreadable one. */
  presses: string[];
  pressedAt: string;
  lastPress: number;
  silent: boolean;
  alarm?: AlarmKind;
  texts: { uuid: string; text: string }[];
  cancelAsked?: boolean;
  /** Has the server confirmed any press? */
  through: boolean;
  answer?: Answer;
  /** When that answer came. */
  heardAt?: number;
}

export type Step = "queued" | "received" | "seen" | "on_the_way" | "on_scene" | "closed";

const ORDER: Answer["state"][] = ["stored", "new", "claimed", "dispatched", "on_scene", "resolved", "closed"];
const POLL = 2_500;
const FALLBACK_AFTER = 10_000;
const LOST_AFTER = 15_000;
const POSITION_EVERY = 4_000;

let running: Running | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let polling = false;
let askedSince = Date.now(); // nobody is "lost" before we have asked for a while
let positionSent = 0;
let positionDue: ReturnType<typeof setTimeout> | undefined;

export function runningAlarm(): Running | undefined {
  return running;
}

export function step(alarm: Running): Step {
  if (!alarm.through || !alarm.answer) return alarm.through ? "received" : "queued";
  switch (alarm.answer.state) {
    case "claimed":
      return "seen";
    case "dispatched":
      return "on_the_way";
    case "on_scene":
    case "resolved":
      return "on_scene";
    case "closed":
      return "closed";
    default:
      return "received";
  }
}

/** Nothing got through: time to call or to send a text message. */
export function needsFallback(alarm: Running): boolean {
  return !alarm.through && (member.expired || !member.token || Date.now() - alarm.lastPress >= FALLBACK_AFTER);
}

/** The server had it, but has not been heard for a while. */
export function lostTouch(alarm: Running): boolean {
  return alarm.through && step(alarm) !== "closed" && Date.now() - Math.max(alarm.heardAt ?? 0, askedSince) > LOST_AFTER;
}

/** The press. Waits for nothing. */
export function press(silent: boolean): void {
  const uuid = newUuid();
  const at = isoTime();
  running = { presses: [uuid], pressedAt: at, lastPress: Date.now(), silent, texts: [], through: false };
  sendAlarm(uuid, at, {});
  follow();
}

/** The button again, while it runs: another signal of the same alarm. */
export function pressAgain(): void {
  if (!running) return;
  const uuid = newUuid();
  running = { ...running, presses: [...running.presses, uuid], lastPress: Date.now() };
  sendAlarm(uuid, isoTime(), running.alarm ? { alarm: running.alarm } : {});
  follow();
}

/** What it is and what more is to be said, after sending. */
export function describe(what: { alarm?: AlarmKind; text?: string }): void {
  if (!running) return;
  const uuid = newUuid();
  if (what.alarm) running = { ...running, alarm: what.alarm };
  if (what.text) running = { ...running, texts: [...running.texts, { uuid, text: what.text }] };
  sendAlarm(uuid, isoTime(), { ...(running.alarm && { alarm: running.alarm }), ...(what.text && { text: what.text }) });
  draw();
}

/** Only asks: the duty officer decides. Under duress the screen says the very same, and it is another alarm. */
export function askCancel(duress = false): void {
  if (!running) return;
  const uuid = newUuid();
  running = { ...running, cancelAsked: true };
  if (duress) sendAlarm(uuid, isoTime(), { duress: true });
  else post({ kind: "cancel", at: isoTime(), ...(running.silent && { silent: true }) }, { alarm: running });
  draw();
}

/** The closed alarm has been read; nothing of it stays here. */
export async function dismiss(): Promise<void> {
  if (running) filesAreOver(running.pressedAt);
  running = undefined;
  endFollowing();
  draw();
  await keep({ alarm: null });
  await forgetWhere();
}

/** After a start: an alarm that ran when the app was closed runs on. */
export async function loadAlarm(): Promise<void> {
  running ??= await recall<Running>("alarm");
  if (running) follow();
}

/** The page is seen again, or the network is back: look at what the worker did, send, ask. */
export async function resume(): Promise<void> {
  wake();
  await refresh();
  wake();
  if (!running) return;
  const kept = await recall<Running>("alarm");
  if (kept && kept.pressedAt === running.pressedAt) running = { ...running, presses: union(running.presses, kept.presses) };
  if (step(running) !== "closed") void stayAwake(true);
  askedSince = Date.now();
  void poll();
}

function sendAlarm(uuid: string, at: string, more: { alarm?: AlarmKind; text?: string; duress?: true }): void {
  if (!running) return;
  const position = recentFix();
  post({ kind: "alarm", at, ...more, ...(position && { position }), ...(running.silent && { silent: true }), ...batteryLevel() }, { alarm: running }, uuid);
}

function follow(): void {
  if (running && step(running) !== "closed") {
    look(running.silent);
    void stayAwake(true);
  }
  clearTimeout(timer);
  timer = setTimeout(tick, 500);
  draw();
}

function endFollowing(): void {
  stopLooking();
  void stayAwake(false);
  clearTimeout(timer);
  clearTimeout(positionDue);
}

function tick(): void {
  clearTimeout(timer);
  if (!running || step(running) === "closed") return;
  timer = setTimeout(tick, running.through ? POLL : 1_000);
  draw(); // ages and the ten seconds
  if (document.visibilityState === "visible") {
    lookAgain();
    void poll();
  }
}

async function poll(): Promise<void> {
  if (polling || !running || step(running) === "closed") return;
  polling = true;
  try {
    for (const uuid of [...running.presses].reverse()) {
      if (waiting(uuid)) continue;
      try {
        heard(await ask<Answer>(`/signals/${uuid}`));
        return;
      } catch (error) {
        if (!(error instanceof Refused)) return; // no network: the age of what we know is on the screen
        if (error.status === 401) member.expired = true;
        if (error.status !== 404) return;
      }
    }
  } finally {
    polling = false;
  }
}

function heard(answer: Answer): void {
  if (!running) return;
  member.expired = false;
  answer = onwards(running, answer);
  const changed = !running.through || JSON.stringify(answer) !== JSON.stringify(running.answer);
  running = { ...running, through: true, answer, heardAt: Date.now() };
  if (step(running) === "closed") {
    endFollowing();
    if (running.silent) {
      filesAreOver(running.pressedAt);
      void keep({ alarm: null });
      void forgetWhere();
    } else void save();
  } else if (changed) void save();
  draw();
}

/** Once a cancel is asked, the screen goes back to no earlier step: what was asked under duress rings anew, and nobody beside the caller may see it. */
function onwards(alarm: Running, answer: Answer): Answer {
  const before = alarm.answer;
  if (!alarm.cancelAsked || !before || ORDER.indexOf(answer.state) >= ORDER.indexOf(before.state)) return answer;
  return { ...before, ...(before.dispatched && answer.dispatched && { dispatched: answer.dispatched }) };
}

async function save(): Promise<void> {
  const alarm = running;
  if (!alarm) return;
  await within(
    3000,
    transact((_, kept) => {
      const before = kept.get("alarm");
      before.onsuccess = () => {
        const other = before.result as Running | undefined;
        if (runningAlarm()?.pressedAt !== alarm.pressedAt) return; // dismissed meanwhile
        const presses = other?.pressedAt === alarm.pressedAt ? union(alarm.presses, other.presses) : alarm.presses;
        kept.put({ ...alarm, presses }, "alarm");
      };
    }),
  );
}

function union(some: string[], others: string[]): string[] {
  return [...new Set([...some, ...others])];
}

/** Fixes come when they come; the newest goes out every few seconds, and the last one always. */
function followFix(position: Position): void {
  if (!running || step(running) === "closed") return;
  void keep({ fix: position });
  clearTimeout(positionDue);
  positionDue = setTimeout(() => sendPosition(position), Math.max(positionSent + POSITION_EVERY - Date.now(), 0));
}

function sendPosition(position: Position): void {
  if (!running || step(running) === "closed") return;
  positionSent = Date.now();
  post({ kind: "position", at: isoTime(), position, ...batteryLevel() });
}

onFix(followFix);

onNews((news) => {
  if (news.what === "signed-out") member.expired = true;
  if (news.what === "accepted") member.expired = false;
  if (running && news.what === "replaced" && running.presses.includes(news.entry.uuid)) {
    running = { ...running, presses: union(running.presses, [news.by]) };
  }
  if (running && news.what === "accepted" && running.presses.includes(news.entry.uuid)) {
    if (news.answer) heard({ ...running.answer, ...news.answer });
    else void poll();
  }
  draw();
});

/** After a change of language the server is asked in it. */
export function languageChanged(): void {
  speakAs(member.token, language());
  void poll();
}
