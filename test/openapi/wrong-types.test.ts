import { readFileSync } from "node:fs";
import * as v from "valibot";
import { afterAll, describe, expect, test } from "vitest";
import { inProcess } from "../support/in-process.js";
import { session } from "../support/site.js";

// A message that valibot writes by itself shows regular expressions and the names of its types, and repeats what was sent.
const BY_DEFAULT = /^Invalid |Expected .* received/;
const WRONG = [5, "\u202e", true, {}, [], [[5]], null];

const Schema = v.looseObject({ $ref: v.exactOptional(v.string()) });
type Schema = v.InferOutput<typeof Schema>;
const document: unknown = JSON.parse(readFileSync("public/openapi.json", "utf8"));

const chat = inProcess({ rateSend: 100_000, rateStream: 100_000, rateToken: 10_000 });
afterAll(() => chat.stop());

/** Follows a reference inside of the document. */
function resolved(schema: unknown): Schema {
  const parsed = v.safeParse(Schema, schema);
  if (!parsed.success) return {};
  const { $ref } = parsed.output;
  if ($ref === undefined) return parsed.output;
  return resolved(
    $ref
      .split("/")
      .slice(1)
      .reduce((at: unknown, name) => Object(at)[name], document),
  );
}

/** The objects that a body may be: of alternatives, each. */
function objects(schema: unknown): Record<string, unknown>[] {
  const { properties, anyOf = [], oneOf = [], allOf = [] } = Object(resolved(schema));
  return [...(properties ? [properties] : []), ...[...anyOf, ...oneOf, ...allOf].flatMap(objects)];
}

/** A value that might be right, so that the others of its object are looked at. */
function plausible(schema: unknown): unknown {
  const { const: only, enum: some, type, examples } = Object(resolved(schema));
  const byType = { string: "a", array: ["a"], object: {}, number: 1, integer: 1, boolean: true };
  return only ?? some?.[0] ?? examples?.[0] ?? Object(byType)[type] ?? "a";
}

/** The bodies in which one property is wrong, or one of an object in it. */
function* wrongBodies(properties: Record<string, unknown>): Generator<unknown> {
  const right = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, plausible(schema)]));
  for (const [name, schema] of Object.entries(properties)) {
    for (const wrong of WRONG) yield { ...right, [name]: wrong };
    for (const inner of objects(schema))
      for (const key of Object.keys(inner)) for (const wrong of WRONG) yield { ...right, [name]: { [key]: wrong } };
  }
}

const bodies = Object.entries(Object(document).paths).flatMap(([path, methods]) =>
  Object.entries(Object(methods)).flatMap(([method, it]) => {
    const schema = Object(resolved(Object(it).requestBody)).content?.["application/json"]?.schema;
    return schema === undefined ? [] : [{ method: method.toUpperCase(), path, schema }];
  }),
);

describe("a body of the wrong shape", () => {
  test.each(bodies)("$method $path is refused in words of our own", async ({ method, path, schema }) => {
    const claims = path.startsWith("/server") ? { scope: "chat:server" } : { role: "moderator" };
    const headers = { authorization: `Bearer ${await session("ann", claims)}` };
    const url = path
      .slice(1)
      .replace(/\{report\}/, "a".repeat(43))
      .replace(/\{\w+\}/g, "abc");
    const messages = new Set<string>();
    for (const properties of objects(schema))
      for (const body of wrongBodies(properties)) {
        const { status, json } = await chat.call(method, url, { headers, body });
        expect(status).toBeLessThan(500);
        for (const { path: at, message } of Object(json).issues ?? []) messages.add(`${at}: ${message}`);
      }
    expect([...messages].filter((it) => BY_DEFAULT.test(it.slice(it.indexOf(": ") + 2)))).toEqual([]);
  });
});
