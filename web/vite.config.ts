import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build, defineConfig, type Plugin } from "vite";
import { DEFAULT_MODELS } from "./src/engine/default-models.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const OUT = join(here, "../src/voxlite/browser/static");

/** Return all files below a folder, with forward slashes, in order. */
function filesBelow(folder: string): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return all
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => relative(folder, join(folder, name)).split(sep).join("/"))
    .sort();
}

/** Tell whether the client may ask for a file: of models it uses one per task. */
function isUsed(name: string): boolean {
  if (name === "sw.js" || name.endsWith(".map")) return false;
  if (!name.startsWith("models/") || name.endsWith(".json")) return true;
  const models = Object.entries(DEFAULT_MODELS).map(([task, model]) => `models/${task}-${model}-`);
  return models.some((start) => name.startsWith(start) && /^[0-9a-f]{10}\.\w+$/.test(name.slice(start.length)));
}

/** Refuse to build a client that could not run anything. */
function modelsAreThere(): Plugin {
  return {
    name: "voxlite-models",
    apply: "build",
    buildStart(): void {
      if (existsSync(join(here, "public/models/index.json"))) return;
      this.error("web/public/models is missing: run `voxlite vectors --out web/vectors --models web/public/models`");
    },
  };
}

/** After the page: the service worker, which knows each file's name and the hash of them all. */
function serviceWorker(): Plugin {
  return {
    name: "voxlite-service-worker",
    apply: "build",
    closeBundle: {
      order: "post",
      async handler(): Promise<void> {
        const files = filesBelow(OUT).filter(isUsed);
        const hash = createHash("sha256");
        for (const name of files) hash.update(name).update("\0").update(readFileSync(join(OUT, name)));
        await build({
          configFile: false,
          root: here,
          publicDir: false,
          logLevel: "warn",
          define: { FILES: JSON.stringify(files), VERSION: JSON.stringify(hash.digest("hex").slice(0, 16)) },
          build: {
            outDir: OUT,
            emptyOutDir: false,
            copyPublicDir: false,
            lib: { entry: join(here, "src/sw/service-worker.ts"), formats: ["iife"], name: "sw", fileName: () => "sw.js" },
          },
        });
      },
    },
  };
}

export default defineConfig({
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [modelsAreThere(), serviceWorker()],
  worker: { format: "iife" },
  build: { outDir: OUT, emptyOutDir: true, target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
