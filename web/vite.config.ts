import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import { constants, gzipSync } from "node:zlib";
import { build, defineConfig, type Plugin } from "vite";

const base = "/static/web/";
const target = ["es2020", "chrome87", "firefox90", "safari14"];
const budget = 60_000; // bytes, compressed: all that the alarm screen loads

/** Every file below a folder, as paths relative to it. */
function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => statSync(join(folder, name)).isFile());
}

/** The addresses that the page asks for by itself: the alarm screen's shell. */
function shell(page: string): string[] {
  const html = readFileSync(page, "utf8");
  const found = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map((match) => match[1] ?? "");
  return [...new Set(found)].filter((address) => address.startsWith("/"));
}

/**
 * A service worker is one file of its own, un-hashed: dist/worker.js (served as /app/worker.js) and dist/desk-worker.js (/desk/worker.js). They are built last, because
 * the app's carries the list of what its page loads; a digest of those files makes each release a new worker.
 */
function worker(): Plugin {
  let dist = "";
  return {
    name: "tocsin-worker",
    apply: "build",
    configResolved(config) {
      dist = resolve(config.root, config.build.outDir);
    },
    async writeBundle() {
      const addresses = ["/app/", ...shell(join(dist, "app.html"))];
      const digest = createHash("sha256").update(readFileSync(join(dist, "app.html")));
      for (const name of files(join(dist, "app"))) digest.update(readFileSync(join(dist, "app", name)));
      const release = digest.digest("hex").slice(0, 12);
      for (const [source, made] of [["app", "worker.js"], ["desk", "desk-worker.js"]] as const) {
        await build({
          configFile: false,
          logLevel: "warn",
          base,
          publicDir: false,
          define: { PRECACHE: JSON.stringify(addresses), RELEASE: JSON.stringify(release) },
          build: {
            target,
            outDir: dist,
            emptyOutDir: false,
            rolldownOptions: {
              input: join(import.meta.dirname, `src/${source}/worker.ts`),
              output: { format: "iife", entryFileNames: made },
            },
          },
        });
      }
      for (const name of files(dist).filter((each) => /\.(js|css|html|svg|json|webmanifest|geojson)$/.test(each))) {
        writeFileSync(join(dist, `${name}.gz`), gzipSync(readFileSync(join(dist, name)), { level: constants.Z_BEST_COMPRESSION }));
      }
      const size = ["app.html", ...shell(join(dist, "app.html")).filter((address) => address.startsWith(base)).map((address) => address.slice(base.length))]
        .map((name) => gzipSync(readFileSync(join(dist, name)), { level: constants.Z_BEST_COMPRESSION }).length)
        .reduce((sum, each) => sum + each, 0);
      this.info(`the alarm screen loads ${size} bytes compressed (budget ${budget})`);
      if (size > budget) this.error(`the alarm screen is over its budget: ${size} > ${budget} bytes`);
    },
  };
}

export default defineConfig({
  base,
  plugins: [worker()],
  build: {
    target,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      input: Object.fromEntries(["app.html", "desk.html", "src/page.css", "src/fresh.ts", "src/passkey/passkeys.ts"].map((name) => [basename(name, extname(name)), join(import.meta.dirname, name)])),
      // The Django pages name their style sheet as it is; the web server tells browsers by its date that it has changed.
      output: { entryFileNames: (entry) => (entry.name === "fresh" || entry.name === "passkeys" ? `${entry.name}.js` : "assets/[name]-[hash].js"), assetFileNames: (asset) => (asset.names.includes("page.css") ? "page.css" : "assets/[name]-[hash][extname]") },
    },
  },
  server: { proxy: Object.fromEntries(["/api", "/signals", "/live", "/health", "/desk", "/app"].map((path) => [path, "http://127.0.0.1:8000"])) },
});
