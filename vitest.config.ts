import { defineConfig } from "vitest/config";
import { onPath } from "./local/redis.js";

// Whatever touches the store is run on the embedded Redis, always, and on a real one when the machine has it.
const stores = onPath("redis-server") ? ["embedded", "redis-server"] : ["embedded"];
if (stores.length === 1 && process.env.CI === "true") throw new Error("Cannot test: CI needs a redis-server on PATH");

const STORE_TESTS = ["test/store/**/*.test.ts"];

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: "pure",
          include: ["test/**/*.test.ts"],
          exclude: [...STORE_TESTS, "**/node_modules/**"],
          setupFiles: ["test/environment.ts"],
        },
      },
      ...stores.map((store) => ({
        extends: true as const,
        test: {
          name: store,
          include: STORE_TESTS,
          globalSetup: ["test/store.ts"],
          setupFiles: ["test/environment.ts"],
          env: { TEST_STORE: store },
          provide: { store },
        },
      })),
    ],
  },
});
