/**
 * The service worker: keeps the app's shell, so that it opens with no network, empties the outbox when the network is back and the app is closed (Background Sync), and
 * shows what is pushed to this phone.
 * `PRECACHE` and `RELEASE` are filled in by the build.
 */
import { takePushes, type PushWorker } from "../push/show.ts";
import type { About } from "../push/types.ts";
import type { Running } from "./alarm.ts";
import * as files from "../files/queue.ts";
import { alarmsWaiting, anyWaiting, drainAll } from "./outbox.ts";
import { recall } from "./store.ts";

declare const PRECACHE: string[];
declare const RELEASE: string;

// The few words of the service worker's world that are used here (TypeScript's own cannot stand beside those of a page).
interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Lasting {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Syncing extends Lasting {
  readonly tag: string;
}
interface Worker {
  addEventListener(type: "install" | "activate", listener: (event: Lasting) => void): void;
  addEventListener(type: "fetch", listener: (event: Fetching) => void): void;
  addEventListener(type: "sync", listener: (event: Syncing) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void>; matchAll(options: { type: "window" }): Promise<{ visibilityState: DocumentVisibilityState }[]> };
}
const worker = self as unknown as Worker;
const HUSHED_FOR = 12 * 3_600_000; // a silent alarm whose end this phone never heard of does not hush it for good

const CACHE = `tocsin-${RELEASE}`;
const KEPT = new Set(PRECACHE);

worker.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(PRECACHE.map((address) => new Request(address, { cache: "reload", credentials: "omit" }))))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("tocsin-") && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  const wanted = request.mode === "navigate" && address.pathname.startsWith("/app") ? "/app/" : address.pathname;
  if (KEPT.has(wanted)) event.respondWith(caches.match(wanted, { cacheName: CACHE }).then((kept) => kept ?? fetch(request)));
});

worker.addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(send());
  if (event.tag === "files") event.waitUntil(sendFiles());
});

async function send(): Promise<void> {
  const pages = await worker.clients.matchAll({ type: "window" });
  if (pages.some((page) => page.visibilityState === "visible")) return; // it is sending by itself, and knows when the server asked it to wait
  if (!(await drainAll())) throw new Error("not all is sent yet"); // the browser tries again
}

/** Photos, video and sound, when the app is closed: behind the outbox, as on the page. */
async function sendFiles(): Promise<void> {
  const pages = await worker.clients.matchAll({ type: "window" });
  if (pages.some((page) => page.visibilityState === "visible")) return;
  await drainAll();
  await files.load(true);
  if (!(await files.drain())) throw new Error("not all is sent yet");
}

files.within({
  token: () => recall<string>("token"),
  language: () => "zh-Hans",
  pressWaits: () => alarmsWaiting() > 0,
  othersWait: anyWaiting,
  changed: () => undefined,
});

async function ask<T>(method: "GET" | "POST" | "DELETE", body?: unknown): Promise<T> {
  const response = await fetch("/app/push", {
    method,
    credentials: "omit",
    cache: "no-store",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${await recall<string>("token")}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()) as T;
}

async function hush(): Promise<boolean> {
  const running = await recall<Running>("alarm");
  return Boolean(running?.silent && running.answer?.state !== "closed" && Date.now() - running.lastPress < HUSHED_FOR);
}

takePushes(
  self as unknown as PushWorker,
  {
    about: () => ask<About>("GET"),
    save: (subscription) => ask("POST", subscription),
    drop: (endpoint) => ask("DELETE", { endpoint }),
  },
  hush,
);
