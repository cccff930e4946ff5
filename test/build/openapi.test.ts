import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as v from "valibot";
import { expect, it } from "vitest";

// As those who make clients from it read public/openapi.json.

const project = fileURLToPath(new URL("../../", import.meta.url));
const Report = v.object({ problems: v.array(v.object({ ruleId: v.string(), message: v.string() })) });

it("public/openapi.json passes Redocly's recommended rules without a warning", async () => {
  const args = ["lint", "public/openapi.json", "--extends=recommended", "--format=json"];
  // A plain file refuses nothing, and where a message's file is stored is told by a redirect.
  const but = ["--skip-rule=operation-4xx-response", "--skip-rule=operation-2xx-response"];
  const quiet = { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["node_modules/@redocly/cli/bin/cli.js", ...args, ...but],
    {
      cwd: project,
      env: { PATH: process.env.PATH, ...quiet },
    },
  ).catch((error) => ({ stdout: `${error.stdout}` }));
  expect(v.parse(Report, JSON.parse(stdout)).problems).toEqual([]);
});
