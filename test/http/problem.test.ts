import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { toFault } from "../../lib/http/problem.js";
import { logFailure } from "../../lib/http/request-log.js";
import { createLogger } from "../../lib/logger.js";

/** Makes a fault of an error; returns its code and status, and what was logged. */
function made(error: unknown) {
  const lines: string[] = [];
  const fault = toFault(error);
  const { code, status } = fault;
  logFailure(
    createLogger("error", (line) => lines.push(line)),
    { method: "GET", route: "/health", ms: 1 },
    fault,
  );
  return { code, status, logged: lines.join("") };
}

describe("toFault()", () => {
  it("says where, and nothing of what, in one line", () => {
    const { code, logged } = made(
      new TypeError('Cannot read "a secret text"\n    at least not here\n{"level":"info"}'),
    );
    expect(code).toBe("internal");
    expect(logged).not.toContain("secret");
    expect(logged.trimEnd().split("\n")).toHaveLength(1);
    expect(JSON.parse(logged)).toMatchObject({ level: "error", error: "TypeError" });
  });

  it("takes what a schema refuses for a damaged store, since clients are told of their mistakes by faults", () => {
    expect(() => v.parse(v.string(), 7)).toThrow();
    try {
      v.parse(v.string(), 7);
    } catch (error) {
      expect(made(error)).toMatchObject({ code: "unavailable", status: 503 });
    }
  });
});
