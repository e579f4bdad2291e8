/** What a push carries (`channels/webpush/message.py` writes it), and what the server says of pushes. */
export interface Payload {
  title: string;
  body: string;
  link: string | null;
  /** The delivery's token: the same when one message comes twice. */
  key: string;
  urgent: boolean;
  /** Sound it again until somebody has looked at it. */
  repeats: boolean;
  drill: boolean;
  /** Messages of one topic replace each other: `alarm-7`, `ended-7`. */
  topic: string;
  language: "zh-hans" | "en";
}

/** `key`: our public key, which a subscription belongs to for good. `ready`: whether this installation can send pushes. */
export interface About {
  key: string;
  ready: boolean;
}

/** How page and worker reach the server as the person whose browser this is. */
export interface Account {
  about(): Promise<About>;
  save(subscription: PushSubscriptionJSON): Promise<unknown>;
  drop(endpoint: string): Promise<unknown>;
}
