/** The desk's service worker: alarms reach the officer while no desk page is open. It keeps nothing and answers no fetches: a desk without its server is no desk. */
import { takePushes, type PushWorker } from "../push/show.ts";
import type { About } from "../push/types.ts";

interface Worker extends PushWorker {
  addEventListener: PushWorker["addEventListener"] & ((type: "install" | "activate", listener: (event: Event & { waitUntil(work: Promise<unknown>): void }) => void) => void);
  skipWaiting(): Promise<void>;
}
const worker = self as unknown as Worker;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));

async function ask<T>(method: "GET" | "POST" | "DELETE", body?: unknown): Promise<T> {
  const cookies = (self as unknown as { cookieStore?: { get(name: string): Promise<{ value?: string } | null> } }).cookieStore;
  const response = await fetch("/api/v1/push", {
    method,
    credentials: "same-origin",
    cache: "no-store",
    headers: { "Content-Type": "application/json", "X-CSRFToken": (await cookies?.get("csrftoken"))?.value ?? "" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()) as T;
}

takePushes(worker, {
  about: () => ask<About>("GET"),
  save: (subscription) => ask("POST", subscription),
  drop: (endpoint) => ask("DELETE", { endpoint }),
});
