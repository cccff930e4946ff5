import { readdirSync, readFileSync } from "node:fs";
import * as v from "valibot";
import { expect, test } from "vitest";
import type { Endpoints } from "../../lib/http/route.js";
import { Stanza } from "./answers.js";
import { strayFrom } from "./conformity.js";
import { openapi } from "./document.js";
import { ENDPOINTS } from "./endpoints.js";
import { EXAMPLES } from "./examples.js";
import { problemsPage } from "./problems.js";
import { Sendable } from "./requests.js";
import { TAGS } from "./tags.js";

// `npm run openapi` writes both files anew.

const project = new URL("../../", import.meta.url);

test("public/openapi.json is what the schemas make", async () => {
  await expect(`${JSON.stringify(openapi(), null, 2)}\n`).toMatchFileSnapshot("../../public/openapi.json");
});

test("each list says by a schema of its own what is in it, without which Spectral and Prism refuse it", () => {
  const lists: string[] = [];
  JSON.stringify(openapi(), (_, it) => {
    if (it?.type === "array" && (typeof it.items !== "object" || "prefixItems" in it)) lists.push(JSON.stringify(it));
    return it;
  });
  expect(lists).toEqual([]);
});

test("each operation has a name of its own, a family, a summary and a description", () => {
  const operations = Object.values(openapi().paths).flatMap((it) => v.parse(v.array(Operation), Object.values(it)));
  expect(operations).toHaveLength(ENDPOINTS.length);
  expect(new Set(operations.map((it) => it.operationId)).size).toBe(operations.length);
  expect(new Set(operations.flatMap((it) => it.tags))).toEqual(new Set(TAGS.map(({ name }) => name)));
});

const Operation = v.looseObject({
  operationId: v.pipe(v.string(), v.regex(/^[a-z][A-Za-z]+$/)),
  tags: v.pipe(v.array(v.string()), v.length(1)),
  summary: v.pipe(v.string(), v.regex(/^[A-Z].*[^.]$/)),
  description: v.pipe(v.string(), v.regex(/^[A-Z].*\.$/)),
});

test("each operation says what it takes and brings, files included", () => {
  const silent: string[] = [];
  for (const [path, operations] of Object.entries(openapi().paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const { requestBody, responses } = v.parse(Bodies, operation);
      const [success] = Object.entries(responses).filter(([status, it]) => /^20[016]/.test(status) && !it.content);
      if (success !== undefined) silent.push(`${method} ${path} ${success[0]}`);
      if (["post", "put", "patch"].includes(method) && requestBody === undefined) silent.push(`${method} ${path}`);
    }
  }
  expect(silent).toEqual([]);
});

const Bodies = v.object({
  requestBody: v.exactOptional(v.object({ content: v.record(v.string(), v.unknown()) })),
  responses: v.record(v.string(), v.looseObject({ content: v.exactOptional(v.record(v.string(), v.unknown())) })),
});

test.each(Object.entries(EXAMPLES))("the example of %s is one", (component, example) => {
  expect(strayFrom(component, example)).toEqual([]);
});

test("no pattern has classes of Unicode, which validators that do not read it so find nowhere", () => {
  expect(JSON.stringify(openapi())).not.toMatch(/"pattern":"[^"]*\\\\p\{/);
});

test("each component is referred to", () => {
  const document = openapi();
  const whole = JSON.stringify(document);
  const all = Object.entries(document.components)
    .filter(([kind]) => kind !== "securitySchemes")
    .flatMap(([kind, its]) => Object.keys(its).map((name) => `#/components/${kind}/${name}`));
  expect(all.filter((it) => !whole.includes(`"${it}"`))).toEqual([]);
});

test("docs/problems.md is what the table of faults makes", async () => {
  await expect(problemsPage()).toMatchFileSnapshot("../../docs/problems.md");
});

test("each endpoint is described, and no other", async () => {
  const folder = new URL("api/_endpoints/", project);
  const families: { endpoints: Endpoints }[] = await Promise.all(
    readdirSync(folder).map((file) => import(new URL(file, folder).href)),
  );
  const routed = families.flatMap(({ endpoints }) => Object.keys(endpoints));
  const described = ENDPOINTS.filter(({ file }) => file === undefined).map(
    ({ method, path }) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, "*")}`,
  );
  expect(described.sort()).toEqual(routed.map((key) => key.replace(/:\w+/g, "*")).sort());
});

test("each stanza that can be sent is described, and no other", () => {
  const source = readFileSync(new URL("lib/chat/send.ts", project), "utf8");
  const taken = [...source.matchAll(/^ {2}handles\("(\w+)"/gm)].map(([, type]) => type);
  expect(Sendable.options.map(({ entries }) => entries.type.literal).sort()).toEqual(taken.sort());
});

test("a property that is not described is found, but where extensions are welcome", () => {
  const message = {
    id: crypto.randomUUID(),
    thread: "tea",
    seq: 1,
    timestamp: new Date().toISOString(),
    type: "plain",
  };
  const sender = { id: "user,1", objectType: "person", foo: 1 };
  expect(strayFrom("Blocks", { blocks: ["user,1"], stray: true })).toHaveLength(1);
  expect(strayFrom("Message", { ...message, sender, attachments: [], bar: 2 })).toEqual([]);
});

test("docs/protocol.md names each stanza that is sent, and each that the stream brings", () => {
  const page = readFileSync(new URL("docs/protocol.md", project), "utf8");
  const [, sent = "", followed = ""] = page.split(/^## (?:Stanzas|Events on the stream)$/m);
  const missing = (part: string, stanzas: typeof Sendable | typeof Stanza) =>
    stanzas.options.map(({ entries }) => entries.type.literal).filter((type) => !part.includes(`\`${type}\``));
  expect([...missing(sent, Sendable), ...missing(followed, Stanza)]).toEqual([]);
});
