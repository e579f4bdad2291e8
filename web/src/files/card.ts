/** The files of an incident at the desk, and a viewer that the keyboard alone can work: arrows, Escape, Tab. */
import { html, nothing, render, type TemplateResult } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import { repeat } from "lit-html/directives/repeat.js";
import "./desk.css";
import { sign } from "./signs.ts";
import type { Attached } from "./types.ts";
import { t, type Word } from "./words.ts";

/** "Photo 2": counted within its kind. */
function name(file: Attached, files: Attached[]): string {
  const n = files.filter((each) => each.kind === file.kind).indexOf(file) + 1;
  return t(`one_${file.kind}` as Word, { n });
}

export function filesCard(files: Attached[] | undefined, time: (iso: string) => string): TemplateResult | typeof nothing {
  if (!files?.length) return nothing;
  return html`<section class="card" aria-label=${t("files")} data-test="files">
    <h3>${t("files")}</h3>
    <ul class="files">
      ${repeat(
        files,
        (each) => each.id,
        (each) => html`<li>${tile(each, files, time)}</li>`,
      )}
    </ul>
  </section>`;
}

function tile(file: Attached, files: Attached[], time: (iso: string) => string): TemplateResult {
  const words = html`<span class="file-name">${name(file, files)} · <time datetime=${file.at}>${time(file.at)}</time></span>`;
  if (!file.view && !file.original) {
    return html`<span class="file file-gone" data-test=${`file-${file.id}`}>${sign(file.kind)}${words}<span class="file-name">${t(file.removed_at ? "removed" : "hidden")}</span></span>`;
  }
  return html`<button type="button" class="file" data-test=${`file-${file.id}`} aria-label=${t("open", { what: `${name(file, files)}, ${time(file.at)}` })} @click=${() => openViewer(files, file.id)}>
    ${file.thumb ? html`<img src=${file.thumb} alt="" loading="lazy" />` : sign(file.kind)} ${words}
  </button>`;
}

/** A dialog of its own, outside of the desk's page: what the desk draws anew meanwhile does not disturb it. */
function openViewer(files: Attached[], first: string): void {
  const shown = files.filter((each) => each.view || each.original);
  let at = Math.max(0, shown.findIndex((each) => each.id === first));
  const dialog = document.createElement("dialog");
  dialog.className = "viewer";
  dialog.dataset["test"] = "viewer";
  dialog.setAttribute("aria-labelledby", "viewer-title");
  const before = document.activeElement;
  const move = (by: number) => {
    at = (at + by + shown.length) % shown.length;
    show();
  };
  const show = () => {
    const file = shown[at];
    if (file) render(page(file, files, at, shown.length, move, () => dialog.close()), dialog);
  };
  dialog.addEventListener("keydown", (event) => {
    event.stopPropagation(); // the desk's one-key shortcuts mean nothing here
    if (event.target instanceof HTMLMediaElement) return; // its own arrows
    if (event.key === "ArrowRight") move(1);
    if (event.key === "ArrowLeft") move(-1);
  });
  dialog.addEventListener("close", () => {
    render(nothing, dialog); // what plays is silent at once
    dialog.remove();
    if (before instanceof HTMLElement) before.focus();
  });
  document.body.append(dialog);
  show();
  dialog.showModal();
}

function page(file: Attached, files: Attached[], at: number, of: number, move: (by: number) => void, close: () => void): TemplateResult {
  const source = file.view ?? file.original ?? "";
  const original = !file.copied;
  return html`<header>
      <h2 id="viewer-title">${name(file, files)}</h2>
      <span class="soft" role="status" data-test="viewer-place">${t("place", { n: at + 1, of })}</span>
      ${of > 1
        ? html`<button type="button" class="button" data-test="viewer-before" @click=${() => move(-1)}>← ${t("before")}</button>
            <button type="button" class="button" data-test="viewer-next" @click=${() => move(1)}>${t("next")} →</button>`
        : nothing}
      <button type="button" class="button accent" data-test="viewer-close" autofocus @click=${close}>${t("close")}</button>
    </header>
    ${keyed(file.id, html`<figure>${picture(file, name(file, files), source)}</figure>`)}
    <p class=${original ? "bad" : "soft"} data-test="viewer-what">${t(original ? (file.kind === "photo" ? "cannotShow" : "original") : "copy")}</p>
    <footer>
      ${file.original ? html`<a class="button" data-test="viewer-original" href=${file.original} download>${t("fetch")}</a>` : nothing}
      <p class="soft">${t("digest")} <code translate="no">${file.sha256}</code></p>
    </footer>`;
}

function picture(file: Attached, words: string, source: string): TemplateResult | typeof nothing {
  if (file.kind === "photo") return file.view ? html`<img src=${source} alt=${words} data-test="viewer-picture" />` : nothing;
  if (file.kind === "video") return html`<video src=${source} controls preload="metadata" playsinline aria-label=${words} data-test="viewer-video"></video>`;
  return html`<audio src=${source} controls preload="metadata" aria-label=${words} data-test="viewer-sound"></audio>`;
}
