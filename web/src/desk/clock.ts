/** The server's clock is the truth: ages on this desk never depend on the clock of the computer it runs on. */

let low = -Infinity;
let high = Infinity;

/** Narrow the offset with one answer: its Date header has whole seconds, so each answer gives a range. */
export function heard(date: string | null, asked: number, answered: number): void {
  const said = date === null ? NaN : Date.parse(date);
  if (Number.isNaN(said)) return;
  const from = said - answered;
  const to = said + 1000 - asked;
  const nextLow = Math.max(low, from);
  const nextHigh = Math.min(high, to);
  if (nextLow <= nextHigh) [low, high] = [nextLow, nextHigh];
  else [low, high] = [from, to]; // one of the two clocks was set: begin again
}

/** The server's time now, in milliseconds. */
export function now(): number {
  const offset = Number.isFinite(low) ? (low + high) / 2 : 0;
  return Date.now() + (Math.abs(offset) < 600 ? 0 : offset);
}

/** Seconds since a moment, never negative. */
export function age(iso: string): number {
  return Math.max(0, Math.floor((now() - Date.parse(iso)) / 1000));
}

/** 0:42, 12:05, 1:03:22: a stopwatch. */
export function stopwatch(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const h = Math.floor(seconds / 3600);
  const m = Math.floor((seconds % 3600) / 60);
  const s = seconds % 60;
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function parts(moment: number, zone: string): Record<string, string> {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit",
      hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "longOffset",
    });
    formats.set(zone, format);
  }
  return Object.fromEntries(format.formatToParts(moment).map((part) => [part.type, part.value]));
}

export interface LocalTime { date: string; time: string; offset: string }

/** A moment on the wall of a center: {date: "2026-11-23", time: "03:07:12", offset: "+02:00"}. */
export function wall(iso: string | number, zone: string): LocalTime {
  const moment = typeof iso === "number" ? iso : Date.parse(iso);
  if (Number.isNaN(moment)) return { date: "", time: String(iso), offset: "" };
  const p = parts(moment, zone);
  return {
    date: `${p["year"]}-${p["month"]}-${p["day"]}`,
    time: `${p["hour"]}:${p["minute"]}:${p["second"]}`,
    offset: (p["timeZoneName"] ?? "").replace("GMT", "") || "+00:00",
  };
}
