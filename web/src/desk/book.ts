/** The center's book, newest first; it grows while one reads. */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { api } from "./api";
import { now, wall } from "./clock";
import { icon } from "./icons";
import { explain, open } from "./incidents";
import { centerName, changed, desk, zone } from "./state";
import { entryText } from "./timeline";
import { say } from "./words";
import type { BookPage, Entry } from "./types";

const PAGE = 200;
let of = "";
let entries = new Map<number, Entry>();
let verified: BookPage["verified"] = null;
let from = 0;
let reading = false;
let trouble: string | null = null;

export function toBook(): void {
  desk.view = "book";
  desk.pane = "panel";
  changed();
  void read(true);
}

async function read(anew: boolean): Promise<void> {
  if (reading) return;
  const center = desk.center;
  reading = true;
  trouble = null;
  if (of !== center) entries = new Map();
  of = center;
  changed();
  try {
    if (anew) {
      const head = (await api.book(center, 0, 1)).head;
      from = Math.max(0, head - PAGE);
    } else from = Math.max(0, from - PAGE);
    const page = await api.book(center, from, PAGE);
    if (of === center) {
      for (const each of page.items) entries.set(each.number, each);
      verified = page.verified ?? verified;
    }
  } catch (problem) {
    trouble = explain(problem);
  } finally {
    reading = false;
    changed();
  }
}

export function written(entry: Entry): void {
  if (entry.center === of) entries.set(entry.number, entry);
}

export function forgetBook(): void {
  of = "";
  entries = new Map();
  if (desk.view === "book") void read(true);
}

function line(entry: Entry): TemplateResult {
  const at = wall(entry.at, zone());
  return html`<tr data-test=${`book-${entry.number}`} class="k-${entry.kind}">
    <td class="digits book-number">${entry.number}</td>
    <td class="book-time"><time datetime=${entry.at}><span class="digits">${at.time}</span> <span class="soft digits">${at.date}</span></time></td>
    <td class="book-what">${entryText(entry)}${entry.note ? html`<span class="entry-note">${entry.note}</span>` : nothing}</td>
    <td class="book-who">${entry.actor?.name ?? nothing}</td>
    <td>${entry.incident !== null ? html`<button class="link digits" aria-label=${say("open_incident", { n: entry.incident })} @click=${() => open(entry.incident)}>${entry.incident}</button>` : nothing}</td>
  </tr>`;
}

export function bookPage(): TemplateResult {
  const lines = [...entries.values()].sort((a, b) => b.number - a.number);
  return html`<div class="book" data-test="book-page">
    <header class="page-head">
      <h2 id="book-title">${say("book_title", { center: centerName(desk.center) })}</h2>
      ${lines[0] ? html`<span class="soft">${say("book_head", { n: lines[0].number })}</span>` : nothing}
      ${verified
        ? html`<span class="badge ${verified.ok ? "calm" : "alarm"}" data-test="book-verified">${verified.ok ? say("book_verified") : say("book_broken", { n: verified.first_bad ?? "?" })}</span>`
        : nothing}
      <button
        class="button"
        data-test="back"
        @click=${() => {
          desk.view = "incident";
          changed();
        }}
      >
        ${icon("close")} ${say("back")}
      </button>
    </header>
    ${trouble ? html`<p class="trouble" role="alert">${trouble} <button class="button" @click=${() => void read(true)}>${say("retry")}</button></p>` : nothing}
    <div class="book-scroll" tabindex="0" role="region" aria-labelledby="book-title">
      ${lines.length === 0 ? html`<p class="soft">${reading ? say("loading") : say("book_empty")}</p>` : html`<table>
        <thead>
          <tr>
            <th scope="col">${say("book_number")}</th>
            <th scope="col">${say("book_time", { zone: wall(now(), zone()).offset })}</th>
            <th scope="col">${say("book_what")}</th>
            <th scope="col">${say("book_who")}</th>
            <th scope="col">${say("book_incident")}</th>
          </tr>
        </thead>
        <tbody>${repeat(lines, (each) => each.number, line)}</tbody>
      </table>`}
      ${lines.length > 0
        ? from > 0
          ? html`<button class="button" data-test="book-older" ?disabled=${reading} @click=${() => void read(false)}>${say("book_older")}</button>`
          : html`<p class="soft book-end">${say("book_all")}</p>`
        : nothing}
    </div>
  </div>`;
}
