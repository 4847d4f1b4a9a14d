import { defineConfig } from "@playwright/test";
import { ADDRESS, PORT, PYTHON } from "./tests/e2e/places";

/** Real Chromium against `voxlite web`, as people run it. One at a time: a model runs in each page. */
export default defineConfig({
  testDir: "tests/e2e",
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 60_000 },
  reporter: [["list"]],
  globalSetup: "./tests/e2e/sounds.ts",
  use: { baseURL: ADDRESS, serviceWorkers: "block", viewport: { width: 390, height: 844 }, trace: "off" },
  webServer: {
    command: `${PYTHON} -m voxlite web --no-open --port ${PORT}`,
    url: ADDRESS,
    reuseExistingServer: false,
    timeout: 60_000,
  },
});
