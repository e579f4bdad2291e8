/** What the desk knows, as shapes to draw. */
import type { Feature, FeatureCollection, Geometry } from "geojson";
import type { Center, Incident } from "../types";

export function collection(features: Feature[]): FeatureCollection {
  return { type: "FeatureCollection", features };
}

/** A circle on the ground, good enough for the accuracy of a fix. */
export function circle(lat: number, lon: number, metres: number): Feature {
  const ring: [number, number][] = [];
  const north = metres / 111_320;
  const east = north / Math.max(0.01, Math.cos((lat * Math.PI) / 180));
  for (let i = 0; i <= 64; i++) {
    const turn = (i / 64) * 2 * Math.PI;
    ring.push([lon + east * Math.cos(turn), lat + north * Math.sin(turn)]);
  }
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
}

export function trailOf(incident: Incident | null): FeatureCollection {
  const points = (incident?.trail ?? []).map(([lon, lat]) => [lon, lat]);
  if (points.length < 2) return collection([]);
  return collection([
    { type: "Feature", properties: { what: "line" }, geometry: { type: "LineString", coordinates: points } },
    ...points.slice(0, -1).map((at): Feature => ({ type: "Feature", properties: { what: "point" }, geometry: { type: "Point", coordinates: at } })),
  ]);
}

export function accuracyOf(incident: Incident | null): FeatureCollection {
  const at = incident?.position;
  return collection(at?.accuracy && at.accuracy >= 10 ? [circle(at.lat, at.lon, at.accuracy)] : []);
}

export function areasOf(centers: Center[], here: string): FeatureCollection {
  return collection(
    centers
      .filter((each) => each.area !== null)
      .map((each) => ({ type: "Feature", properties: { here: each.code === here }, geometry: each.area as Geometry })),
  );
}

export type Box = [[number, number], [number, number]];

function walk(coordinates: unknown, see: (lon: number, lat: number) => void): void {
  if (!Array.isArray(coordinates)) return;
  if (typeof coordinates[0] === "number") see(coordinates[0], coordinates[1] as number);
  else for (const each of coordinates) walk(each, see);
}

export function boxOf(geometries: (Geometry | null | undefined)[]): Box | null {
  let box: Box | null = null;
  for (const geometry of geometries) {
    if (!geometry || geometry.type === "GeometryCollection") continue;
    walk(geometry.coordinates, (lon, lat) => {
      box ??= [[lon, lat], [lon, lat]];
      box = [[Math.min(box[0][0], lon), Math.min(box[0][1], lat)], [Math.max(box[1][0], lon), Math.max(box[1][1], lat)]];
    });
  }
  return box;
}
