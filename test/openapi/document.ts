import { type ConversionConfig, type JsonSchema, toJsonSchemaDefs } from "@valibot/to-json-schema";
import * as v from "valibot";
import { NewBan } from "../../lib/auth/ban.js";
import { StoreProof } from "../../lib/auth/kept-secret.js";
import { Decision } from "../../lib/chat/report-decision.js";
import { Fault, type FaultCode } from "../../lib/fault.js";
import { Replay } from "../../lib/hooks/dead-letters.js";
import { SessionStart, Sending as TextToSend } from "../../lib/http/legacy.js";
import { Erasure } from "../../lib/privacy/data-request.js";
import { Subscription } from "../../lib/push/subscription.js";
import { Actor, Entity } from "../../lib/schema/actor.js";
import { ThreadId } from "../../lib/schema/field.js";
import { Import } from "../../lib/schema/imported.js";
import { Joining } from "../../lib/schema/invite.js";
import { RoomChange } from "../../lib/schema/room-query.js";
import { NewThread, ThreadChange } from "../../lib/schema/stanza.js";
import manifest from "../../package.json" with { type: "json" };
import * as answers from "./answers.js";
import { ENDPOINTS, type Endpoint } from "./endpoints.js";
import { EXAMPLES } from "./examples.js";
import { PROBLEMS, Problem } from "./problems.js";
import { Admission, NewFile, NewInvite, PreviewRequest, Profile, Sendable, Sending } from "./requests.js";
import { ASKERS, TAGS, tagOf } from "./tags.js";

/** Describes the chat in OpenAPI 3.1. */
export function openapi() {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of ENDPOINTS) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method]: operation(endpoint) };
  }
  const alone = new Set(ENDPOINTS.flatMap((it) => [...refusalsOf(it).values()].flatMap(onlyOne)));
  return {
    openapi: "3.1.1",
    info: {
      title: "nereid-chat",
      version: manifest.version,
      license: { name: "MIT", identifier: "MIT" },
      contact: { name: "Whoever operates the deployment" },
      description:
        "Browser based Chat 1.0 over HTTP. Errors are RFC 9457 problems: switch on `code`. A wrong method is answered with 405 `method_not_allowed` and `Allow`, a path that is none of these with 404 `not_found`.",
    },
    servers: [{ url: "/nereid-chat" }],
    tags: TAGS,
    paths,
    components: {
      schemas: schemas(),
      // One for each problem that some status says alone.
      responses: Object.fromEntries(
        PROBLEMS.filter(({ code }) => alone.has(code)).map(({ code, status }) => [code, refusal(status, [code])]),
      ),
      securitySchemes: CREDENTIALS,
    },
  };
}

const CREDENTIALS = {
  session: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A session of the host application",
  },
  service: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description:
      "A service credential of the host's server: a JWT as of a session, with the word `chat:server` in `scope`",
  },
  cookie: {
    type: "apiKey",
    in: "cookie",
    name: "chat_session",
    description: "A session as a cookie; `CHAT_SESSION_COOKIE` names it",
  },
  chatToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "UUID",
    description: "A chat token. As the last segment of the path of *stream* and *send* it needs no header",
  },
} as const;

const SECURITY = {
  anybody: [],
  session: [{ session: [] }, { cookie: [] }],
  "session or nobody": [{ session: [] }, { cookie: [] }, {}],
  caller: [{ session: [] }, { cookie: [] }, { chatToken: [] }],
  "token in path": [],
  server: [{ service: [] }],
  staff: [{ session: [] }, { cookie: [] }, { service: [] }],
} as const;

function operation(endpoint: Endpoint) {
  const { name, summary, description, who, body, takesBytes } = endpoint;
  const parameters = [...pathParameters(endpoint), ...queryParameters(endpoint)];
  return {
    operationId: name,
    tags: [tagOf(endpoint)],
    summary,
    description: `${description === undefined ? "" : `${description} `}${ASKERS[who]}`,
    security: SECURITY[who],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    ...(takesBytes === undefined ? {} : { requestBody: { required: true, content: BYTES } }),
    responses: { ...successes(endpoint), ...refusals(endpoint) },
  };
}

function pathParameters({ path }: Endpoint) {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    ...(PATH_PARAMETERS[name] ?? { description: "The id of a thread", schema: reference("ThreadId") }),
  }));
}

const PATH_PARAMETERS: Record<string, { description: string; schema: JsonSchema }> = {
  token: { description: "A chat token", schema: { type: "string", format: "uuid" } },
  code: { description: "The code of an invite", schema: { type: "string", pattern: "^[\\w-]{22}$" } },
  report: { description: "The id of a report", schema: { type: "string", pattern: "^[\\w-]{43}$" } },
  file: { description: "The id of a file", schema: { type: "string", pattern: "^[\\w-]{22}$" } },
  device: {
    description: "The SHA-256 of the endpoint of a device",
    schema: { type: "string", pattern: "^[\\w-]{43}$" },
  },
  invite: { description: "The id of an invite", schema: { type: "string", pattern: "^[\\w-]{43}$" } },
};

function queryParameters({ query, eventStream }: Endpoint) {
  const given = Object.entries(query?.schema.entries ?? {}).map(([name, schema]) => ({
    name,
    in: "query",
    ...(/optional/.test(schema.type) ? {} : { required: true }),
    description: query?.says[name],
    schema: parameter(schema),
  }));
  const resumed = {
    name: "Last-Event-ID",
    in: "header",
    description: "A cursor, as a browser's EventSource sends it; goes before the one in the query",
    schema: { type: "string" },
  };
  return eventStream ? [...given, resumed] : given;
}

const SOME_UUID = "00000000-0000-4000-8000-000000000000";

/** Describes a parameter of a query: a number by what becomes of its text, unless it may also be the id of a message. */
function parameter(schema: v.GenericSchema): JsonSchema {
  const one = v.safeParse(schema, "1");
  if (!one.success || typeof one.output !== "number" || v.is(schema, SOME_UUID))
    return toJsonSchemaDefs({ schema }, REQUEST).schema ?? {};
  const preset = v.safeParse(schema, undefined);
  return {
    type: "integer",
    minimum: v.is(schema, "0") ? 0 : 1,
    ...(preset.success && typeof preset.output === "number" ? { default: preset.output } : {}),
  };
}

// A file has whatever type it was uploaded with, and is described by that alone (OpenAPI 3.1 §4.8.14.2).
const BYTES = { "*/*": {} };

const FORMS = ["application/x-www-form-urlencoded", "multipart/form-data"];

function requestBody({ schema, optional, form }: NonNullable<Endpoint["body"]>) {
  const content = { schema: reference(schema), example: exampleOf(schema) };
  return {
    required: optional === undefined,
    content: Object.fromEntries(["application/json", ...(form ? FORMS : [])].map((type) => [type, content])),
  };
}

function successes({ answers, file, eventStream, text }: Endpoint) {
  const entries = Object.entries(answers).map(([status, { says, schema, bytes, cookie }]) => {
    const json =
      schema === undefined ? {} : { "application/json": { schema: reference(schema), example: exampleOf(schema) } };
    const others = [file, text, eventStream && "text/event-stream"].filter((it) => it !== undefined);
    const content = {
      ...json,
      ...(bytes ? BYTES : {}),
      ...Object.fromEntries(others.map((type) => [type, { schema: { type: "string" } }])),
    };
    return [
      status,
      {
        description: says,
        ...(cookie ? { headers: { "Set-Cookie": header("The session of a guest") } } : {}),
        ...(Object.keys(content).length === 0 ? {} : { content }),
      },
    ];
  });
  return Object.fromEntries(entries);
}

/** Describes the problems of an endpoint, each status with its codes. */
function refusals(endpoint: Endpoint) {
  return Object.fromEntries(
    [...refusalsOf(endpoint)].map(([status, codes]) => {
      const [only] = onlyOne(codes);
      return [status, only === undefined ? refusal(status, codes) : { $ref: `#/components/responses/${only}` }];
    }),
  );
}

function refusalsOf(endpoint: Endpoint): Map<number, FaultCode[]> {
  const byStatus = new Map<number, FaultCode[]>();
  for (const code of problemsOf(endpoint)) {
    const status = code === "token_unknown" && endpoint.who === "caller" ? 401 : new Fault(code).status;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}

function onlyOne(codes: readonly FaultCode[]): readonly FaultCode[] {
  return codes.length === 1 ? codes : [];
}

function refusal(status: number, codes: readonly FaultCode[]) {
  const told = { properties: { status: { const: status }, code: { enum: codes } } };
  return {
    description: [...new Set(codes.map((code) => new Fault(code).title))].join("; "),
    ...(Object.hasOwn(HEADERS, status) ? { headers: HEADERS[status] } : {}),
    content: { "application/problem+json": { schema: { allOf: [reference("Problem"), told] } } },
  };
}

function header(description: string) {
  return { description, schema: { type: "string" } };
}

const RETRY = {
  "Retry-After": { description: "Seconds to wait", required: true, schema: { type: "integer", minimum: 1 } },
};
const HEADERS: Record<number, object> = {
  405: { Allow: { ...header("The methods of the path"), required: true } },
  401: { "WWW-Authenticate": { ...header("`Bearer`"), required: true } },
  429: RETRY,
  503: RETRY,
};

/** The problems that an endpoint can answer: its own, and those that follow from who may ask, what it takes and whether it writes. */
function problemsOf({ method, who, query, body, problems = [], file, unrationed }: Endpoint): Set<FaultCode> {
  if (file !== undefined) return new Set();
  const codes: FaultCode[] = [];
  if (query !== undefined || body !== undefined) codes.push("invalid");
  if (body !== undefined) codes.push("too_large", "unsupported_media_type");
  if (who === "server") codes.push("unauthenticated", "token_not_allowed", "forbidden");
  else if (who !== "anybody") codes.push("banned");
  if (who === "caller") codes.push("unauthenticated", "token_unknown");
  if (who === "staff") codes.push("forbidden");
  if (who === "session" || who === "session or nobody" || who === "staff")
    codes.push("unauthenticated", "token_not_allowed");
  if (who === "token in path" && method !== "delete") codes.push("token_unknown");
  if (who !== "anybody" && who !== "token in path" && who !== "server" && method !== "get")
    codes.push("origin_not_allowed");
  codes.push(...problems);
  if (!unrationed) codes.push("rate_limited");
  codes.push("internal", "unavailable");
  // The first request of a session writes the user's description.
  if (method !== "get" || who === "caller" || who === "staff") codes.push("storage_full");
  return new Set(codes);
}

function exampleOf(component: string): unknown {
  if (!Object.hasOwn(EXAMPLES, component)) throw new Error(`Cannot describe ${component}: there is no example of it`);
  return EXAMPLES[component];
}

function reference(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}

const REQUEST = {
  typeMode: "input" as const,
  target: "draft-2020-12" as const,
  ignoreActions: ["trim"],
  overrideSchema: describe,
  overrideAction: refine,
  overrideRef: ({ referenceId }: { referenceId: string }) => reference(referenceId).$ref,
} satisfies ConversionConfig;
const ANSWER = { ...REQUEST, typeMode: "output" as const } satisfies ConversionConfig;

function schemas(): Record<string, JsonSchema> {
  const requested = {
    Sending,
    Sendable,
    Admission,
    StoreProof,
    NewThread,
    ThreadChange,
    NewInvite,
    PreviewRequest,
    NewFile,
    Joining,
    SessionStart,
    TextToSend,
    Profile,
    NewBan,
    Erasure,
    Replay,
    Decision,
    Import,
    RoomChange,
    Subscription,
  };
  return {
    ...toJsonSchemaDefs({ Entity, ThreadId, ...requested }, REQUEST),
    ...toJsonSchemaDefs({ Entity, ThreadId, Actor, ...answers, Problem }, ANSWER),
  };
}

type Schema = { valibotSchema: { type: string }; jsonSchema: JsonSchema };

/** Says where extensions are welcome; elsewhere nothing else is meant. Describes a list of one without `prefixItems`. */
function describe({ valibotSchema, jsonSchema }: Schema): JsonSchema | undefined {
  if (valibotSchema.type === "loose_object") return { ...jsonSchema, additionalProperties: true };
  if (valibotSchema.type !== "strict_tuple") return undefined;
  // Prism and Spectral know lists by `items` alone, which has to be an object.
  const { prefixItems: [items, ...others] = [], ...list } = jsonSchema;
  if (items === undefined || others.length > 0) throw new Error("Cannot describe a tuple but of one");
  return { ...list, items, minItems: 1, maxItems: 1 };
}

// What JSON Schema cannot say, or says in its own words, by the message of the check. Without an entry the conversion fails.
const REFINEMENTS: Record<string, JsonSchema> = {
  "must have at most 140 characters": { maxLength: 140 },
  "must have at most 256 characters": { minLength: 1, maxLength: 256, pattern: undefined },
  "at most 1024 bytes of UTF-8": { maxLength: 1_024, description: "At most 1 KiB of UTF-8" },
  "must have at most 1024 bytes": { description: "At most 1 KiB of JSON" },
  "must be a BCP 47 language tag": { description: "BCP 47; `en_US` is taken for `en-US`" },
  "must be a UUID": { format: "uuid" },
  "must be a URL": { format: "uri", description: "An https URL of the public web" },
  "must be a point of P-256": { description: "An uncompressed point of P-256 in base64url" },
  "must be an http or https URL": { format: "uri", pattern: "^[Hh][Tt][Tt][Pp][Ss]?:" },
  "must be an RFC 3339 timestamp": { format: "date-time" },
  // Validators that do not read patterns as Unicode, such as those of Prism and Spectral, would find no entity that fits one of classes.
  "must have 1 to 255 characters, a letter, digit or sign among them, and no control or invisible characters": {
    ...{ minLength: 1, maxLength: 255, pattern: undefined },
    description: "A letter, digit or sign is among its characters, and no control or invisible one",
  },
  "must be one emoji": { description: "One emoji recommended for general interchange (UTS #51)", pattern: undefined },
  "must name at most 50": { description: "At most 50, each a member of the thread" },
  "must have something visible": {},
  "must have at most 10 words": { description: "At most 10 words" },
  "must be in the order of their timestamps": { description: "In the order of their timestamps" },
  "must have an id of its own each": {},
  "must be the seq or the id of a message": {
    anyOf: [
      { type: "string", pattern: "^\\d+$" },
      { type: "string", format: "uuid" },
    ],
  },
  "must be the id of a thread or an RFC 3339 timestamp": {
    anyOf: [
      { type: "string", pattern: "^(?!\\.\\.?$)[A-Za-z0-9._~-]{1,64}$" },
      { type: "string", format: "date-time" },
    ],
  },
  "must change something": { minProperties: 1 },
  "must set something": { minProperties: 2 },
  "must not name a user both in add and in remove or ban, or both in ban and in unban": {
    description: "Nobody is in `add` and in `remove` or `ban`, nor in `ban` and in `unban`",
  },
  "is a setting of rooms": { description: "Only a room may be given a `history`" },
  "the server makes the ids of direct threads": { description: "Only a room may be given an `id`" },
};

type Action = { valibotAction: object; jsonSchema: JsonSchema; errors: readonly string[] | undefined };

function refine({ valibotAction, jsonSchema, errors }: Action): JsonSchema | undefined {
  const message = "message" in valibotAction ? `${valibotAction.message}` : "";
  const refinement = REFINEMENTS[message];
  if (errors === undefined || refinement === undefined) return undefined;
  const requirement = "requirement" in valibotAction ? valibotAction.requirement : undefined;
  // An empty text stands for an absent one.
  const orEmpty = refinement.format === "uuid" && requirement instanceof Function && requirement("") === true;
  return orEmpty ? { ...jsonSchema, anyOf: [{ const: "" }, refinement] } : { ...jsonSchema, ...refinement };
}
