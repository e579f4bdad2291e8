/** Pushes to this computer, for the officer who is signed in. */
import { Push } from "../push/push.ts";
import type { About } from "../push/types.ts";
import { api, ask, Problem } from "./api";
import { changed, desk } from "./state";

export const push = new Push({
  worker: "/desk/worker.js",
  scope: "/desk/",
  who: () => String(desk.me?.id ?? ""),
  about: () => ask<About>("GET", "push"),
  save: (subscription) => ask("POST", "push", {}, subscription),
  drop: (endpoint) => ask("DELETE", "push", {}, { endpoint }),
  test: () => ask("POST", "push/test", {}, {}),
  gone: (trouble) => trouble instanceof Problem && trouble.reason === "push_dead",
  changed,
});

/** Sign out: a computer that others use next does not go on telling this officer's alarms. */
export async function leave(): Promise<void> {
  await push.end().catch(() => undefined);
  await api.signOut();
}
