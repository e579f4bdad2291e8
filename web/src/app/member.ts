/** The member whose phone this is: name, center, and the token that opens the front door. Kept on the phone; an expired sign-in changes what is offered, never the button. */
import { language } from "../i18n.ts";
import { draw } from "./draw.ts";
import { speakAs } from "./outbox.ts";
import type { Problem } from "./signal.ts";
import { keep, recall } from "./store.ts";

export interface Center {
  code: string;
  name: string;
  name_zh?: string | null;
  name_en?: string | null;
  phone?: string | null;
  sms?: string | null;
}

export interface Member {
  name: string;
  language?: string;
  center: Center | null;
  demo?: boolean;
  /** Has a role with shifts. */
  duty?: boolean;
  /** Is sent to something now. */
  sent?: boolean;
}

export const member: { token: string | undefined; me: Member | undefined; expired: boolean } = { token: undefined, me: undefined, expired: false };

export class Refused extends Error {
  readonly status: number;
  constructor(status: number, problem: Problem | null) {
    super(problem?.errors?.[0]?.why ?? problem?.detail ?? problem?.title ?? "");
    this.status = status;
  }
}

/** A question to the server, as this member. Throws Refused for an answer that is no success, and whatever fetch throws when there was none. */
export async function ask<T>(path: string, body?: unknown, method = body === undefined ? "GET" : "POST"): Promise<T> {
  const abort = new AbortController();
  const patience = setTimeout(() => abort.abort(), 12_000);
  try {
    const response = await fetch(path, {
      method,
      headers: {
        "Accept-Language": language(),
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...(member.token && { Authorization: `Bearer ${member.token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: abort.signal,
      credentials: "omit",
      cache: "no-store",
    });
    const answer: unknown = await response.json().catch(() => null);
    if (!response.ok) throw new Refused(response.status, answer as Problem | null);
    if (answer === null && response.status !== 204) throw new Error("not an answer of ours");
    return answer as T;
  } finally {
    clearTimeout(patience);
  }
}

export async function loadMember(): Promise<void> {
  member.token = await recall<string>("token");
  member.me = await recall<Member>("me");
  speakAs(member.token, language());
}

/** Ask who we are: the name, the center and its numbers may have changed, or the sign-in may be over. */
export async function refreshMember(): Promise<void> {
  if (!member.token) return;
  try {
    const me = await ask<Member>("/app/me");
    member.me = { ...member.me, ...me };
    member.expired = false;
    await keep({ me: member.me });
  } catch (error) {
    if (error instanceof Refused && error.status === 401) member.expired = true;
  }
  draw();
}

export async function signedIn(answer: Member & { token: string }): Promise<void> {
  const { token, ...me } = answer;
  member.token = token;
  member.me = me;
  member.expired = false;
  speakAs(token, language());
  await keep({ token, me });
  void navigator.storage?.persist?.().catch(() => false); // so that the browser does not throw the outbox away
}

export async function signOut(): Promise<void> {
  await ask("/app/sign-out", {}).catch(() => undefined); // without a network the phone forgets all the same
  member.token = member.me = undefined;
  member.expired = false;
  speakAs(undefined, language());
  await keep({ token: null, me: null, alarm: null, fix: null, pins: null });
}

export function centerName(): string {
  const center = member.me?.center;
  return (language() === "en" ? center?.name_en : center?.name_zh) || center?.name || "";
}
