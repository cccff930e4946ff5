import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { onPath } from "./local/redis.js";

// `npm test` runs every kind of test once, on the best store of this machine; `npm run test:all` adds the long forms, and the tests of the
// store on the other one.
const best = onPath("redis-server") ? "redis-server" : "embedded";
if (best === "embedded" && process.env.CI === "true") throw new Error("Cannot test: CI needs a redis-server on PATH");

// What reads or writes the store, whichever it is.
const OF_STORE = ["test/{auth,chat,contract,log,people,presence,store,stream,whole}/**/*.test.ts"];
// Real processes, sockets and proxies, which are started, frozen and killed: one suite of each.
const PROCESSES = [
  "test/client/site/token.test.ts",
  "test/contract/server.test.ts",
  "test/local/start.test.ts",
  "test/store/plain-redis.test.ts",
  "test/whole/{document,http10,nginx}.test.ts",
];
// A page, its policy and a finger: what only a browser shows. The rest of the widget is in LONG.
const BROWSER = ["test/browser/{csp,touch}.test.ts"];
const BUILD = ["test/build/{build,cli,openapi}.test.ts"];
const EXAMPLES = ["test/examples/**/*.test.ts"];
// The fault harness, hundreds of harmful texts, every view of the widget, every kind of proxy, a second engine, races of twenty rounds each, the
// compiler over the code of the docs, what is planted and mutated, erasures that are cut anywhere, deployments behind proxies, stores that are
// away: too long for every change.
const LONG = [
  "test/abuse/rights-races.test.ts",
  "test/abuse/harness/**/*.test.ts",
  "test/browser/**/*.test.ts",
  "test/build/**/*.test.ts",
  "test/cli/doctor-{outside,storage}.test.ts",
  "test/client/site/**/*.test.ts",
  "test/docs/types.test.ts",
  "test/faults/main.test.ts",
  "test/local/proof/proof.test.ts",
  "test/mutants/mutants.test.ts",
  "test/privacy/erasure.test.ts",
  "test/store/outage.test.ts",
  "test/whole/{faults,fuzz,property}.test.ts",
];

/** Starts with what takes longest, so that nothing is left alone at the end: the builder, processes that are waited for, pages. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ project: { name } }: TestSpecification) => ["build", "processes", "browser"].indexOf(name) >>> 0;
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}

// Most tests of the chat and of processes wait for the store, or for time to pass, and leave the processor to others.
const WAITING = 4;

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is waited for comes within milliseconds, but for a machine whose every core is taken.
    expect: { poll: { timeout: 10_000 } },
    setupFiles: ["test/support/environment.ts"],
    // Real processes, sockets and pages share two cores in CI: what fails once there must fail twice. It is reported as retried.
    retry: process.env.CI === "true" ? 1 : 0,
    // One worker for many files: test/support/environment.ts keeps what one leaves behind from the next.
    pool: "threads",
    isolate: false,
    sequence: { sequencer: LongestFirst },
    projects: [
      project("chat", 0, WAITING, {
        include: ["test/**/*.test.ts"],
        exclude: [...PROCESSES, ...LONG, ...EXAMPLES],
      }),
      project("processes", 0, WAITING, { include: PROCESSES }),
      project("browser", 0, WAITING, { include: BROWSER, globalSetup: ["test/browser/launch.ts"] }),
      project("build", 0, WAITING, { include: BUILD }),
      project("long", 1, 3, {
        include: LONG,
        exclude: [...PROCESSES, ...BROWSER, ...BUILD],
        globalSetup: ["test/browser/launch.ts"],
      }),
      project("examples", 2, 1, { include: EXAMPLES, globalSetup: ["test/browser/launch.ts"] }),
      ...(best === "embedded" ? [] : [project("embedded", 3, WAITING, { include: OF_STORE }, "embedded")]),
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
