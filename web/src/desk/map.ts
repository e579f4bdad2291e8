/** The map: where everybody is. It comes after the queue, and the desk works without it. */
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { html, nothing, render, type TemplateResult } from "lit-html";
import type * as MapLibre from "maplibre-gl";
import { language } from "../i18n";
import { icon } from "./icons";
import { groups, open, waits } from "./incidents";
import { accuracyOf, areasOf, boxOf, trailOf } from "./map/features";
import { styleOf, type Base, type Drawn, type Ground } from "./map/style";
import { who } from "./notify";
import { centerOf, changed, desk, known } from "./state";
import { isDark, onTheme } from "./theme";
import { marked } from "../drill/mark";
import { kindName, say, stateName } from "./words";
import type { Incident } from "./types";

type Status = "loading" | "ready" | "none";

let status: Status = "loading";
let lib: typeof MapLibre | null = null;
let map: MapLibre.Map | null = null;
let base: Base | null = null;
const ground: Ground = { tiles: null, pmtiles: null, pmtilesVector: true };
const markers = new Map<number, { marker: MapLibre.Marker; element: HTMLElement }>();
let shown = "";
let styled = "";
let lookedAt: number | null = null;
let lookedAlong = false;
let movedByHand = 0;
let picked: ((lat: number, lon: number) => void) | null = null;
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

/** Begin once the page stands; a failure leaves the coordinates in words. */
export async function beginMap(container: HTMLElement): Promise<void> {
  try {
    const [loaded, answer] = await Promise.all([import("maplibre-gl"), fetch(`${import.meta.env.BASE_URL}map/base.json`)]);
    lib = loaded;
    base = (await answer.json()) as Base;
    lib.setWorkerUrl(workerUrl);
    await readGround();
    map = new lib.Map({
      container,
      style: styleNow(),
      center: [24.7, -28.7],
      zoom: 4,
      minZoom: 3,
      maxZoom: ground.tiles || ground.pmtiles ? 18 : 15,
      dragRotate: false,
      pitchWithRotate: false,
      attributionControl: { compact: true },
      locale: { "Map.Title": say("map"), "AttributionControl.ToggleAttribution": "©" },
    });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new lib.ScaleControl({ maxWidth: 120 }), "bottom-right");
    map.on("dragstart", () => (movedByHand = Date.now()));
    map.on("click", (event) => picked?.(event.lngLat.lat, event.lngLat.lng));
    map.on("load", () => {
      status = "ready";
      changed();
    });
    showCenter(false);
    onTheme(() => {
      styled = "";
      changed();
    });
  } catch (trouble) {
    console.warn("no map:", trouble);
    map?.remove();
    map = null;
    status = "none";
  }
  changed();
}

async function readGround(): Promise<void> {
  const wanted = desk.me?.map;
  ground.tiles = wanted?.tiles ? new URL(wanted.tiles, location.href).href.replaceAll("%7B", "{").replaceAll("%7D", "}") : null;
  if (ground.tiles || !wanted?.pmtiles || !lib) return;
  try {
    const { Protocol, PMTiles, TileType } = await import("pmtiles");
    const url = new URL(wanted.pmtiles, location.href).href;
    const file = new PMTiles(url);
    ground.pmtilesVector = (await file.getHeader()).tileType === TileType.Mvt;
    const protocol = new Protocol();
    protocol.add(file);
    lib.addProtocol("pmtiles", protocol.tile);
    ground.pmtiles = url;
  } catch (trouble) {
    console.warn("no finer ground:", trouble); // Natural Earth stands
  }
}

function drawnNow(): Drawn {
  const incident = known(desk.selected);
  return { areas: areasOf(desk.centers, desk.center), trail: trailOf(incident), accuracy: accuracyOf(incident) };
}

function styleNow(): MapLibre.StyleSpecification {
  styled = `${isDark()} ${language()}`;
  return styleOf(base as Base, drawnNow(), ground, isDark(), language() !== "en");
}

/** Follow what the desk knows; does nothing when nothing moved. */
export function updateMap(): void {
  if (!map || !lib) return;
  if (styled !== `${isDark()} ${language()}`) map.setStyle(styleNow(), { diff: false });
  const { waiting, inHand } = groups();
  const placed = [...inHand, ...waiting].filter((each) => each.position !== null);
  const selected = known(desk.selected);
  if (selected?.position && !placed.some((each) => each.id === selected.id)) placed.push(selected);
  for (const [id, { marker }] of markers) {
    if (placed.some((each) => each.id === id)) continue;
    marker.remove();
    markers.delete(id);
  }
  for (const each of placed) place(each);
  const drawn = drawnNow();
  const now = JSON.stringify([desk.center, desk.centers.length, desk.selected, drawn.trail.features.length, selected?.position]);
  if (now !== shown) {
    const set = (name: keyof Drawn): void => void (map?.getSource(name) as MapLibre.GeoJSONSource | undefined)?.setData(drawn[name]);
    if (map.getSource("trail")) {
      shown = now;
      set("areas");
      set("trail");
      set("accuracy");
    }
  }
  follow(selected);
}

function place(incident: Incident): void {
  const at = incident.position;
  if (!at || !map || !lib) return;
  let found = markers.get(incident.id);
  if (!found) {
    const element = document.createElement("button");
    element.tabIndex = -1; // the queue is the keyboard's way to the same
    element.dataset["test"] = `marker-${incident.id}`;
    element.addEventListener("click", (event) => {
      event.stopPropagation();
      open(incident.id);
    });
    found = { element, marker: new lib.Marker({ element, anchor: "bottom" }).setLngLat([at.lon, at.lat]).addTo(map) };
    markers.set(incident.id, found);
  }
  found.marker.setLngLat([at.lon, at.lat]);
  const { element } = found;
  for (const name of [...element.classList]) if (name.startsWith("s-") || name === "chosen") element.classList.remove(name);
  element.classList.add("marker", `s-${incident.state}`);
  element.classList.toggle("drilled", incident.drill);
  if (desk.selected === incident.id) element.classList.add("chosen");
  element.style.zIndex = desk.selected === incident.id ? "3" : waits(incident) ? "2" : "1";
  element.setAttribute("aria-label", marked(incident, `${kindName(incident.alarm)} ${incident.id}, ${who(incident)}, ${stateName(incident.state)}`));
  render(html`<span class="marker-body">${icon(incident.alarm)}</span><span class="marker-id">${incident.id}</span>`, element);
}

/** Look at an incident when it is opened, and keep it in sight while it moves, unless the officer moved the map. */
function follow(incident: Incident | null): void {
  if (!map || !incident?.position) {
    if (!incident) lookedAt = null;
    return;
  }
  const at: [number, number] = [incident.position.lon, incident.position.lat];
  const duration = calm.matches ? 0 : 500;
  if (lookedAt !== incident.id) {
    lookedAt = incident.id;
    lookedAlong = false;
    movedByHand = 0;
    const zoom = ground.tiles || ground.pmtiles ? 14 : 9.6;
    map.easeTo({ center: at, zoom: Math.max(zoom, Math.min(map.getZoom(), zoom + 2)), duration });
  }
  // the trail comes a moment after the place; once there is a way to see, see all of it
  const way = boxOf(trailOf(incident).features.map((each) => each.geometry));
  const gone = !map.getBounds().contains(at) && Date.now() - movedByHand > 20_000 && !desk.picking;
  if (way && (gone || (!lookedAlong && !movedByHand))) {
    lookedAlong = true;
    map.fitBounds(way, { padding: 70, maxZoom: ground.tiles || ground.pmtiles ? 15 : 11, duration });
  } else if (gone) map.easeTo({ center: at, duration });
}

export function showOnMap(id: number): void {
  desk.pane = "map";
  const at = known(id)?.position;
  movedByHand = 0;
  if (at && map) map.easeTo({ center: [at.lon, at.lat], zoom: Math.max(12, map.getZoom()), duration: calm.matches ? 0 : 500 });
  changed();
}

export function showCenter(animate = true): void {
  const center = centerOf(desk.center);
  const box = boxOf([center?.area]);
  const duration = animate && !calm.matches ? 500 : 0;
  movedByHand = Date.now();
  if (box) map?.fitBounds(box, { padding: 40, duration, maxZoom: 11 });
  else if (center?.lat != null && center.lon != null) map?.easeTo({ center: [center.lon, center.lat], zoom: 8, duration });
}

function showAll(): void {
  const points = [...desk.incidents.values()].filter((each) => each.position && each.state !== "closed");
  const box = boxOf(points.map((each) => ({ type: "Point", coordinates: [each.position!.lon, each.position!.lat] })));
  movedByHand = Date.now();
  if (box) map?.fitBounds(box, { padding: 80, maxZoom: 11, duration: calm.matches ? 0 : 500 });
}

/** The next click on the map answers; null stops asking. */
export function pickOnMap(answer: ((lat: number, lon: number) => void) | null): void {
  picked = answer
    ? (lat, lon) => {
        pickOnMap(null);
        answer(lat, lon);
      }
    : null;
  desk.picking = answer !== null;
  if (map) map.getCanvas().style.cursor = answer ? "crosshair" : "";
  changed();
}

function words(): TemplateResult {
  const { waiting, inHand } = groups();
  return html`<div class="map-none" data-test="map-none">
    <p class="empty-title">${say("map_none")}</p>
    <p>${say("map_none_why")}</p>
    <ul>
      ${[...waiting, ...inHand].map(
        (each) => html`<li>
          <button class="link" @click=${() => open(each.id)}>${each.id} ${kindName(each.alarm)}</button>
          <span class="digits">${each.position ? `${each.position.lat.toFixed(6)}, ${each.position.lon.toFixed(6)}` : say("map_unplaced")}</span>
        </li>`,
      )}
    </ul>
  </div>`;
}

/** What lies over the map: buttons, legend, those that have no place. */
export function mapOver(): TemplateResult {
  if (status === "none") return words();
  const unplaced = [...desk.incidents.values()].filter((each) => !each.position && each.state !== "closed" && each.merged_into === null);
  const tool = (name: string, word: string, click: () => void) =>
    html`<button class="map-tool" data-test=${name} aria-label=${word} title=${word} @click=${click}>${icon(name === "zoom-in" ? "plus" : "minus")}</button>`;
  return html`
    ${status === "loading" ? html`<p class="map-loading">${say("map_loading")}</p>` : nothing}
    <div class="map-tools">
      ${tool("zoom-in", say("zoom_in"), () => map?.zoomIn())} ${tool("zoom-out", say("zoom_out"), () => map?.zoomOut())}
      <button class="map-tool wide" data-test="map-center" @click=${() => showCenter()}>${say("map_center")}</button>
      <button class="map-tool wide" data-test="map-all" @click=${showAll}>${say("map_all")}</button>
    </div>
    ${desk.picking
      ? html`<div class="map-pick" role="status">
            <span>${say("call_picking")}</span>
            <button class="button accent" data-test="pick-middle" @click=${() => {
              const at = map?.getCenter();
              if (at) picked?.(at.lat, at.lng);
            }}>${say("call_pick_middle")}</button>
          </div>
          <span class="crosshair" aria-hidden="true">${icon("plus")}</span>`
      : nothing}
    ${unplaced.length > 0 && !desk.picking
      ? html`<div class="map-unplaced"><strong>${say("map_unplaced")}</strong>${unplaced.map((each) => html`<button class="link digits" @click=${() => open(each.id)}>${each.id}</button>`)}</div>`
      : nothing}
    <details class="legend" data-test="legend">
      <summary>${say("legend")}</summary>
      <ul>
        <li><span class="key dot s-new"></span>${say("legend_new")}</li>
        <li><span class="key dot s-claimed"></span>${say("legend_hand")}</li>
        <li><span class="key dot s-resolved"></span>${say("legend_resolved")}</li>
        <li><span class="key line"></span>${say("legend_trail")}</li>
        <li><span class="key ring"></span>${say("legend_accuracy")}</li>
        <li><span class="key area"></span>${say("legend_area")}</li>
      </ul>
    </details>
  `;
}
