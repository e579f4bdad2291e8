/** Whose alarms a device sends: a member's, a site's, or the center's own. Only staff are asked. */
import { html, nothing, type TemplateResult } from "lit-html";
import { frame } from "./frame.ts";
import { attempt, changed, page, screen, show } from "./state.ts";
import type { New, Owners } from "./types.ts";
import { t } from "./words.ts";

type Kind = "person" | "site" | "center";

const chosen = { kind: "person" as Kind, person: 0, site: 0, words: "", fresh: false };
let offered: Owners | null = null;
let asked = "";
let timer: ReturnType<typeof setTimeout> | undefined;

export function withOwner(device: New): New {
  const { kind, person, site } = chosen;
  return { ...device, ...(page().staff && kind === "person" ? { person } : {}), ...(page().staff && kind === "site" ? { site } : {}) };
}

/** Ask a moment after the last key. */
function seek(): void {
  const wanted = `${page().staff?.center()} ${chosen.words}`;
  if (wanted === asked) return;
  asked = wanted;
  clearTimeout(timer);
  timer = setTimeout(() => {
    void page()
      .staff?.owners(chosen.words)
      .then((found) => {
        if (wanted !== asked) return;
        offered = found;
        changed();
      })
      .catch((trouble: unknown) => {
        asked = "";
        screen.problem = page().explain(trouble);
        changed();
      });
  }, offered ? 250 : 0);
}

function kinds(): TemplateResult {
  const words = { person: t("ownerPerson"), site: t("ownerSite"), center: t("ownerCenter") };
  return html`<fieldset class="pairing-segments">
    <legend class="pairing-hidden">${t("stepOwner")}</legend>
    ${(["person", "site", "center"] as const).map(
      (each) => html`<label class="pairing-segment" data-test=${`owner-${each}`}>
        <input type="radio" name="owner-kind" value=${each} .checked=${chosen.kind === each} @change=${() => {
          Object.assign(chosen, { kind: each, fresh: false, words: "" });
          screen.problem = "";
          changed();
        }} /><span>${words[each]}</span>
      </label>`,
    )}
  </fieldset>`;
}

function search(label: string): TemplateResult {
  return html`<input type="search" class="pairing-search" data-test="owner-search" aria-label=${label} placeholder=${label} .value=${chosen.words} @input=${(event: Event) => {
    chosen.words = (event.target as HTMLInputElement).value;
    changed();
  }} />`;
}

function choice(name: "person" | "site", id: number, title: string, more: string | null): TemplateResult {
  return html`<label class="pairing-choice" data-test=${`owner-${name}-${id}`}>
    <input type="radio" name=${name} .checked=${chosen[name] === id} @change=${() => {
      chosen[name] = id;
      screen.problem = "";
      changed();
    }} />
    <span class="pairing-what" translate="no"><strong>${title}</strong>${more ? html`<span class="soft">${more}</span>` : nothing}</span>
  </label>`;
}

function newSite(): TemplateResult {
  const send = (event: Event): void => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    void attempt(async () => {
      const site = await page().staff!.addSite(String(form.get("site-name")), String(form.get("site-address")));
      offered = { people: offered?.people ?? [], sites: [site, ...(offered?.sites ?? [])] };
      Object.assign(chosen, { site: site.id, fresh: false });
    });
  };
  return html`<form class="pairing-form" @submit=${send}>
    <label class="field"><span>${t("siteName")}</span><input name="site-name" data-test="site-name" required maxlength="120" autocomplete="off" /></label>
    <label class="field"><span>${t("siteAddress")}</span><input name="site-address" data-test="site-address" maxlength="240" autocomplete="off" /></label>
    <button class="button" data-test="site-add" ?disabled=${screen.busy}>${t("siteAdd")}</button>
  </form>`;
}

export function ownerStep(add: () => Promise<void>): TemplateResult {
  const { kind } = chosen;
  if (kind !== "center") seek();
  const whole = kind === "center" || chosen[kind] > 0;
  const why = { person: t("ownerPersonWhy"), site: t("ownerSiteWhy"), center: t("ownerCenterWhy") };
  const none = offered && !offered[kind === "site" ? "sites" : "people"].length;
  const start = (): void => {
    if (whole) return void add();
    screen.problem = t("ownerFirst");
    changed();
  };
  return frame(
    t("stepOwner"),
    () => show({ name: "add", step: "number" }),
    html`${kinds()}
      <p class="soft">${why[kind]}</p>
      ${kind === "person"
        ? html`${search(t("personSearch"))}
            <div class="pairing-choices">${offered?.people.map((each) => choice("person", each.id, each.name, each.phone)) ?? nothing}</div>`
        : kind === "site"
          ? html`${search(t("siteSearch"))}
              <div class="pairing-choices">${offered?.sites.map((each) => choice("site", each.id, each.name, each.address || null)) ?? nothing}</div>
              ${chosen.fresh
                ? newSite()
                : html`<button type="button" class="button" data-test="site-new" @click=${() => {
                    chosen.fresh = true;
                    changed();
                  }}>${t("siteNew")}</button>`}`
          : nothing}
      ${kind !== "center" && offered === null ? html`<p class="soft">${t("loading")}</p>` : none && !chosen.fresh ? html`<p class="soft" role="status">${t("searchEmpty")}</p>` : nothing}`,
    html`<button type="button" class="button accent button-main" data-test="pairing-add" ?disabled=${screen.busy} @click=${start}>${screen.busy ? t("working") : t("addNow")}</button>`,
    "owner",
  );
}

/** Another center, another device: nobody is chosen yet. */
export function forgetOwner(): void {
  Object.assign(chosen, { person: 0, site: 0, words: "", fresh: false });
  offered = null;
  asked = "";
}
