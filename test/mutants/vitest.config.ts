import { defineConfig } from "vitest/config";

// The tests that a mutation run asks: of a file its mirrored tests; of a folder its tests, and those of the contract that it serves. All
// tests of the chat would take days, since a mutant that survives is shown to each test that reaches it, and most of them wait for the store
// or for time.
const { SLICE: slice = "" } = process.env;
const [folder = "", file] = slice.split("/");
const ALSO: Record<string, string[]> = {
  auth: ["test/contract/{credentials,tokens}.test.ts", "test/abuse/credentials.test.ts"],
  chat: ["test/contract/{send,threads}.test.ts", "test/abuse/{bounds,conversation,reach,roles}.test.ts"],
  log: ["test/abuse/retraction.test.ts"],
  stream: ["test/contract/{stream,sse}.test.ts", "test/abuse/retraction.test.ts"],
};
const also = ALSO[folder];
if (also === undefined)
  throw new Error(`Cannot mutate: the folder of SLICE is none of ${Object.keys(ALSO).join(", ")}`);

export default defineConfig({
  test: {
    include: file === undefined ? [`test/${folder}/**/*.test.ts`, ...also] : [`test/${folder}/${file}.test.ts`],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    setupFiles: ["test/support/environment.ts"],
    globalSetup: ["test/support/store.ts"],
    provide: { store: "redis-server" },
    pool: "threads",
    isolate: false,
  },
});
