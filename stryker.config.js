// `SLICE=auth npm run mutation` mutates a folder of lib/, `SLICE=auth/session` one file; docs/mutation.md has the results, and says what is
// left out and why.
const { SLICE: slice = "" } = process.env;
const name = slice.replace("/", "-");

export default {
  mutate: [slice.includes("/") ? `lib/${slice}.ts` : `lib/${slice}/**/*.ts`],
  testRunner: "vitest",
  vitest: { configFile: "test/mutants/vitest.config.ts", related: false },
  // None: to rewrite a tsconfig.json needs the API of TypeScript, which its version 7 does not have.
  tsconfigFile: "none",
  coverageAnalysis: "perTest",
  // What is evaluated when a module is loaded (scripts in Lua, constants) would need every test for each mutant.
  ignoreStatic: true,
  // The tests share one Redis, and wait for real time.
  concurrency: 1,
  timeoutMS: 15_000,
  // A run that is broken off goes on where it was.
  incremental: true,
  incrementalFile: `reports/incremental-${name}.json`,
  ignorePatterns: ["/dist", "/coverage", "/public/nereid-chat", "/.vercel", "/reports"],
  reporters: ["clear-text", "json", "progress-append-only"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: true },
  jsonReporter: { fileName: `reports/mutation-${name}.json` },
  tempDirName: ".stryker-tmp",
  allowEmpty: false,
};
