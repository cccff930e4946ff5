import { afterEach, describe, expect, it, vi } from "vitest";
import { createLogger, describeError, type LogLevel } from "../lib/logger.js";

afterEach(() => void vi.restoreAllMocks());

/** Logs an error and an info at a level; returns the lines. */
function logged(level: LogLevel): string[] {
  const lines: string[] = [];
  const logger = createLogger(level, (line) => lines.push(line));
  logger.error("store_unavailable", { cause: "connection refused" });
  logger.info("request", { status: 200 });
  return lines;
}

const eventsIn = (lines: string[]) => lines.map((line) => JSON.parse(line).event);

describe("a logger", () => {
  it("writes one JSON object per line, with its time, level and event before its fields", () => {
    const [line = ""] = logged("error");
    expect(line).toMatch(
      /^\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","level":"error","event":"store_unavailable",/,
    );
    expect(line.endsWith("}\n")).toBe(true);
    expect(JSON.parse(line)).toMatchObject({ cause: "connection refused" });
  });

  it.each<[LogLevel, string[]]>([
    ["silent", []],
    ["error", ["store_unavailable"]],
    ["info", ["store_unavailable", "request"]],
  ])("at level %s writes %j", (level, events) => {
    expect(eventsIn(logged(level))).toEqual(events);
  });

  it("writes a field on one line, whatever it contains, and leaves out what is undefined", () => {
    const lines: string[] = [];
    const logger = createLogger("info", (line) => lines.push(line));
    logger.info("request", { route: 'line one\nline two\r\u2028"}', at: ["one", "two\n"], code: undefined });
    const [line = ""] = lines;
    expect(line.trimEnd().split(/\n|\r/)).toHaveLength(1);
    expect(JSON.parse(line)).toEqual({
      ...{ time: expect.any(String), level: "info", event: "request" },
      ...{ route: 'line one\nline two\r\u2028"}', at: ["one", "two\n"] },
    });
  });

  it("writes to standard error unless told otherwise", () => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    createLogger("error").error("tail_reset");
    expect(write.mock.calls.map(([line]) => JSON.parse(`${line}`).event)).toEqual(["tail_reset"]);
  });
});

describe("describeError()", () => {
  it("describes an error by its name, code and place, never by its message", () => {
    const error = Object.assign(new TypeError("a secret text\n    at secret (place)"), { code: "ERR_PLACE" });
    const described = describeError(error);
    expect(described).toMatchObject({ error: "TypeError", code: "ERR_PLACE" });
    expect(JSON.stringify(described)).toMatch(/logger\.test/);
    expect(JSON.stringify(described)).not.toContain("secret");
  });

  it("names a few frames only", () => {
    const deep = (n: number): Error => (n === 0 ? new Error("deep") : deep(n - 1));
    const { at } = describeError(deep(20));
    expect(at).toHaveLength(6);
  });

  it("leaves out a code that is no text, and describes what is no error by its type", () => {
    expect(describeError(Object.assign(new Error("x"), { code: 7 }))).not.toHaveProperty("code");
    expect(describeError("a secret text")).toEqual({ error: "string" });
    expect(describeError(undefined)).toEqual({ error: "undefined" });
  });
});
