/**
 * Sends files in pieces, one at a time, behind everything else: while a press or a position waits no piece is begun, and a press ends the piece under way (what came
 * of it is kept). The server says how far it is; after a break, a reload or another line it goes on from there. Used by the page and, when the app is closed, by the
 * service worker: the server takes each byte once.
 */
import { all, drop, type Item, put } from "./store.ts";

const LARGEST_PIECE = 128 * 1024;
const SMALLEST_PIECE = 16 * 1024;
const PATIENCE = 45_000;
const LONGEST_WAIT = 30_000;
const FORGOTTEN_AFTER = 48 * 3_600_000;
const GIVEN_UP_AFTER = 24 * 3_600_000; // an incident that the server does not know of

interface Surroundings {
  token: () => Promise<string | undefined>;
  language: () => string;
  /** Does something more urgent wait? */
  pressWaits: () => boolean;
  othersWait: () => boolean;
  changed: () => void;
}
interface Answer {
  file?: string;
  offset?: number;
  state?: string;
  reason?: string;
  detail?: string;
  title?: string;
}

let around: Surroundings | undefined;
const items = new Map<string, Item>();
let running: Promise<void> | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let failures = 0;
let piece = LARGEST_PIECE;
let flight: { id: string; abort: AbortController; since: number } | null = null;

export function within(surroundings: Surroundings): void {
  around = surroundings;
}

export function filesOf(alarm: string): Item[] {
  return [...items.values()].filter((item) => item.alarm === alarm).sort((a, b) => a.order - b.order);
}

export function sendingNow(): string | null {
  return flight?.id ?? null;
}

/** Has it been tried in vain? */
export function stuck(): boolean {
  return failures > 0;
}

/** Take it in; answers whether the phone keeps it through a reload. */
export async function add(item: Item): Promise<boolean> {
  items.set(item.id, item);
  around?.changed();
  const kept = await put(item);
  if (item.state === "waiting") wake();
  return kept;
}

export async function change(item: Item, what: Partial<Item>): Promise<void> {
  Object.assign(item, what);
  around?.changed();
  await put(item);
}

export async function remove(id: string): Promise<void> {
  if (flight?.id === id) flight.abort.abort();
  items.delete(id);
  around?.changed();
  await drop(id);
}

/** The alarm is over and read: what arrived is forgotten here; what has not is still sent. */
export async function forget(alarm: string): Promise<void> {
  for (const item of filesOf(alarm)) if (item.state !== "waiting") await remove(item.id);
}

/** Nothing of it outlives a signed-out member. */
export async function forgetAll(): Promise<void> {
  for (const item of [...items.values()]) await remove(item.id);
}

/** After a start: what was not sent yet; a recording that was cut off is sent as far as it came. `anew`: whoever reads has slept, and what was kept may have changed. */
export async function load(anew = false): Promise<void> {
  if (anew && !running) items.clear();
  for (const item of await all()) {
    if (items.has(item.id)) continue;
    if (item.state !== "waiting" && Date.now() - item.order > FORGOTTEN_AFTER) {
      await drop(item.id);
      continue;
    }
    if (item.state === "recording") item.state = item.size ? "waiting" : "refused";
    items.set(item.id, item);
  }
  around?.changed();
  wake();
}

/** The network may be back, or something new is here. */
export function wake(): void {
  failures = 0;
  if (flight && Date.now() - flight.since > 5_000 && typeof document !== "undefined" && document.visibilityState === "visible" && !navigator.onLine) flight.abort.abort();
  void drain();
}

/** Send what can be sent now; answers whether nothing is left. */
export async function drain(): Promise<boolean> {
  running ??= run().finally(() => (running = null));
  await running;
  return ![...items.values()].some((item) => item.state === "waiting");
}

async function run(): Promise<void> {
  clearTimeout(timer);
  for (;;) {
    const item = [...items.values()].filter((each) => each.state === "waiting").sort((a, b) => a.order - b.order)[0];
    if (!item || !around) return;
    const wait = around.pressWaits() ? 1_000 : around.othersWait() ? 300 : await step(item, around);
    around.changed();
    if (wait > 0) {
      timer = setTimeout(() => void drain(), wait);
      return;
    }
  }
}

/** One piece; answers how long to wait before the next. */
async function step(item: Item, { token, language, pressWaits }: Surroundings): Promise<number> {
  if (!item.blob) {
    await change(item, { state: "refused" });
    return 0;
  }
  const bearer = await token();
  if (!bearer) return LONGEST_WAIT;
  const abort = new AbortController();
  flight = { id: item.id, abort, since: Date.now() };
  const patience = setTimeout(() => abort.abort(), PATIENCE);
  let givenWay = false;
  const watch = setInterval(() => {
    if (!pressWaits()) return;
    givenWay = true;
    abort.abort();
  }, 200);
  try {
    const response = await fetch(`/files/${item.id}`, {
      method: "PUT",
      headers: {
        Authorization: `Bearer ${bearer}`,
        "Accept-Language": language(),
        "Content-Type": "application/octet-stream",
        "Upload-Length": String(item.size),
        "Upload-Offset": String(item.offset),
        "Upload-Presses": item.presses.slice(-20).join(","),
        ...(item.digest && { "Upload-Digest": item.digest }),
      },
      body: item.blob.slice(item.offset, item.offset + piece),
      signal: abort.signal,
      redirect: "error",
      credentials: "omit",
      cache: "no-store",
    });
    const answer = (await response.json().catch(() => null)) as Answer | null;
    const wait = await settle(item, response, answer);
    if (wait >= 0) return wait;
  } catch {
    if (givenWay) return 500; // not the line's fault
  } finally {
    clearTimeout(patience);
    clearInterval(watch);
    flight = null;
  }
  failures += 1;
  piece = Math.max(SMALLEST_PIECE, piece / 2);
  if (failures === 1) void handOver();
  return Math.min(1000 * 2 ** (failures - 1), LONGEST_WAIT) * (0.8 + Math.random() * 0.4);
}

/** What an answer means; negative: it was none of ours. */
async function settle(item: Item, response: Response, answer: Answer | null): Promise<number> {
  const { status } = response;
  if (status === 200) {
    if (answer?.file !== item.id || typeof answer.offset !== "number") return -1;
    failures = 0;
    piece = Math.min(LARGEST_PIECE, piece * 2);
    if (answer.state === "attached") await change(item, { state: "sent", offset: item.size, blob: null });
    else if (answer.state === "removed") await change(item, { state: "refused", blob: null });
    else if (answer.offset === item.offset && item.offset === item.size) return 2_000;
    else item.offset = answer.offset; // the server knows it: not worth a write of the whole blob
    return 0;
  }
  if (!/problem\+json/.test(response.headers.get("Content-Type") ?? "")) return -1;
  if (status === 409 && typeof answer?.offset === "number") {
    failures = 0;
    item.offset = answer.offset;
    return 50;
  }
  if (status === 429 || status === 503) return Math.min(Number(response.headers.get("Retry-After")) || 5, 60) * 1000;
  if (status === 401) return 15_000;
  if (answer?.reason === "no_own_alarm" && Date.now() - Date.parse(item.at) < GIVEN_UP_AFTER) return 15_000; // the press may still be on its way
  if (status === 409 || status === 413 || status === 422) {
    await change(item, { state: "refused", blob: null, why: answer?.detail ?? answer?.title ?? "" });
    return 0;
  }
  return -1;
}

/** Background Sync, where there is one: the worker goes on when the network is back and the app closed. */
export async function handOver(): Promise<void> {
  if (![...items.values()].some((item) => item.state === "waiting") || typeof document === "undefined") return;
  try {
    const registration = await navigator.serviceWorker.ready;
    await (registration as unknown as { sync?: { register(tag: string): Promise<void> } }).sync?.register("files");
  } catch {
    // not there: the app's next start goes on
  }
}
