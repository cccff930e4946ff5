// `FOLDER=auth npx stryker run` mutates one folder of lib/; docs/mutation.md has the results, and says what is left out and why.
const { FOLDER: folder = "{auth,chat,log,stream}" } = process.env;

export default {
  mutate: [`lib/${folder}/**/*.ts`],
  testRunner: "vitest",
  vitest: { configFile: "test/mutants/vitest.config.ts", related: false },
  // None: to rewrite a tsconfig.json needs the API of TypeScript, which its version 7 does not have.
  tsconfigFile: "none",
  coverageAnalysis: "perTest",
  // What is evaluated when a module is loaded (scripts in Lua, constants) would need every test for each mutant.
  ignoreStatic: true,
  // The tests share one Redis, and wait for real time.
  concurrency: 1,
  timeoutMS: 30_000,
  ignorePatterns: ["/dist", "/coverage", "/public/nereid-chat", "/.vercel", "/reports"],
  reporters: ["clear-text", "json", "progress-append-only"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: true },
  jsonReporter: { fileName: `reports/mutation-${folder.replace(/\W+/g, "-")}.json` },
  tempDirName: ".stryker-tmp",
  allowEmpty: false,
};
