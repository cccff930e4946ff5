import { defineConfig } from "vitest/config";
import { onPath } from "./local/redis.js";

// Whatever touches the store is run on the embedded Redis, always, and on a real one when the machine has it.
const stores = onPath("redis-server") ? ["embedded", "redis-server"] : ["embedded"];
if (stores.length === 1 && process.env.CI === "true") throw new Error("Cannot test: CI needs a redis-server on PATH");

const STORE_TESTS = [
  "test/auth/token.test.ts",
  "test/chat/{block,references,rooms,stanzas,thread-settings}.test.ts",
  "test/contract/**/*.test.ts",
  "test/log/cold-read.test.ts",
  "test/people/profiles.test.ts",
  "test/presence/**/*.test.ts",
  "test/store/{outage,plain-redis}.test.ts",
  "test/stream/{cold-start,cursors,lag,limit,live,replay,stream}.test.ts",
  "test/whole/**/*.test.ts",
];
const BUILD_TEST = "test/build/build.test.ts";
// Kills, freezes and restores a store of its own, which the embedded one does not stand.
const FAULTS_TEST = "test/faults/main.test.ts";
// The client's, in a browser and elsewhere.
const BROWSER_TESTS = ["test/browser/**/*.test.ts", "test/client/site/**/*.test.ts", "test/local/proof/proof.test.ts"];

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
          exclude: [...STORE_TESTS, ...BROWSER_TESTS, BUILD_TEST, FAULTS_TEST, "**/node_modules/**"],
          setupFiles: ["test/support/environment.ts"],
        },
      },
      ...stores.map((store) => {
        const faults = store === "redis-server" ? [FAULTS_TEST] : [];
        return storeProject(store, store, [...STORE_TESTS, ...faults]);
      }),
      // The builder and the browser are slow, and one store is enough to see that they converse.
      storeProject("build", stores.at(-1) ?? "embedded", [BUILD_TEST]),
      storeProject("browser", stores.at(-1) ?? "embedded", BROWSER_TESTS),
    ],
  },
});

function storeProject(name: string, store: string, include: string[]) {
  return {
    extends: true as const,
    test: {
      name,
      include,
      // Real processes, sockets and pages share two cores in CI: what fails once there must fail twice. It is told as retried.
      retry: process.env.CI === "true" ? 1 : 0,
      globalSetup: ["test/support/store.ts"],
      setupFiles: ["test/support/environment.ts"],
      provide: { store },
    },
  };
}
