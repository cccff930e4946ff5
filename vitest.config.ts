import { defineConfig } from "vitest/config";
import { onPath } from "./local/redis.js";

// `npm test` runs every kind of test once, on the best store of this machine; `npm run test:all` adds the long forms, and the tests of the
// store on the other one.
const best = onPath("redis-server") ? "redis-server" : "embedded";
if (best === "embedded" && process.env.CI === "true") throw new Error("Cannot test: CI needs a redis-server on PATH");

// What reads or writes the store, whichever it is.
const OF_STORE = ["test/{auth,chat,contract,log,people,presence,store,stream,whole}/**/*.test.ts"];
// Real processes, sockets and proxies, which are started, frozen and killed.
const PROCESSES = [
  "test/client/site/**/*.test.ts",
  "test/contract/server.test.ts",
  "test/faults/main.test.ts",
  "test/local/{start,proof/proof}.test.ts",
  "test/store/{outage,plain-redis}.test.ts",
  "test/whole/{document,http10,nginx}.test.ts",
];
const BROWSER = ["test/browser/**/*.test.ts"];
// Half a minute without a network, hundreds of harmful texts, every view of the widget, a second engine: too long for every change.
const LONG = [
  "test/abuse/harness/**/*.test.ts",
  "test/browser/{chat,client,firefox,first-implementation,proof,widget,widget-network,widget-session,xss}.test.ts",
  "test/build/package.test.ts",
  "test/whole/{faults,fuzz}.test.ts",
];
const BUILD = ["test/build/**/*.test.ts"];
const EXAMPLES = ["test/examples/**/*.test.ts"];

// Most tests of the chat wait for the store, or for time to pass, and leave the processor to others.
const WAITING = 4;

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    setupFiles: ["test/support/environment.ts"],
    // Real processes, sockets and pages share two cores in CI: what fails once there must fail twice. It is reported as retried.
    retry: process.env.CI === "true" ? 1 : 0,
    // One worker for many files: test/support/environment.ts keeps what one leaves behind from the next.
    pool: "threads",
    isolate: false,
    projects: [
      project("chat", 0, WAITING, {
        include: ["test/**/*.test.ts"],
        exclude: [...PROCESSES, ...BROWSER, ...BUILD, ...LONG, ...EXAMPLES],
      }),
      project("processes", 1, 3, { include: PROCESSES, exclude: LONG }),
      project("browser", 2, 2, { include: BROWSER, exclude: LONG, globalSetup: ["test/browser/launch.ts"] }),
      project("build", 2, 2, { include: BUILD, exclude: LONG }),
      project("long", 3, 2, { include: LONG, globalSetup: ["test/browser/launch.ts"] }),
      project("examples", 4, 1, { include: EXAMPLES, globalSetup: ["test/browser/launch.ts"] }),
      ...(best === "embedded" ? [] : [project("embedded", 5, WAITING, { include: OF_STORE }, "embedded")]),
    ],
  },
});

type Files = { include: string[]; exclude?: string[]; globalSetup?: string[] };

/** A kind of tests, on a store of its own. Projects run one after the other, in this order, those of the same order side by side. */
function project(name: string, order: number, maxWorkers: number, files: Files, store = best) {
  const globalSetup = ["test/support/store.ts", ...(files.globalSetup ?? [])];
  return {
    extends: true as const,
    test: {
      ...{ name, ...files, globalSetup, provide: { store }, maxWorkers, sequence: { groupOrder: order } },
      // The embedded Redis runs in the process of the tests, several times slower than a real one.
      testTimeout: store === "embedded" ? 120_000 : 30_000,
    },
  };
}
