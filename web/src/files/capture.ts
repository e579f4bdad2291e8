/** On the running alarm: three large buttons, and what became of each file. In a silent alarm nothing is opened that clicks, flashes, sounds or asks. */
import { html, nothing, type TemplateResult } from "lit-html";
import { clockTime, language } from "../i18n.ts";
import type { Running } from "../app/alarm.ts";
import { draw } from "../app/draw.ts";
import { member } from "../app/member.ts";
import { alarmsWaiting, anyWaiting } from "../app/outbox.ts";
import { isoTime, newUuid } from "../app/signal.ts";
import "./files.css";
import { add, change, filesOf, forget, handOver, load, remove, sendingNow, stuck, wake, within } from "./queue.ts";
import { sign } from "./signs.ts";
import type { Item } from "./store.ts";
import { t } from "./words.ts";

const LARGEST = 25 * 1024 * 1024;
const MOST = 20;
const LONGEST_RECORDING = 5 * 60_000;

let trouble = "";
let recorder: { media: MediaRecorder; item: Item; pieces: Blob[]; since: number } | undefined;
let microphone: PermissionState | undefined;
const pictures = new Map<string, string>();

within({
  token: () => Promise.resolve(member.token),
  language,
  pressWaits: () => alarmsWaiting() > 0,
  othersWait: anyWaiting,
  changed: draw,
});

/** At the start of the page. */
export async function startFiles(): Promise<void> {
  void load();
  addEventListener("online", wake);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") return wake();
    stopRecording();
    void handOver();
  });
  try {
    const status = await navigator.permissions.query({ name: "microphone" as PermissionName });
    microphone = status.state;
    status.onchange = () => (microphone = status.state);
  } catch {
    // not every browser says
  }
}

/** The alarm was read and put away. */
export function filesAreOver(alarm: string): void {
  stopRecording();
  for (const url of pictures.values()) URL.revokeObjectURL(url);
  pictures.clear();
  trouble = "";
  void forget(alarm);
}

async function digestOf(blob: Blob): Promise<string> {
  try {
    const bytes = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
    return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  } catch {
    return ""; // no secure context: the server goes without
  }
}

function begun(alarm: Running, kind: Item["kind"], state: Item["state"]): Item {
  return { id: newUuid(), order: Date.now(), kind, at: isoTime(), size: 0, blob: null, digest: "", alarm: alarm.pressedAt, presses: alarm.presses, offset: 0, state };
}

async function take(alarm: Running, kind: Item["kind"], blob: Blob): Promise<void> {
  trouble = blob.size > LARGEST ? t("tooLarge") : filesOf(alarm.pressedAt).length >= MOST ? t("tooMany") : "";
  draw();
  if (trouble || blob.size === 0) return;
  const item = { ...begun(alarm, kind, "waiting"), size: blob.size, blob, digest: await digestOf(blob) };
  if (kind === "photo") pictures.set(item.id, URL.createObjectURL(blob));
  if (!(await add(item))) trouble = t("notKept");
  draw();
}

async function record(alarm: Running): Promise<void> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const type = ["audio/mp4", "audio/webm;codecs=opus", "audio/ogg;codecs=opus"].find((each) => MediaRecorder.isTypeSupported(each));
    const media = new MediaRecorder(stream, { ...(type && { mimeType: type }), audioBitsPerSecond: 32_000 });
    const own = { media, item: begun(alarm, "sound", "recording"), pieces: [] as Blob[], since: Date.now() };
    media.ondataavailable = ({ data }) => {
      own.pieces.push(data);
      const blob = new Blob(own.pieces);
      void change(own.item, { blob, size: blob.size }); // so that a reload loses five seconds and no more
    };
    media.onstop = () => {
      for (const track of stream.getTracks()) track.stop();
      recorder = undefined;
      void kept(own.item);
    };
    await add(own.item);
    recorder = own;
    media.start(5_000);
    setTimeout(() => recorder === own && stopRecording(), LONGEST_RECORDING);
    const tick = setInterval(() => (recorder === own ? draw() : clearInterval(tick)), 1_000);
    trouble = "";
  } catch {
    trouble = t("noMicrophone");
  }
  draw();
}

async function kept(item: Item): Promise<void> {
  if (!item.blob || item.size === 0) return remove(item.id);
  await change(item, { state: "waiting", digest: await digestOf(item.blob) });
  wake();
}

function stopRecording(): void {
  if (recorder?.media.state === "recording") recorder.media.stop();
}

function picked(alarm: Running, kind: Item["kind"]) {
  return (event: Event): void => {
    const field = event.currentTarget as HTMLInputElement;
    for (const file of [...(field.files ?? [])]) void take(alarm, kind, file);
    field.value = "";
  };
}

function choose(alarm: Running, kind: "photo" | "video"): TemplateResult {
  const accept = kind === "photo" ? "image/jpeg,image/png,image/webp,image/heic,image/*" : "video/*";
  const words = alarm.silent ? t(kind === "photo" ? "choosePhoto" : "chooseVideo") : t(kind);
  // Without `capture` the phone offers what it has; with it the camera opens at once.
  return html`<label class="button take">
    ${sign(kind)}${words}
    ${
      alarm.silent
        ? html`<input type="file" accept=${accept} multiple data-test="take-${kind}" @change=${picked(alarm, kind)} />`
        : html`<input type="file" accept=${accept} capture="environment" data-test="take-${kind}" @change=${picked(alarm, kind)} />`
    }
  </label>`;
}

function sound(alarm: Running): TemplateResult | typeof nothing {
  if (recorder) {
    const seconds = Math.floor((Date.now() - recorder.since) / 1000);
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    return html`<button type="button" class="button take take-on" data-test="take-stop" @click=${stopRecording}>${sign("stop")}${t("stop", { time })}</button>`;
  }
  if (!("MediaRecorder" in window) || !navigator.mediaDevices) return nothing;
  if (alarm.silent && microphone !== "granted") return nothing; // it would ask, for all to see
  return html`<button type="button" class="button take" data-test="take-sound" @click=${() => void record(alarm)}>${sign("sound")}${t("sound")}</button>`;
}

export function filesSection(alarm: Running): TemplateResult {
  const files = filesOf(alarm.pressedAt);
  return html`<section aria-labelledby="files-title" data-test="files">
    <h2 id="files-title">${t("title")}</h2>
    <div class="takes">${choose(alarm, "photo")} ${choose(alarm, "video")} ${sound(alarm)}</div>
    <p class="soft"><small>${alarm.silent ? t("quietWhy") : t("urgentFirst")}</small></p>
    <p class="problem" data-test="files-problem" aria-live=${alarm.silent ? "off" : "polite"}>${trouble}</p>
    <ul class="sendings">
      ${files.map((item) => row(item))}
    </ul>
  </section>`;
}

function row(item: Item): TemplateResult {
  const picture = pictures.get(item.id);
  const share = item.size ? Math.round((item.offset / item.size) * 100) : 0;
  const open = item.state === "waiting";
  const words =
    item.state === "sent"
      ? t("sent")
      : item.state === "refused"
        ? item.why || t("refused")
        : item.state === "recording"
          ? t("recording")
          : item.offset === item.size
            ? t("finishing")
            : sendingNow() === item.id
              ? t("sending", { percent: share })
              : stuck()
                ? t("stuck")
                : t("waiting");
  return html`<li class="sending" data-test="file" data-state=${item.state} data-id=${item.id}>
    ${picture ? html`<img class="sending-picture" src=${picture} alt="" />` : nothing}
    <span class="sending-what">
      <span><strong>${t(item.kind)}</strong> <span class="soft">${clockTime(item.at)} · ${size(item.size)}</span></span>
      <span class=${item.state === "sent" ? "calm" : item.state === "refused" ? "problem" : ""}>${words}</span>
      ${open ? html`<progress max="100" value=${share} aria-label=${words}></progress>` : nothing}
    </span>
    ${
      open
        ? html`<span class="pair">
            ${stuck() ? html`<button type="button" class="button" data-test="file-retry" @click=${wake}>${t("retry")}</button>` : nothing}
            <button type="button" class="button" data-test="file-remove" @click=${() => void remove(item.id)}>${t("remove")}</button>
          </span>`
        : item.state === "sent" && item.kind === "photo" && !picture
          ? html`<button type="button" class="button" data-test="file-show" @click=${() => void show(item)}>${t("show")}</button>`
          : nothing
    }
  </li>`;
}

/** One's own photo again, from the server. */
async function show(item: Item): Promise<void> {
  const response = await fetch(`/files/${item.id}/thumb`, { headers: { Authorization: `Bearer ${member.token}` }, credentials: "omit", cache: "no-store" }).catch(() => null);
  if (response?.ok) pictures.set(item.id, URL.createObjectURL(await response.blob()));
  draw();
}

function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
