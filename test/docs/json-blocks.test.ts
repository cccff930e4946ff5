import * as v from "valibot";
import { expect, test } from "vitest";
import { strayFrom } from "../openapi/conformity.js";
import { blocksOf, readPages } from "./markdown.js";

const values = readPages()
  .flatMap(blocksOf)
  .filter(({ language }) => language === "json")
  .map(({ where, code }) => ({ where, value: JSON.parse(code) }));

const Kind = v.looseObject({
  type: v.optional(v.string()),
  code: v.optional(v.string()),
  cursor: v.optional(v.string()),
  stanzas: v.optional(v.array(v.unknown())),
});

/** The component of the OpenAPI document that a value claims to be; undefined for what is none of the chat's, such as a claim or a setting. */
function componentOf(value: unknown): string | undefined {
  const { type, code, cursor, stanzas } = v.parse(Kind, value);
  if (code !== undefined) return "Problem";
  if (stanzas !== undefined) return cursor === undefined ? "Sending" : "StreamAnswer";
  if (type === undefined) return undefined;
  return type === "resync" ? "Stanza" : "Sending";
}

const described = values.filter(({ value }) => componentOf(value) !== undefined);

test.each(described)("the JSON at $where is what the OpenAPI document describes", ({ value }) => {
  expect(strayFrom(componentOf(value) ?? "", value)).toEqual([]);
});

test("stanzas, answers and problems are among the blocks, and a wrong one would be found", () => {
  const components = new Set(described.map(({ value }) => componentOf(value)));
  expect([...components].sort()).toEqual(["Problem", "Sending", "Stanza", "StreamAnswer"]);
  expect(strayFrom("Sending", { type: "message", message: { to: "user,17", text: "Hello" } })).not.toEqual([]);
});
