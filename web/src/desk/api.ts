/** The typed client of the partner API. Trouble comes back as a Problem whose `message` an officer can read. */
import * as clock from "./clock";
import { language } from "../i18n";
import { proveAgain } from "./again";
import { say } from "./words";
import type { Delivery, Told } from "../told/types";
import type { BookPage, Center, Incident, Me, Responder } from "./types";

export class Problem extends Error {
  readonly status: number;
  readonly reason: string | null;
  readonly errors: { field: string; why: string }[];

  constructor(status: number, message: string, reason: string | null = null, errors: { field: string; why: string }[] = []) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.errors = errors;
  }
}

function cookie(name: string): string {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

function plain(status: number): string {
  if (status === 0) return say("problem_unreachable");
  if (status === 401 || status === 403) return say("problem_signed_out");
  if (status === 404) return say("problem_gone");
  if (status === 409) return say("problem_raced");
  if (status === 422) return say("problem_unreadable");
  if (status === 429) return say("problem_too_often");
  return say("problem_server");
}

export async function ask<T>(method: "GET" | "POST" | "DELETE", path: string, query: Record<string, string> = {}, body?: unknown): Promise<T> {
  const search = new URLSearchParams(query);
  const headers: Record<string, string> = {
    Accept: "application/json",
    "Accept-Language": language(),
  };
  if (method !== "GET") {
    headers["Content-Type"] = "application/json";
    headers["X-CSRFToken"] = cookie("csrftoken");
  }
  const patience = new AbortController();
  const timer = window.setTimeout(() => patience.abort(), 12_000);
  const asked = Date.now();
  let answer: Response;
  let said: unknown;
  try {
    answer = await fetch(`/api/v1/${path}?${search}`, {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      signal: patience.signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    clock.heard(answer.headers.get("Date"), asked, Date.now());
    said = await answer.json().catch(() => null);
  } catch {
    throw new Problem(0, plain(0));
  } finally {
    window.clearTimeout(timer);
  }
  if (answer.ok && said !== null) return said as T;
  const problem = (said ?? {}) as { detail?: unknown; reason?: unknown; methods?: string[]; errors?: { field: string; why: string }[] };
  // A grave act wants a fresh proof of who acts; then it is done as it was asked.
  if (answer.status === 403 && problem.reason === "sign_in_again" && (await proveAgain(problem.methods ?? [], () => cookie("csrftoken")))) return ask(method, path, query, body);
  const detail = typeof problem.detail === "string" && problem.detail && answer.status < 500 ? problem.detail : null;
  throw new Problem(
    answer.status,
    detail ?? plain(answer.status),
    typeof problem.reason === "string" ? problem.reason : null,
    Array.isArray(problem.errors) ? problem.errors : [],
  );
}

/** Give an answer of the server the shape the desk counts on, whatever was left out. */
function whole(said: Incident): Incident {
  return {
    ...said,
    centers: said.centers ?? [said.center],
    flags: said.flags ?? [],
    dispatches: said.dispatches ?? [],
    verbs: (said.verbs ?? []).map((verb) => verb.replaceAll("_", "-")),
    presses: said.presses ?? 1,
  };
}

export const api = {
  me: () => ask<Me>("GET", "me"),
  centers: async () => (await ask<{ items: Center[] }>("GET", "centers")).items,
  incidents: async (center: string) =>
    (await ask<{ items: Incident[] }>("GET", "incidents", { open: "true", center })).items.map(whole),
  incident: async (id: number) => whole(await ask<Incident>("GET", `incidents/${id}`)),
  told: (id: number) => ask<{ told: Told; deliveries: Delivery[] }>("GET", `incidents/${id}/told`),
  verb: async (id: number, verb: string, body: object = {}) =>
    whole(await ask<Incident>("POST", `incidents/${id}/${verb}`, {}, body)),
  open: async (body: object) => whole(await ask<Incident>("POST", "incidents", {}, body)),
  responders: async (center: string) => (await ask<{ items: Responder[] }>("GET", "responders", { center })).items,
  book: (center: string, after: number, limit = 200) =>
    ask<BookPage>("GET", "book", { center, after: String(Math.max(0, after)), limit: String(limit) }),
  /** Sign out is a plain form of the server, not part of the API. */
  signOut: async () => {
    await fetch("/desk/sign-out/", {
      method: "POST",
      headers: { "X-CSRFToken": cookie("csrftoken") },
      credentials: "same-origin",
    }).catch(() => undefined);
    location.assign("/desk/sign-in/");
  },
};
