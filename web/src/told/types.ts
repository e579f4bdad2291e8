/** What the partner API says of an incident's messages. */

export interface Told {
  owed: number;
  told: number;
  seen: number;
  coming: number;
  failed: number;
}

export interface Delivery {
  id: number;
  who: { kind: "person" | "relative" | "partner"; id: number | null; name: string };
  message: string;
  channel: string;
  state: string;
  at: string;
  tried: number;
  answer: string;
  eta: number | null;
  words: string;
  /** In a word (`why_…` of words.ts), and in the channel's own. */
  why: string;
  error: string;
  drill: boolean;
  then: string[];
}
