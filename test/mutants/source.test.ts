import { describe, expect, test } from "vitest";
import { Source } from "./source.js";

const change = (module: string, from: string, to: string) => new Source(module).change(from, to);

describe("a place is found by what it says", () => {
  test.each([
    ["in another layout", "if (\n  at\n    > LIMIT\n) {\n  stop();\n}"],
    ["with comments", "if (/* late? */ at > LIMIT) stop(); // or go on"],
    ["with parentheses", "if (((at) > (LIMIT))) (stop());"],
    ["with types", "if ((at as number) > LIMIT!) stop<void>();"],
  ])("%s", (_, module) => {
    expect(change(module, "if (at > LIMIT) stop();", "go();")).toBe(
      module.includes("//") ? "go(); // or go on" : "go();",
    );
  });

  test("in other quotes", () => {
    expect(change("say('a', `b`)", 'say("a", "b")', "0")).toBe("0");
  });

  test("with shorthand properties or without", () => {
    expect(change("f({ at: at, to })", "f({ at, to: to })", "0")).toBe("0");
  });

  test("with a trailing comma", () => {
    expect(change("f(\n  1,\n  2,\n)", "f(1, 2)", "0")).toBe("0");
  });

  test("not with another operator, number, string or property", () => {
    for (const module of ["a.b >= 1", "a.b > 2", 'a.b > "1"', "a.c > 1", "a?.b > 1", "a[b] > 1"])
      expect(() => change(module, "a.b > 1", "0")).toThrow("Cannot find");
  });

  test("among its neighbours in a list", () => {
    expect(change("a(); b(1); c(2); d();", "b(1); c(2);", "")).toBe("a();  d();");
    expect(change("f(1, 2, 3)", "1, 2", "4")).toBe("f(4, 3)");
    expect(change("({ a: 1, b: 2, c: 3 })", "b: 2, c: 3", "b: 4")).toBe("({ a: 1, b: 4 })");
    expect(change("[a, ...b(1), c]", "...b(1)", "...[]")).toBe("[a, ...[], c]");
  });
});

describe("a place is found by any name", () => {
  test("and what is put there has its names", () => {
    expect(change("const f = (x) => x.late > y;", "at.late > LIMIT", "LIMIT < at.late && LIMIT")).toBe(
      "const f = (x) => (y < x.late && y);",
    );
    expect(change("f({ x: 1, y })", "{ x: 1, y: at }", "{ at, x: 2 }")).toBe("f(({ at: y, x: 2 }))");
  });

  test("but one name stands for one other", () => {
    expect(() => change("f(a.size, b.size)", "f(it.size, it.size)", "0")).toThrow("Cannot find");
  });

  test("but not for another import, export or global", () => {
    expect(() => change('import { a } from "a"; a(1);', "let b; b(1);", "0")).toThrow("Cannot find");
    expect(() => change("String(1)", "Number(1)", "0")).toThrow("Cannot find");
  });

  test("also what is imported, when it was renamed at its source", () => {
    expect(change('import { late } from "a"; late(1);', "isLate(1)", "!isLate(1)")).toBe(
      'import { late } from "a"; (!late(1));',
    );
  });

  test("unless nothing but the form is the same", () => {
    expect(() => change("a(b)", "x(y)", "0")).toThrow("Cannot find");
  });

  test("after one that has its own names", () => {
    expect(change("a.b(c); d.b(e);", "d.b(e)", "0")).toBe("a.b(c); 0;");
  });
});

test("a place must be one", () => {
  expect(() => change("a(1); a(1);", "a(1)", "0")).toThrow("Cannot tell which");
  expect(() => change("a.b(1); c.b(1);", "x.b(1)", "0")).toThrow("Cannot tell which");
});

test("an assignment stands for a declaration, too", () => {
  expect(change("export const LIMIT: number = 8 * 1024;", "LIMIT = 8 * 1024", "LIMIT = 9 * 1024")).toBe(
    "export const LIMIT = 9 * 1024;",
  );
});

describe("a place in a script", () => {
  const module =
    "const POST = `\nlocal who, seq = ARGV[1], tonumber(ARGV[2])\n-- nobody\nif not who then return {'stranger'} end\nreturn 1\n`;";

  test("is found by its tokens", () => {
    expect(change(module, `if  not who\nthen return {"stranger"}; end`, "return 1")).toContain(
      "-- nobody\nreturn 1\nreturn 1",
    );
  });

  test("is found by any name that the script declares", () => {
    expect(change(module, "local by, n = ARGV[1], tonumber(ARGV[2])", "local by, n = n, by")).toContain(
      "local who, seq = seq, who",
    );
  });

  test("is not found by another name that is given, or key of a table", () => {
    expect(() => change(module, "tonumber(KEYS[2])", "1")).toThrow("Cannot find");
    expect(() => change("const A = `local it = 1 f({who = it, 2})`", "f({whom = it, 2})", "1")).toThrow("Cannot find");
  });

  test("stays apart from the words beside it", () => {
    expect(change("const A = `return'a'or'b'`;", "'a'", "a")).toBe("const A = `return a or'b'`;");
  });

  test("is spelled as its literal needs it", () => {
    expect(change("const A = `f('\\\\n', 1)`;", "f('\\n', 1)", "f('`', '\\t')")).toBe("const A = `f('\\`', '\\\\t')`;");
  });
});
