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
    ],
  },
});
