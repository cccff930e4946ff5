import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { validate as isUuid } from "uuid";
import * as v from "valibot";

const Response = v.object({
  $ref: v.exactOptional(v.string()),
  headers: v.exactOptional(v.record(v.string(), v.object({ required: v.exactOptional(v.boolean()) }))),
  content: v.exactOptional(v.record(v.string(), v.unknown())),
});
const Document = v.looseObject({
  paths: v.record(v.string(), v.record(v.string(), v.looseObject({ responses: v.record(v.string(), Response) }))),
  components: v.looseObject({ responses: v.record(v.string(), Response) }),
});

const file = new URL("../../public/openapi.json", import.meta.url);
const document = v.parse(Document, closed(JSON.parse(readFileSync(file, "utf8"))));

const ajv = new Ajv2020({
  allErrors: true,
  // A problem narrows what another schema has given its type.
  strictTypes: false,
  validateSchema: false,
  formats: { uuid: isUuid, uri: URL.canParse, "date-time": (it: string) => !Number.isNaN(Date.parse(it)) },
})
  .addVocabulary(Object.keys(document))
  .addSchema(document, "openapi");

/** Forbids what is not described, but where extensions are welcome. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const all = Object.fromEntries(Object.entries(value).map(([name, it]) => [name, closed(it)]));
  const isObject = all.type === "object" && typeof all.properties === "object";
  return isObject && !("additionalProperties" in all) ? { ...all, additionalProperties: false } : all;
}

/** Lists each answer that is no problem, as `"post /token 200"`. */
export function successes(): string[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { responses }]) =>
      Object.keys(responses).flatMap((status) => (status < "400" ? [`${method} ${path} ${status}`] : [])),
    ),
  );
}

/** Finds what the description does not say of a value that should be a component. */
export function strayFrom(component: string, value: unknown): string[] {
  return stray(["components", "schemas", component], value);
}

export type Answer = { status: number; headers: Headers; json: unknown };

/** Finds what the description does not say of an answer. */
export function strayFromAnswer(method: string, path: string, answer: Answer): string[] {
  const status = `${answer.status}`;
  const described = document.paths[path]?.[method.toLowerCase()]?.responses[status];
  const name = described?.$ref?.split("/").at(-1);
  const response = name === undefined ? described : document.components.responses[name];
  if (response === undefined) return [`${method} ${path} answers ${status}`];
  const place =
    name === undefined ? ["paths", path, method.toLowerCase(), "responses", status] : ["components", "responses", name];
  const { content, headers = {} } = response;
  const type = (answer.headers.get("content-type") ?? "").split(";")[0] ?? "";
  const missing = Object.entries(headers).filter(([name, { required }]) => required && !answer.headers.has(name));
  return [
    ...missing.map(([name]) => `the header ${name} is missing`),
    ...(content === undefined || type in content || "*/*" in content ? [] : [`the content type is ${type}`]),
    ...(content !== undefined && /json/.test(type) ? stray([...place, "content", type, "schema"], answer.json) : []),
  ];
}

/** Finds what the description does not say of a body that was accepted. */
export function strayFromBody(method: string, path: string, body: unknown): string[] {
  return stray(["paths", path, method.toLowerCase(), "requestBody", "content", "application/json", "schema"], body);
}

function stray(place: readonly string[], value: unknown): string[] {
  const pointer = place.map((it) => encodeURIComponent(it.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
  const validate = ajv.getSchema(`openapi#/${pointer}`);
  if (validate === undefined) return [`nothing is described at ${pointer}`];
  if (validate(value) === true) return [];
  return (validate.errors ?? []).map((it) => `${it.instancePath} ${it.message} ${JSON.stringify(it.params)}`);
}
