import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const CLIENT = process.env["VOXLITE_PERF_CLIENT"] ?? "";
const WASM = "@litertjs/core/wasm/";

/** Take the runner's files from the built client, beside which the worker lies, instead of copying them once more. */
function runnerOfTheClient(): Plugin {
  const prefix = "\0runner:";
  return {
    name: "voxlite-perf-runner",
    enforce: "pre",
    resolveId: (source) => (source.startsWith(WASM) ? prefix + source.slice(WASM.length).replace("?url", "") : null),
    load(id): string | null {
      if (!id.startsWith(prefix)) return null;
      const [stem, ending] = id.slice(prefix.length).split(".");
      const name = readdirSync(`${CLIENT}/assets`).find((file) => file.startsWith(`${stem}-`) && file.endsWith(`.${ending}`));
      if (!name) this.error(`${CLIENT}/assets has no ${stem}.${ending}: build the client again`);
      return `export default ${JSON.stringify(`../assets/${name}`)};`;
    },
  };
}

/** The worker of `windows.spec.ts`; a classic one, as LiteRT.js wants it. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  publicDir: false,
  logLevel: "warn",
  plugins: [runnerOfTheClient()],
  build: {
    outDir: process.env["VOXLITE_PERF_SITE"] ?? "",
    emptyOutDir: false,
    target: "es2022",
    lib: { entry: "windows-worker.ts", formats: ["iife"], name: "perf", fileName: () => "windows-worker.js" },
  },
});
