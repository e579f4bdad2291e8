/** The look of the map: our own shapes in the desk's own colours, drawn without asking anybody for anything. */
import type { FeatureCollection } from "geojson";
import type { LayerSpecification, StyleSpecification } from "maplibre-gl";

export interface Base {
  land: FeatureCollection;
  provinces: FeatureCollection;
  places: FeatureCollection;
  borders?: FeatureCollection;
  province_borders?: FeatureCollection;
  lakes?: FeatureCollection;
  rivers?: FeatureCollection;
  urban?: FeatureCollection;
  attribution?: string;
}

export interface Drawn { areas: FeatureCollection; trail: FeatureCollection; accuracy: FeatureCollection }

/** A finer ground, by setting: raster tiles, or a PMTiles file (raster, or vector in the Protomaps schema). */
export interface Ground { tiles: string | null; pmtiles: string | null; pmtilesVector: boolean }

const empty: FeatureCollection = { type: "FeatureCollection", features: [] };
const FONT = ["Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei"];

function colours(dark: boolean) {
  const tokens = getComputedStyle(document.documentElement);
  const token = (name: string): string => tokens.getPropertyValue(`--${name}`).trim();
  return {
    water: token(dark ? "ground" : "surface-sunk"),
    land: token("surface"),
    soft: token("surface-sunk"),
    line: token("line-colour"),
    border: token("border"),
    text: token("text"),
    textSoft: token("text-soft"),
    halo: token("surface"),
    accent: token("accent"),
    alarm: token(dark ? "alarm-text" : "alarm"),
  };
}

function ground(from: Ground, ink: ReturnType<typeof colours>): LayerSpecification[] {
  if (from.tiles || (from.pmtiles && !from.pmtilesVector)) return [{ id: "ground", type: "raster", source: "ground" }];
  if (!from.pmtiles) return [];
  const layer = (id: string, of: string, rest: object): LayerSpecification => ({ id, source: "ground", "source-layer": of, ...rest }) as LayerSpecification;
  return [
    layer("g-earth", "earth", { type: "fill", paint: { "fill-color": ink.land } }),
    layer("g-water", "water", { type: "fill", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": ink.water } }),
    layer("g-buildings", "buildings", { type: "fill", minzoom: 14, paint: { "fill-color": ink.soft } }),
    layer("g-roads", "roads", {
      type: "line",
      paint: { "line-color": ink.border, "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.4, 12, 1.2, 17, 6] },
    }),
    layer("g-road-names", "roads", {
      type: "symbol", minzoom: 13,
      layout: { "symbol-placement": "line", "text-field": ["get", "name"], "text-font": FONT, "text-size": 12 },
      paint: { "text-color": ink.textSoft, "text-halo-color": ink.halo, "text-halo-width": 1.5 },
    }),
  ];
}

export function styleOf(base: Base, drawn: Drawn, from: Ground, dark: boolean, chinese: boolean): StyleSpecification {
  const ink = colours(dark);
  const name = chinese ? ["coalesce", ["get", "name_zh"], ["get", "name"]] : ["get", "name"];
  const source = (data: FeatureCollection | undefined) => ({ type: "geojson" as const, data: data ?? empty });
  const raster = from.tiles !== null || (from.pmtiles !== null && !from.pmtilesVector);
  return {
    version: 8,
    sources: {
      land: { ...source(base.land), attribution: base.attribution ?? "Natural Earth" },
      provinces: source(base.provinces),
      borders: source(base.borders),
      province_borders: source(base.province_borders),
      lakes: source(base.lakes),
      rivers: source(base.rivers),
      urban: source(base.urban),
      places: source(base.places),
      areas: source(drawn.areas),
      trail: source(drawn.trail),
      accuracy: source(drawn.accuracy),
      ...(from.tiles ? { ground: { type: "raster" as const, tiles: [from.tiles], tileSize: 256, maxzoom: 19 } } : {}),
      ...(from.pmtiles ? { ground: { type: from.pmtilesVector ? ("vector" as const) : ("raster" as const), url: `pmtiles://${from.pmtiles}` } } : {}),
    },
    layers: [
      { id: "water", type: "background", paint: { "background-color": ink.water } },
      { id: "land", type: "fill", source: "land", paint: { "fill-color": ink.land } },
      { id: "urban", type: "fill", source: "urban", paint: { "fill-color": ink.soft } },
      { id: "lakes", type: "fill", source: "lakes", paint: { "fill-color": ink.water } },
      { id: "rivers", type: "line", source: "rivers", minzoom: 5, paint: { "line-color": ink.line, "line-width": 1 } },
      ...ground(from, ink),
      { id: "areas", type: "fill", source: "areas", paint: { "fill-color": ink.accent, "fill-opacity": ["interpolate", ["linear"], ["zoom"], 8, ["case", ["get", "here"], 0.12, 0.03], 10.5, 0.02] } },
      { id: "province-line", type: "line", source: "province_borders", paint: { "line-color": ink.border, "line-width": 0.8, "line-dasharray": [3, 2] } },
      { id: "border-line", type: "line", source: "borders", paint: { "line-color": ink.border, "line-width": 1.4 } },
      { id: "area-line", type: "line", source: "areas", paint: { "line-color": ink.accent, "line-width": ["case", ["get", "here"], 2, 0.8], "line-opacity": ["case", ["get", "here"], 0.9, 0.3] } },
      { id: "accuracy", type: "fill", source: "accuracy", paint: { "fill-color": ink.alarm, "fill-opacity": 0.16 } },
      { id: "accuracy-line", type: "line", source: "accuracy", paint: { "line-color": ink.alarm, "line-width": 1.5, "line-dasharray": [2, 2] } },
      { id: "trail", type: "line", source: "trail", filter: ["==", ["get", "what"], "line"], layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": ink.alarm, "line-width": 4 } },
      { id: "trail-points", type: "circle", source: "trail", filter: ["==", ["get", "what"], "point"], paint: { "circle-radius": 3.5, "circle-color": ink.halo, "circle-stroke-color": ink.alarm, "circle-stroke-width": 2 } },
      ...(raster ? [] : labels(name, ink)),
    ],
  };
}

function labels(name: unknown, ink: ReturnType<typeof colours>): LayerSpecification[] {
  return [
    {
      id: "place-dots", type: "circle", source: "places",
      filter: ["<=", ["get", "rank"], ["step", ["zoom"], 1, 5, 2, 6.5, 3, 8, 10]],
      paint: { "circle-radius": 2.5, "circle-color": ink.textSoft },
    },
    {
      id: "province-names", type: "symbol", source: "provinces", minzoom: 4, maxzoom: 8,
      layout: { "text-field": name as never, "text-font": FONT, "text-size": 13, "text-letter-spacing": 0.12, "text-max-width": 8 },
      paint: { "text-color": ink.textSoft, "text-halo-color": ink.halo, "text-halo-width": 1.5 },
    },
    {
      id: "place-names", type: "symbol", source: "places",
      filter: ["<=", ["get", "rank"], ["step", ["zoom"], 1, 5, 2, 6.5, 3, 8, 10]],
      layout: {
        "text-field": name as never, "text-font": FONT, "symbol-sort-key": ["get", "rank"],
        "text-size": ["interpolate", ["linear"], ["get", "rank"], 1, 15, 4, 12],
        "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": 0.5, "text-padding": 4,
      },
      paint: { "text-color": ink.text, "text-halo-color": ink.halo, "text-halo-width": 1.6 },
    },
  ];
}
