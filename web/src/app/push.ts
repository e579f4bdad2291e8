/** Pushes to this phone, for the member who is signed in. */
import { Push } from "../push/push.ts";
import type { About } from "../push/types.ts";
import { draw } from "./draw.ts";
import { ask, Refused } from "./member.ts";

export const push = new Push({
  worker: "/app/worker.js",
  scope: "/app/",
  who: () => "member", // a phone is its member's
  about: () => ask<About>("/app/push"),
  save: (subscription) => ask("/app/push", subscription),
  drop: (endpoint) => ask("/app/push", { endpoint }, "DELETE"),
  test: () => ask("/app/push/test", {}),
  gone: (trouble) => trouble instanceof Refused && trouble.status === 409,
  changed: draw,
});
