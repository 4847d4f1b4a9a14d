import { defineConfig } from "@playwright/test";

/** Measurements, not tests: `python -m benchmarks.browser` serves the client, runs them one by one and reads what they write. */
export default defineConfig({
  testDir: ".",
  outputDir: "../test-results/perf",
  workers: 1,
  timeout: 0,
  expect: { timeout: 120_000 },
  reporter: [["line"]],
});
