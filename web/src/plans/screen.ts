/** The plans page: the list of a center's plans, or one of them with its simulation beside it. */
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../desk/icons.ts";
import { KINDS } from "../desk/types.ts";
import { kindName } from "../desk/words.ts";
import "./plans.css";
import { simulation } from "./simulation.ts";
import { addStage, copyHere, edit, fetchPlans, leaveDraft, openScreen, refetch, remove, save, screen, turnOn, write, type Draft } from "./state.ts";
import type { Plan, Stage, Whom } from "./types.ts";
import { t, type Word } from "./words.ts";

export { openScreen, refetch };

const WHOM = ["on_duty", "role", "people", "nearest", "relatives", "parent", "everyone", "partner"];

export function plansScreen(leave: () => void): TemplateResult {
  return html`<div class="plans">${screen.draft ? pen(screen.draft) : list(leave)}</div>`;
}

export const channelName = (name: string): string => t(`by_${name}` as Word);
const value = (event: Event): string => (event.target as HTMLInputElement).value;

// ── the list ────────────────────────────────────────────────────────────────

function applies(plan: Pick<Plan, "alarm" | "silent" | "when">): string {
  const silent = plan.silent === null ? "" : t(plan.silent ? "silentOnly" : "notSilent");
  const when = plan.when === "day" || plan.when === "night" ? t(plan.when) : "";
  return [plan.alarm ? kindName(plan.alarm) : t("anyAlarm"), silent, when].filter(Boolean).join(" · ");
}

function row(plan: Plan, open: boolean): TemplateResult {
  return html`<li>
    <button type="button" class="plan-row" data-test=${`plan-${plan.id}`} @click=${() => write(plan, open)}>
      <span class="plan-what"><strong translate="no">${plan.name}</strong><span class="soft">${applies(plan)}</span></span>
      <span class="plan-marks">
        <span class="chip">${t("stages", { n: plan.steps.stages.length })}</span>
        ${plan.readable ? nothing : html`<span class="badge warn">${t("unreadable")}</span>`}
        <span class=${`badge ${plan.active ? "calm" : ""}`}>${t(plan.active ? "active" : "inactive")}</span>
        ${open ? nothing : html`<span class="soft">${t("from", { center: plan.center_name })}</span>`}
      </span>
    </button>
  </li>`;
}

function list(leave: () => void): TemplateResult {
  const { plans } = screen;
  return html`<header class="page-head">
      <h2 data-heading tabindex="-1">${t("plans")}</h2>
      <button type="button" class="button" data-test="plans-back" @click=${leave}>${t("back")}</button>
    </header>
    <div class="plans-scroll">
      <p class="soft">${t("plansWhy")}</p>
      ${plans === null
        ? screen.problem
          ? html`<p class="bad" role="alert">${screen.problem}</p><button type="button" class="button" @click=${() => void fetchPlans()}>${t("retry")}</button>`
          : html`<p class="soft">${t("loading")}</p>`
        : html`
            ${plans.may_change
              ? html`<p><button type="button" class="button accent" data-test="plan-add" @click=${() => write(null, true)}>${icon("plus")} ${t("add")}</button></p>`
              : html`<p class="soft">${t("lookOnly")}</p>`}
            <section>
              <h3>${t("own")}</h3>
              ${plans.own.length ? html`<ul class="plan-list">${plans.own.map((each) => row(each, plans.may_change))}</ul>` : html`<p class="soft">${t("ownNone")}</p>`}
            </section>
            ${plans.inherited.length ? html`<section><h3>${t("inherited")}</h3><ul class="plan-list">${plans.inherited.map((each) => row(each, false))}</ul></section>` : nothing}
            <section>
              <h3>${t("fallback")}</h3>
              <ul class="plan-list">
                <li>
                  <button type="button" class="plan-row" data-test="plan-default" @click=${() => write(null, false)}>
                    <span class="plan-what"><strong>${t("fallback")}</strong><span class="soft">${t("fallbackWhy")}</span></span>
                    <span class="plan-marks"><span class="chip">${t("stages", { n: plans.default.stages.length })}</span></span>
                  </button>
                </li>
              </ul>
            </section>
          `}
    </div>`;
}

// ── one plan ────────────────────────────────────────────────────────────────

function said(field: string, whole = false): TemplateResult | typeof nothing {
  const found = screen.wrong.filter((each) => (whole ? each.field === field : each.field.startsWith(field)));
  return found.length ? html`<div role="alert"><ul class="plan-wrong">${found.map((each) => html`<li>${each.why}</li>`)}</ul></div>` : nothing;
}

const isWrong = (field: string): "true" | "false" => (screen.wrong.some((each) => each.field === field) ? "true" : "false");

function choose(label: string, now: string, options: [string, string][], test: string, pick: (value: string) => void, open: boolean): TemplateResult {
  return html`<label class="field"><span>${label}</span>
    <select data-test=${test} ?disabled=${!open} .value=${live(now)} @change=${(event: Event) => pick(value(event))}>
      ${options.map(([name, text]) => html`<option value=${name} ?selected=${name === now}>${text}</option>`)}
    </select></label>`;
}

function numberField(label: string, now: number, test: string, set: (value: number) => void, open: boolean, field = ""): TemplateResult {
  return html`<label class="field"><span>${label}</span>
    <input type="number" inputmode="numeric" min="0" max="86400" data-test=${test} ?disabled=${!open} aria-invalid=${field ? isWrong(field) : nothing} .value=${live(String(now))}
      @input=${(event: Event) => value(event) !== "" && set(Number(value(event)))} /></label>`;
}

function pen(draft: Draft): TemplateResult {
  const { open } = draft;
  const kinds: [string, string][] = [["", t("anyAlarm")], ...KINDS.map((each): [string, string] => [each, kindName(each)])];
  return html`<header class="page-head">
      <h2 data-heading tabindex="-1" translate=${draft.name ? "no" : "yes"}>${draft.name || t(open ? "add" : "fallback")}</h2>
      ${draft.id ? html`<span class=${`badge ${draft.active ? "calm" : ""}`} data-test="plan-state">${t(draft.active ? "active" : "inactive")}</span>` : nothing}
      ${draft.touched ? html`<span class="soft" data-test="unsaved">${t("unsaved")}</span>` : nothing}
      <button type="button" class="button" data-test="plan-back" @click=${leaveDraft}>${t("back")}</button>
    </header>
    <div class="plans-two">
      <form class="plans-scroll plan-form" novalidate @submit=${(event: Event) => {
        event.preventDefault();
        save();
      }}>
        ${open
          ? html`<label class="field"><span>${t("name")}</span>
              <input data-test="plan-name" maxlength="120" autocomplete="off" placeholder=${t("nameExample")} aria-invalid=${isWrong("name")} .value=${live(draft.name)} @input=${(event: Event) => edit((plan) => (plan.name = value(event)))} /></label>
              ${said("name")}`
          : nothing}
        <fieldset class="plan-applies"><legend>${t("appliesTo")}</legend>
          ${choose(t("kind"), draft.alarm, kinds, "plan-alarm", (picked) => edit((plan) => (plan.alarm = picked)), open)}
          ${choose(t("silent"), draft.silent === null ? "" : String(draft.silent), [["", t("anySilent")], ["true", t("silentOnly")], ["false", t("notSilent")]], "plan-silent",
            (picked) => edit((plan) => (plan.silent = picked === "" ? null : picked === "true")), open)}
          ${choose(t("hours"), draft.when, [["", t("always")], ["day", t("day")], ["night", t("night")]], "plan-when", (picked) => edit((plan) => (plan.when = picked)), open)}
        </fieldset>
        ${said("steps.stages", true)}
        <ol class="plan-stages">${draft.steps.stages.map((each, n) => stageForm(each, n, draft))}</ol>
        ${open ? html`<button type="button" class="button" data-test="stage-add" ?disabled=${draft.steps.stages.length >= 20} @click=${addStage}>${icon("plus")} ${t("stageAdd")}</button>` : nothing}
        ${numberField(t("every"), draft.steps.every, "plan-every", (seconds) => edit(({ steps }) => (steps.every = seconds)), open, "steps.every")}
        ${said("steps.every")}
        ${acts(draft)}
      </form>
      ${simulation()}
    </div>`;
}

function acts(draft: Draft): TemplateResult {
  if (!draft.open)
    return html`<footer class="plan-acts">${screen.plans?.may_change ? html`<button type="button" class="button accent" data-test="plan-copy" @click=${copyHere}>${icon("copy")} ${t("copy")}</button>` : html`<p class="soft">${t("lookOnly")}</p>`}</footer>`;
  if (screen.sure)
    return html`<footer class="plan-acts" role="alertdialog" aria-label=${t("delete")}>
      <p>${t("deleteSure")}</p>
      <button type="button" class="button" data-test="delete-no" @click=${() => sure(false)}>${t("keep")}</button>
      <button type="button" class="button alarm" data-test="delete-yes" ?disabled=${screen.busy} @click=${remove}>${t("deleteYes")}</button>
    </footer>`;
  return html`<footer class="plan-acts">
    <p class="bad plan-problem" role="alert">${screen.problem}</p>
    <button class="button accent" data-test="plan-save" ?disabled=${screen.busy}>${screen.busy ? t("working") : t("save")}</button>
    ${draft.id
      ? html`<button type="button" class="button" data-test="plan-switch" ?disabled=${screen.busy} @click=${() => turnOn(!draft.active)}>${t(draft.active ? "deactivate" : "activate")}</button>
          <button type="button" class="button quiet" data-test="plan-delete" @click=${() => sure(true)}>${t("delete")}</button>`
      : nothing}
  </footer>`;
}

function sure(wanted: boolean): void {
  screen.sure = wanted;
  edit(() => undefined);
}

// ── a stage ─────────────────────────────────────────────────────────────────

function stageForm(stage: Stage, n: number, draft: Draft): TemplateResult {
  const { open } = draft;
  const field = `steps.stages.${n}`;
  const change = (set: (stage: Stage) => void) => edit(({ steps }) => set(steps.stages[n]!));
  const by = stage.by ?? [];
  return html`<li class="plan-stage" data-test=${`stage-${n + 1}`} data-wrong=${screen.wrong.some((each) => each.stage === n + 1)}>
    <fieldset>
      <legend>${t("stage", { n: n + 1 })}</legend>
      <div class="plan-pair">
        ${numberField(t("after"), stage.after, `after-${n + 1}`, (seconds) => change((each) => (each.after = seconds)), open, `${field}.after`)}
        ${choose(t("ring"), stage.ring ?? "", [["", t("ringOwn")], ["parent", t("ringParent")], ["all", t("ringAll")]], `ring-${n + 1}`, (picked) => change((each) => (each.ring = picked)), open)}
      </div>
      <div class="plan-group" role="group" aria-label=${t("whom")}>
        <span class="plan-label">${t("whom")}</span>
        ${stage.whom?.length ? html`<ul class="plan-whom">${stage.whom.map((each, k) => whomForm(each, n, k, draft))}</ul>` : html`<p class="soft">${t("whomNone")}</p>`}
        ${open
          ? html`<select class="plan-add" data-test=${`whom-add-${n + 1}`} aria-label=${t("whomAdd")} .value=${live("")} @change=${(event: Event) => {
              const kind = value(event);
              (event.target as HTMLSelectElement).value = "";
              if (kind) change((each) => (each.whom = [...(each.whom ?? []), fresh(kind)]));
            }}>
              <option value="" selected>${t("whomAdd")}</option>
              ${WHOM.filter((kind) => kind !== "partner" || screen.plans?.choices.partners.length).map((kind) => html`<option value=${kind}>${t(`whom_${kind}` as Word)}</option>`)}
            </select>`
          : nothing}
      </div>
      <div class="plan-group" role="group" aria-label=${t("by")}>
        <span class="plan-label">${t("by")} ${by.length ? nothing : html`<span class="soft">${t("byNone")}</span>`}</span>
        <div class="plan-by">
          ${screen.plans?.choices.channels.map(
            (each) => html`<label class="plan-channel"><input type="checkbox" data-test=${`by-${n + 1}-${each.name}`} ?disabled=${!open} .checked=${live(by.includes(each.name))}
                @change=${(event: Event) => {
                  const on = (event.target as HTMLInputElement).checked;
                  change((one) => (one.by = on ? [...by, each.name] : by.filter((name) => name !== each.name)));
                }} /><span>${channelName(each.name)}${each.ready ? nothing : html` <small class="soft">${t("notReady")}</small>`}</span></label>`,
          )}
        </div>
      </div>
      ${said(`${field}.`)} ${said(field, true)}
      ${open && draft.steps.stages.length > 1
        ? html`<button type="button" class="button quiet" data-test=${`stage-remove-${n + 1}`} @click=${() => edit(({ steps }) => steps.stages.splice(n, 1))}>${t("stageRemove", { n: n + 1 })}</button>`
        : nothing}
    </fieldset>
  </li>`;
}

function fresh(kind: string): Whom {
  if (kind === "role") return { kind, name: "supervisor" };
  if (kind === "nearest") return { kind, count: 5, km: 20 };
  return kind === "people" || kind === "partner" ? { kind, ids: [] } : { kind };
}

function whomForm(whom: Whom, n: number, k: number, draft: Draft): TemplateResult {
  const { open } = draft;
  const choices = screen.plans!.choices;
  const name = t(`whom_${whom.kind}` as Word);
  const change = (set: (whom: Whom) => void) => edit(({ steps }) => set(steps.stages[n]!.whom![k]!));
  const named = whom.kind === "people" ? choices.people.map((each) => ({ id: each.id, name: `${each.name} · ${each.role}` })) : choices.partners;
  const ids = whom.ids ?? [];
  return html`<li class="plan-who">
    <span class="plan-who-head"><strong>${name}</strong>
      ${open ? html`<button type="button" class="link" aria-label=${t("remove", { what: name })} data-test=${`whom-remove-${n + 1}-${k + 1}`} @click=${() => edit(({ steps }) => steps.stages[n]!.whom!.splice(k, 1))}>${icon("close")}</button>` : nothing}
    </span>
    ${whom.kind === "role" ? choose(t("chooseRole"), whom.name ?? "", choices.roles.map((each): [string, string] => [each.name, each.said]), `role-${n + 1}-${k + 1}`, (picked) => change((each) => (each.name = picked)), open) : nothing}
    ${whom.kind === "nearest"
      ? html`<div class="plan-pair">${numberField(t("count"), whom.count ?? 5, `count-${n + 1}-${k + 1}`, (count) => change((each) => (each.count = count)), open)}
          ${numberField(t("km"), whom.km ?? 20, `km-${n + 1}-${k + 1}`, (km) => change((each) => (each.km = km)), open)}</div>`
      : nothing}
    ${whom.kind === "people" || whom.kind === "partner"
      ? html`<ul class="plan-ids">${ids.map((id) => {
            const text = named.find((each) => each.id === id)?.name ?? `#${id}`;
            return html`<li translate="no"><span>${text}</span>${open ? html`<button type="button" class="link" aria-label=${t("remove", { what: text })} @click=${() => change((each) => (each.ids = ids.filter((other) => other !== id)))}>${icon("close")}</button>` : nothing}</li>`;
          })}</ul>
          ${open
            ? html`<select data-test=${`ids-${n + 1}-${k + 1}`} aria-label=${t(whom.kind === "people" ? "choosePerson" : "choosePartner")} .value=${live("")} @change=${(event: Event) => {
                const id = Number(value(event));
                (event.target as HTMLSelectElement).value = "";
                if (id) change((each) => (each.ids = [...ids, id]));
              }}><option value="">${t(whom.kind === "people" ? "choosePerson" : "choosePartner")}</option>
                ${named.filter((each) => !ids.includes(each.id)).map((each) => html`<option value=${each.id} translate="no">${each.name}</option>`)}</select>`
            : nothing}`
      : nothing}
  </li>`;
}
