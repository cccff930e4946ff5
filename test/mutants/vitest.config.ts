import { defineConfig } from "vitest/config";

// The tests that a mutation run asks: those of what clients observe, and those of the folder under mutation. Not those that read
// the sources, which see the mutants themselves, nor those that wait for outages.
const { FOLDER: folder = "{auth,chat,log,stream}" } = process.env;

export default defineConfig({
  test: {
    include: [`test/${folder}/**/*.test.ts`, "test/{abuse,contract,people,presence}/**/*.test.ts"],
    exclude: ["test/contract/server.test.ts", "test/abuse/wire-form.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    setupFiles: ["test/support/environment.ts"],
    globalSetup: ["test/support/store.ts"],
    provide: { store: "redis-server" },
    pool: "threads",
    isolate: false,
  },
});
