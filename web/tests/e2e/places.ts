/** Where the tests find the server, the browser and their sounds; the environment may name others. */

import { fileURLToPath } from "node:url";

export const PORT = Number(process.env["VOXLITE_WEB_PORT"] ?? 8899);
export const ADDRESS = `http://127.0.0.1:${PORT}/`;
export const PYTHON = process.env["VOXLITE_PYTHON"] ?? fileURLToPath(new URL("../../../.venv/bin/python", import.meta.url));
export const CHROMIUM = process.env["VOXLITE_CHROMIUM"] ?? "/usr/bin/chromium";
export const SAMPLES = fileURLToPath(new URL("../../../samples/", import.meta.url));
/** Made by `sounds.ts` before the tests. */
export const SOUNDS = fileURLToPath(new URL("../../test-results/sounds/", import.meta.url));
export const SCREENSHOTS = fileURLToPath(new URL("../../screenshots/", import.meta.url));
