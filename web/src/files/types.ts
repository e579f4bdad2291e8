/** What the partner API says of an attachment. */
export interface Attached {
  id: string;
  kind: "photo" | "video" | "sound";
  type: string;
  size: number;
  at: string;
  sha256: string;
  removed_at: string | null;
  /** There is a copy without metadata; `view` is that. */
  copied: boolean;
  thumb: string | null;
  view: string | null;
  original: string | null;
}
