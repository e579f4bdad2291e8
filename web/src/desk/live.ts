/**
 * The live feed of one center's book. EventSource hides the server's comment lines, which are its heartbeat, so this
 * reads the stream itself. The cursor is kept over every reconnection; loss is told within five seconds.
 */
import type { Entry, LiveEvent, Position } from "./types";

const SILENCE = 3_400; // the server writes a comment every 2 s
const GRACE = 1_000; // a reconnection quicker than this is not worth a warning; both and a look stay below 5 s
const LONGEST_PAUSE = 2_000;

export type Connection = "connecting" | "on" | "lost" | "signed_out" | "not_allowed";

export interface Listener {
  heard(event: LiveEvent): void;
  connection(now: Connection, caughtUp: boolean): void;
}

export interface Block { id: string | null; event: string; data: string }

/** Server-sent events, as text arrives in pieces; comments are dropped, `so.far` keeps an unfinished block. */
export function* parse(so: { far: string }, piece: string): Generator<Block> {
  so.far += piece;
  const blocks = so.far.split(/\r\n\r\n|\n\n/);
  so.far = blocks.pop() ?? "";
  for (const block of blocks) {
    const found: Block = { id: null, event: "message", data: "" };
    const data: string[] = [];
    for (const line of block.split(/\r?\n/)) {
      if (line === "" || line.startsWith(":")) continue;
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "id") found.id = value;
      else if (field === "event") found.event = value;
      else if (field === "data") data.push(value);
    }
    found.data = data.join("\n");
    if (data.length > 0 || found.event !== "message") yield found;
  }
}

export class Live {
  private request: AbortController | null = null;
  private stopped = false;
  private lastSign = performance.now();
  private downSince: number | null = performance.now();
  private said: Connection = "connecting";
  private everOn = false;
  private pause = 0;
  private wake: (() => void) | null = null;
  private readonly watch: number;

  private readonly center: string;
  private readonly language: string;
  private cursor: number;
  private readonly listener: Listener;

  constructor(center: string, language: string, cursor: number, listener: Listener) {
    this.center = center;
    this.language = language;
    this.cursor = cursor;
    this.listener = listener;
    this.watch = window.setInterval(() => this.look(), 250);
    window.addEventListener("online", this.hurry);
    window.addEventListener("offline", this.drop);
    void this.run();
  }

  get head(): number {
    return this.cursor;
  }

  stop(): void {
    this.stopped = true;
    window.clearInterval(this.watch);
    window.removeEventListener("online", this.hurry);
    window.removeEventListener("offline", this.drop);
    this.request?.abort();
    this.wake?.();
  }

  private readonly hurry = (): void => {
    this.pause = 0;
    this.wake?.();
  };

  private readonly drop = (): void => this.request?.abort();

  private say(connection: Connection): void {
    if (this.stopped || connection === this.said) return;
    this.said = connection;
    this.listener.connection(connection, connection === "on" && this.everOn);
    if (connection === "on") this.everOn = true;
  }

  /** Every 0.25 s: has the server been silent for too long? */
  private look(): void {
    const at = performance.now();
    if (this.downSince === null && at - this.lastSign > SILENCE) {
      this.downSince = at;
      this.request?.abort();
    }
    if (this.downSince !== null && at - this.downSince >= GRACE && (this.said === "on" || this.said === "connecting"))
      this.say("lost");
    // a connection that never answers is given up, too
    if (this.downSince !== null && this.request && at - this.lastSign > SILENCE) {
      this.lastSign = at;
      this.request.abort();
    }
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.read();
      } catch {
        // lost: said by look(), mended by the next turn
      }
      if (this.stopped) return;
      this.downSince ??= performance.now();
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        window.setTimeout(resolve, this.pause);
      });
      this.wake = null;
      this.pause = Math.min(LONGEST_PAUSE, this.pause * 2 || 250);
    }
  }

  private async read(): Promise<void> {
    const request = new AbortController();
    this.request = request;
    this.lastSign = performance.now();
    try {
      const query = new URLSearchParams({ center: this.center, lang: this.language, after: String(this.cursor) });
      const answer = await fetch(`/live?${query}`, {
        headers: { Accept: "text/event-stream", "Last-Event-ID": String(this.cursor) },
        credentials: "same-origin",
        cache: "no-store",
        signal: request.signal,
      });
      if (answer.status === 401 || answer.status === 403) return this.refused("signed_out");
      if (answer.status === 404) return this.refused("not_allowed");
      if (!answer.ok || !answer.body) throw new Error(`live: ${answer.status}`);
      this.alive();
      await this.follow(answer.body.getReader());
    } finally {
      request.abort();
      if (this.request === request) this.request = null;
    }
  }

  private refused(why: Connection): void {
    this.pause = LONGEST_PAUSE;
    this.say(why);
  }

  private alive(): void {
    this.lastSign = performance.now();
    this.downSince = null;
    this.pause = 0;
    this.say("on");
  }

  private async follow(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    const so = { far: "" };
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.alive();
      for (const block of parse(so, decoder.decode(value, { stream: true }))) this.take(block);
    }
  }

  private take(block: Block): void {
    let data: unknown;
    try {
      data = JSON.parse(block.data || "null");
    } catch {
      return;
    }
    if (block.id !== null && /^\d+$/.test(block.id)) this.cursor = Number(block.id);
    if (block.event === "position") {
      const { incident, position } = data as { incident: number; position: Position };
      this.listener.heard({ type: "position", incident, position });
    } else if (block.event === "reload") {
      const head = (data as { head?: number } | null)?.head ?? null;
      if (head !== null) this.cursor = head;
      this.listener.heard({ type: "reload", head });
    } else if (block.event === "message" && data !== null) {
      this.listener.heard({ type: "entry", entry: data as Entry });
    }
  }
}
