/** Times as the center's wall shows them. */
import { language } from "../i18n.ts";
import type { Span } from "./types.ts";
import { t } from "./words.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

function parts(moment: number, zone: string): Record<string, string> {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    });
    formats.set(zone, format);
  }
  return Object.fromEntries(format.formatToParts(moment).map((part) => [part.type, part.value]));
}

/** {date: "2026-11-23", time: "22:00"} */
export function local(iso: string | number, zone: string): { date: string; time: string } {
  const p = parts(typeof iso === "number" ? iso : Date.parse(iso), zone);
  return { date: `${p["year"]}-${p["month"]}-${p["day"]}`, time: `${p["hour"]}:${p["minute"]}` };
}

/** The moment of a wall time (the first of two; behind the hole if it falls into one), in ISO. */
export function moment(date: string, time: string, zone: string): string {
  const wanted = Date.parse(`${date}T${time}Z`);
  const shown = (at: number): number => {
    const { date: day, time: clock } = local(at, zone);
    return Date.parse(`${day}T${clock}Z`);
  };
  const tries = [-1, 1].map((side) => wanted - (shown(wanted + side * 86_400_000) - (wanted + side * 86_400_000)));
  const fits = tries.filter((at) => shown(at) === wanted);
  return new Date(fits.length ? Math.min(...fits) : Math.max(...tries)).toISOString();
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T12:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Mon 23 Nov · 11月23日周一 */
export function dayName(date: string, long = false): string {
  const day = new Date(`${date}T12:00Z`);
  const zh = language() !== "en";
  const weekday = day.toLocaleDateString(zh ? "zh-CN" : "en-ZA", { weekday: long ? "long" : "short", timeZone: "UTC" });
  const rest = day.toLocaleDateString(zh ? "zh-CN" : "en-ZA", { month: zh ? "long" : "short", day: "numeric", timeZone: "UTC" });
  return zh ? `${rest} ${weekday}` : `${weekday} ${rest}`;
}

export function weekdayName(weekday: number, long = false): string {
  const day = new Date(Date.UTC(2026, 10, 23 + weekday)); // a Monday
  return day.toLocaleDateString(language() === "en" ? "en-ZA" : "zh-CN", { weekday: long ? "long" : "short", timeZone: "UTC" });
}

/** 22:00–06:00, as far as it lies in the day: …–06:00 and 22:00–… at its edges. */
export function within(span: Span, day: Span, zone: string): string {
  const from = span.starts_at < day.starts_at ? "…" : local(span.starts_at, zone).time;
  const to = span.ends_at > day.ends_at ? "…" : span.ends_at === day.ends_at ? "24:00" : local(span.ends_at, zone).time;
  return from === "…" && (to === "…" || to === "24:00") ? t("allDay") : from === "00:00" && to === "24:00" ? t("allDay") : `${from}–${to}`;
}

export function timeSpan(span: Span, zone: string): string {
  return `${local(span.starts_at, zone).time}–${local(span.ends_at, zone).time}`;
}

/** Mon 23 Nov, 22:00–06:00 */
export function when(span: Span, zone: string): string {
  return `${dayName(local(span.starts_at, zone).date)} ${timeSpan(span, zone)}`;
}

/** Minutes from one wall time to the next; the same time again is a whole day. */
export function minutesBetween(from: string, to: string): number {
  const count = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
  return (count(to) - count(from) + 1440) % 1440 || 1440;
}

export function endOf(start: string, minutes: number): string {
  const at = (Number(start.slice(0, 2)) * 60 + Number(start.slice(3, 5)) + minutes) % 1440;
  return `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;
}
