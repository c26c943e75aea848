import { defineConfig } from "@playwright/test";
import { CHROMIUM } from "./e2e/harness/chromium.ts";

export default defineConfig({
  testDir: "e2e/specs",
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [["list"], ["json", { outputFile: "test-results/e2e.json" }]],
  use: {
    viewport: { width: 1280, height: 800 },
    trace: "retain-on-failure",
    launchOptions: CHROMIUM,
  },
});
