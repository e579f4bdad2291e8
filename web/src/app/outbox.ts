/**
 * The outbox: every press and every signal after it is stored on the phone before it is sent, and stays until the server has it.
 *
 * Two lanes, so that no alarm waits behind a position: `urgent` (alarms first, then cancel and test) and `following` (positions, which start when no alarm is
 * waiting). A signal's uuid is made here, so that sending it twice is harmless, and page and worker may both try.
 */
import { type Answer, newUuid, type Problem, type Signal } from "./signal.ts";
import { recall, transact, within } from "./store.ts";

export interface Entry {
  uuid: string;
  order: number;
  body: Signal;
  /** How much was taken off because the server could not read it: 0 nothing, 1 all but what happened and when, 2 all but that it is an alarm. */
  stripped: number;
}

export type News =
  | { what: "accepted"; entry: Entry; answer: Answer | null }
  | { what: "replaced"; entry: Entry; by: string }
  | { what: "dropped"; entry: Entry; problem: Problem }
  | { what: "signed-out" }
  | { what: "unreachable" };

type Lane = "urgent" | "following";
interface Traffic {
  running: boolean;
  failures: number;
  notBefore: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  flight: { abort: AbortController; since: number } | null;
}

const MOST_POSITIONS = 240;
const LONGEST_WAIT = { urgent: 5_000, following: 20_000 };
const LONGEST_RETRY_AFTER = 60_000; // a wrong header must not silence an alarm
const SIGNED_OUT_WAIT = 15_000;
const UNREADABLE_WAIT = 30_000;

const entries = new Map<string, Entry>();
const stored = new Set<string>();
const listeners = new Set<(news: News) => void>();
const lanes: Record<Lane, Traffic> = {
  urgent: { running: false, failures: 0, notBefore: 0, timer: undefined, flight: null },
  following: { running: false, failures: 0, notBefore: 0, timer: undefined, flight: null },
};
let token: string | undefined;
let acceptLanguage = "zh-Hans";

export function onNews(listener: (news: News) => void): void {
  listeners.add(listener);
}

function tell(news: News): void {
  for (const listener of listeners) listener(news);
}

/** The member's token, as the page knows it; `undefined` means: look in the store. */
export function speakAs(newToken: string | undefined, language: string): void {
  if (newToken !== token) lanes.urgent.notBefore = lanes.following.notBefore = 0;
  token = newToken;
  acceptLanguage = language;
}

export function waiting(uuid: string): boolean {
  return entries.has(uuid);
}

/** Is there anything at all that the server does not have yet? */
export function anyWaiting(): boolean {
  return entries.size > 0;
}

export function alarmsWaiting(): number {
  return [...entries.values()].filter((entry) => entry.body.kind === "alarm").length;
}

/** Store a signal, then send it. Answers with its uuid at once; `kept` is written in the same transaction (so a press and its screen live or die together). */
export function post(body: Signal, kept: Readonly<Record<string, unknown>> = {}, uuid = newUuid()): string {
  const entry: Entry = { uuid, order: performance.timeOrigin + performance.now(), body, stripped: 0 };
  entries.set(uuid, entry);
  const surplus = [...entries.values()].filter((each) => each.body.kind === "position").slice(0, -MOST_POSITIONS);
  const storing = transact((outbox, keeps) => {
    outbox.put(entry);
    for (const [key, value] of Object.entries(kept)) keeps.put(value, key);
    for (const old of surplus) outbox.delete(old.uuid);
  }).then(() => stored.add(uuid));
  for (const old of surplus) forget(old.uuid);
  // Durable first; but a phone whose storage is broken or slow sends all the same.
  void within(1000, storing).then(() => {
    void drain(laneOf(entry));
  });
  return uuid;
}

/** Read what is stored: after a start, and whenever the page comes back, for the worker may have sent some of it meanwhile. */
export async function refresh(): Promise<void> {
  const found = await within(
    3000,
    transact<Entry[]>((outbox, _, give) => {
      const request = outbox.getAll();
      request.onsuccess = () => give(request.result as Entry[]);
    }),
  );
  if (!found) return;
  const present = new Set(found.map((entry) => entry.uuid));
  for (const entry of found) {
    if (!entries.has(entry.uuid)) entries.set(entry.uuid, entry);
    stored.add(entry.uuid);
  }
  for (const uuid of [...stored]) {
    const entry = entries.get(uuid);
    if (present.has(uuid) || !entry) continue;
    forget(uuid);
    tell({ what: "accepted", entry, answer: null });
  }
}

/** The network may be back: forget the backoff (never a Retry-After) and a request that hangs. */
export function wake(): void {
  for (const lane of [lanes.urgent, lanes.following]) {
    lane.failures = 0;
    if (lane.flight && Date.now() - lane.flight.since > 3_000) lane.flight.abort.abort();
  }
  void drain("urgent");
}

/** Send what is there, both lanes; answers whether all of it is gone. For the service worker. */
export async function drainAll(): Promise<boolean> {
  token = undefined;
  await refresh();
  await drain("urgent");
  await drain("following");
  return entries.size === 0;
}

/** Throw away what must not outlive a signed-out member; alarms stay. */
export async function forgetFollowing(): Promise<void> {
  const gone = [...entries.values()].filter((entry) => laneOf(entry) === "following");
  for (const entry of gone) forget(entry.uuid);
  await within(
    2000,
    transact((outbox) => gone.forEach((entry) => outbox.delete(entry.uuid))),
  );
}

function laneOf(entry: Entry): Lane {
  return entry.body.kind === "position" || entry.body.kind === "heartbeat" ? "following" : "urgent";
}

function next(lane: Lane): Entry | undefined {
  const rank = (entry: Entry) => (entry.body.kind === "alarm" ? 0 : 1);
  return [...entries.values()].filter((entry) => laneOf(entry) === lane).sort((a, b) => rank(a) - rank(b) || a.order - b.order)[0];
}

async function drain(name: Lane): Promise<void> {
  const lane = lanes[name];
  if (lane.running) return;
  lane.running = true;
  clearTimeout(lane.timer);
  try {
    for (let entry = next(name); entry; entry = next(name)) {
      if (name === "following" && alarmsWaiting()) return;
      const wait = Math.max(lane.notBefore - Date.now(), 0) || (await send(entry, lane, name));
      if (wait > 0) {
        lane.timer = setTimeout(() => void drain(name), wait);
        return;
      }
    }
  } finally {
    lane.running = false;
  }
  if (name === "urgent") void drain("following");
}

/** One attempt; answers how long to wait before the next (0: go on at once). */
async function send(entry: Entry, lane: Traffic, name: Lane): Promise<number> {
  const bearer = token ?? (await recall<string>("token"));
  const abort = new AbortController();
  lane.flight = { abort, since: Date.now() };
  const patience = setTimeout(() => abort.abort(), Math.min(10_000 * (lane.failures + 1), 30_000));
  try {
    const response = await fetch(`/signals/${entry.uuid}`, {
      method: "PUT",
      headers: { "Content-Type": "application/json", "Accept-Language": acceptLanguage, ...(bearer && { Authorization: `Bearer ${bearer}` }) },
      body: JSON.stringify(entry.body),
      signal: abort.signal,
      redirect: "error",
      credentials: "omit",
      cache: "no-store",
      keepalive: true,
    });
    const answer = (await response.json().catch(() => null)) as (Answer & Problem) | null;
    const wait = await settle(entry, response, answer, lane);
    if (wait >= 0) return wait;
  } catch {
    // no network, no answer in time, or something between us and the server: below
  } finally {
    clearTimeout(patience);
    lane.flight = null;
  }
  tell({ what: "unreachable" });
  if (!navigator.onLine) void handOver();
  lane.failures += 1;
  return Math.min(1000 * 2 ** (lane.failures - 1), LONGEST_WAIT[name]) * (0.8 + Math.random() * 0.4);
}

/** What an answer means. Negative: it was no answer of ours, try again after the usual backoff. */
async function settle(entry: Entry, response: Response, answer: (Answer & Problem) | null, lane: Traffic): Promise<number> {
  const { status } = response;
  // A hotel's or a provider's page may answer 200 to anything: only our own words take a press out of the outbox.
  if (status === 200 || status === 201) {
    if (answer?.signal?.toLowerCase() !== entry.uuid) return -1;
    lane.failures = 0;
    await remove(entry);
    tell({ what: "accepted", entry, answer });
    return 0;
  }
  if (status === 429 || status === 503) {
    const asked = retryAfter(response.headers.get("Retry-After"));
    if (asked === null) return -1;
    lane.notBefore = Date.now() + Math.min(asked, LONGEST_RETRY_AFTER);
    tell({ what: "unreachable" });
    return Math.max(lane.notBefore - Date.now(), 1);
  }
  if (status === 401) {
    tell({ what: "signed-out" });
    lane.notBefore = Date.now() + SIGNED_OUT_WAIT;
    return SIGNED_OUT_WAIT;
  }
  if (status < 400 || status >= 500 || !/problem\+json/.test(response.headers.get("Content-Type") ?? "")) return -1;
  if (status === 409) {
    await remove(entry);
    tell({ what: "accepted", entry, answer: null });
    return 0;
  }
  if (entry.body.kind !== "alarm" && entry.body.kind !== "cancel") {
    await remove(entry);
    tell({ what: "dropped", entry, problem: answer ?? {} });
    return 0;
  }
  if (entry.stripped < 2) {
    await strip(entry);
    return 0;
  }
  lane.notBefore = Date.now() + UNREADABLE_WAIT; // nothing left to take off; it stays, and is tried again
  tell({ what: "unreachable" });
  return UNREADABLE_WAIT;
}

function retryAfter(header: string | null): number | null {
  if (!header) return null;
  const seconds = Number(header);
  const wait = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000;
  return Number.isNaN(wait) ? null : Math.max(wait, 0);
}

/** The server could not read it: send less of it, under a new uuid. That it is an alarm, and silent, is never taken off. */
async function strip(entry: Entry): Promise<void> {
  const { kind, alarm, at, silent } = entry.body;
  const body: Signal = { kind, ...(silent && { silent }), ...(entry.stripped === 0 && { ...(alarm && { alarm }), ...(at && { at }) }) };
  const plain: Entry = { uuid: newUuid(), order: entry.order, body, stripped: entry.stripped + 1 };
  const wasStored = stored.has(entry.uuid);
  entries.set(plain.uuid, plain);
  forget(entry.uuid);
  const taken = await within(
    1000,
    transact<boolean>((outbox, kept, give) => {
      const still = outbox.get(entry.uuid);
      still.onsuccess = () => {
        if (still.result === undefined && wasStored) return give(false);
        give(true);
        outbox.delete(entry.uuid);
        outbox.put(plain);
        const running = kept.get("alarm");
        running.onsuccess = () => {
          const alarmed = running.result as { presses: string[] } | undefined;
          if (alarmed?.presses.includes(entry.uuid)) kept.put({ ...alarmed, presses: [...alarmed.presses, plain.uuid] }, "alarm");
        };
      };
    }),
  );
  if (taken === false) {
    forget(plain.uuid); // page or worker was faster: what it wrote instead is in the store
    return refresh();
  }
  if (taken) stored.add(plain.uuid);
  tell({ what: "replaced", entry, by: plain.uuid });
}

function forget(uuid: string): void {
  entries.delete(uuid);
  stored.delete(uuid);
}

async function remove(entry: Entry): Promise<void> {
  forget(entry.uuid);
  await within(
    1000,
    transact((outbox) => outbox.delete(entry.uuid)),
  );
}

/**
 * Background Sync, where there is one: the worker sends what is left when the network is back, even if the app has been closed. Asked for when an attempt fails without a
 * network and when the page goes out of sight; while it is in sight it sends by itself, and the worker leaves it to that.
 */
export async function handOver(): Promise<void> {
  if (!entries.size) return;
  try {
    const registration = await navigator.serviceWorker.ready;
    await (registration as unknown as { sync?: { register(tag: string): Promise<void> } }).sync?.register("outbox");
  } catch {
    // not there, or not allowed: the app's next start sends it
  }
}
