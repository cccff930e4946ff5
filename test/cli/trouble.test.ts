import { expect, test } from "vitest";
import { failureOf } from "../../lib/cli/checks/site.js";
import { adviceFor } from "../../lib/cli/checks/trouble.js";

const failed = (code: string) => new TypeError("fetch failed", { cause: Object.assign(new Error(), { code }) });

test("a name server that does not answer says nothing of the host: the network may be away", () => {
  expect(adviceFor("unknown host", "EAI_AGAIN")).toMatch(/^See whether this machine has a network.*Copy/);
  expect(adviceFor("unknown host", "ENOTFOUND")).toMatch(/^Copy/);
  expect(failureOf(failed("EAI_AGAIN"))).toBe("unknown host, or no network (EAI_AGAIN)");
  expect(failureOf(failed("ENOTFOUND"))).toBe("unknown host (ENOTFOUND)");
});
