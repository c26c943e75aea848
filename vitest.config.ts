import { defineConfig } from "vitest/config";

const everywhere = [
  "protocol",
  "mux",
  "server",
  "agent",
  "components",
  "demo",
  "bin",
  "bench",
  "scripts",
];
const files = (pattern: string): string[] => everywhere.map((folder) => `${folder}/**/${pattern}`);

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          environment: "node",
          include: files("*.test.ts"),
          exclude: files("*.int.test.ts"),
        },
      },
      {
        test: {
          name: "browser-components",
          environment: "jsdom",
          include: ["components/**/*.test.tsx"],
        },
      },
      {
        test: {
          name: "integration",
          environment: "node",
          include: files("*.int.test.ts"),
          testTimeout: 60_000,
          hookTimeout: 60_000,
          pool: "forks",
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "kubernetes",
          environment: "node",
          include: ["e2e/kubernetes/**/*.kube.test.ts"],
          globalSetup: "e2e/kubernetes/global-setup.ts",
          testTimeout: 120_000,
          hookTimeout: 120_000,
          pool: "forks",
          // Each file has an API server of its own, about 400 MB.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "services",
          environment: "node",
          include: ["e2e/services/**/*.services.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          pool: "forks",
          maxWorkers: 1,
        },
      },
    ],
  },
});
