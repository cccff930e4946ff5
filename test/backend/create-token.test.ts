import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { decodeJwt } from "jose/jwt/decode";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { createToken } from "../../lib/backend/create-token.js";

const SECRET = "a secret of the host application, long enough";
const MADE = { token: "t", expires: "2026-01-01T00:00:00.000Z", cursor: "e.1", actor: { id: "ann" } };
type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const made: Answer = (_, response) => response.end(JSON.stringify(MADE));
const refusing = (status: number, code: string, headers: Record<string, string> = {}): Answer => {
  return (_, response) => response.writeHead(status, headers).end(JSON.stringify({ code, detail: "No" }));
};

let answers: Answer[] = [];
let asked: { url: string | undefined; claims: ReturnType<typeof decodeJwt>; body: string }[] = [];
const server = createServer(async (request, response) => {
  const { authorization } = request.headers;
  const claims = authorization ? decodeJwt(authorization.slice("Bearer ".length)) : {};
  const { url } = request;
  asked.push({ url, claims, body: await text(request) });
  (answers.shift() ?? made)(request, response);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const bound = server.address();
const url = `http://127.0.0.1:${typeof bound === "object" ? bound?.port : 0}`;
const options = { url, secret: SECRET };

beforeEach(() => {
  answers = [];
  asked = [];
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});

test.each([
  ["", "/nereid-chat/token"],
  ["/", "/nereid-chat/token"],
  ["/support", "/support/nereid-chat/token"],
  ["/support/", "/support/nereid-chat/token"],
  ["/support/nereid-chat", "/support/nereid-chat/token"],
  ["/nereid-chat/", "/nereid-chat/token"],
])("the path %j of a deployment is kept", async (path, expected) => {
  await createToken({ id: "ann" }, { ...options, url: `${url}${path}` });
  expect(asked.map((it) => it.url)).toEqual([expected]);
});

test("the path of the chat is an option, else comes from the environment", async () => {
  await createToken({ id: "ann" }, { ...options, url: `${url}/support`, basePath: "/api/chat" });
  vi.stubEnv("CHAT_BASE_PATH", "/talk");
  await createToken({ id: "ann" }, options);
  vi.unstubAllEnvs();
  expect(asked.map((it) => it.url)).toEqual(["/support/api/chat/token", "/talk/token"]);
});

test("a token that another page has is taken rather than none", async () => {
  await createToken({ id: "ann" }, options);
  expect(asked.map(({ body }) => JSON.parse(body))).toEqual([{ shared: true }]);
});

test("of the session's id only a digest is sent", async () => {
  await createToken({ id: "ann" }, { ...options, session: "secret" });
  await createToken({ id: "ann" }, options);
  expect(asked.map(({ claims }) => claims.sid)).toEqual(["K7gNU3sdo-OL0wNhqoVWhr3g6s1xYv72ol_pe_Unols", undefined]);
});

test("issuer and audience come from the options, else from the environment", async () => {
  await createToken({ id: "ann" }, options);
  vi.stubEnv("CHAT_JWT_ISSUER", "https://host.test");
  vi.stubEnv("CHAT_JWT_AUDIENCE", "chat");
  await createToken({ id: "ann" }, options);
  await createToken({ id: "ann" }, { ...options, issuer: "https://other.test", audience: "other" });
  vi.stubEnv("CHAT_JWT_ISSUER", "");
  vi.stubEnv("CHAT_JWT_AUDIENCE", " chat\n");
  await createToken({ id: "ann" }, options);
  vi.unstubAllEnvs();
  expect(asked.map(({ claims: { iss, aud } }) => [iss, aud])).toEqual([
    [undefined, undefined],
    ["https://host.test", "chat"],
    ["https://other.test", "other"],
    [undefined, "chat"],
  ]);
});

test.each([
  ["fails", refusing(503, "unavailable", { "retry-after": "0" })],
  ["asks to wait", refusing(429, "rate_limited", { "retry-after": "1" })],
  [
    "is hidden by a page of a proxy",
    (_: IncomingMessage, response: ServerResponse) => void response.writeHead(403).end("<p>No"),
  ],
  ["is hidden by a captive portal", (_: IncomingMessage, response: ServerResponse) => void response.end("<p>Welcome")],
  ["closes the connection", (request: IncomingMessage) => void request.socket.destroy()],
])("a deployment that %s is asked again", async (_, failing) => {
  answers = [failing];
  expect(await createToken({ id: "ann" }, options)).toEqual(MADE);
  expect(asked).toHaveLength(2);
});

test("a refusal is final, and a failure after three attempts", async () => {
  answers = [refusing(401, "unauthenticated")];
  await expect(createToken({ id: "ann" }, options)).rejects.toMatchObject({ cause: "unauthenticated" });
  expect(asked).toHaveLength(1);
  answers = Array(3).fill(refusing(503, "unavailable"));
  await expect(createToken({ id: "ann" }, options)).rejects.toMatchObject({ cause: "unavailable" });
  expect(asked).toHaveLength(4);
});

test.each([
  ["nothing", () => undefined],
  ["half of its answer", (_: IncomingMessage, response: ServerResponse) => void response.write('{"token"')],
])("a deployment that sends %s does not make the host hang", async (_, silent) => {
  answers = Array(3).fill(silent);
  const began = Date.now();
  const making = createToken({ id: "ann" }, { ...options, timeout: 300 });
  await expect(making).rejects.toMatchObject({ cause: "unreachable" });
  expect(Date.now() - began).toBeLessThan(2_000);
});

test.each(["", "chat.example", "localhost:3000", "ftp://chat.example"])(
  "the url %j is refused by a reason before anything is asked",
  async (wrong) => {
    const making = createToken({ id: "ann" }, { ...options, url: wrong });
    await expect(making).rejects.toThrow(/^Cannot make a chat token: url, or CHAT_URL, must be a URL that begins/);
    await expect(making).rejects.toBeInstanceOf(TypeError);
  },
);

test.each(["", "short", "x".repeat(31)])("the secret %j is refused by a reason", async (secret) => {
  const making = createToken({ id: "ann" }, { ...options, secret });
  await expect(making).rejects.toThrow(
    "Cannot make a chat token: secret, or CHAT_JWT_SECRET, must have at least 32 bytes",
  );
  expect(asked).toEqual([]);
});

test("a deployment that redirects to another origin is named, and not asked again", async () => {
  const elsewhere = url.replace("127.0.0.1", "localhost");
  answers = [
    (_, response) => void response.writeHead(308, { location: `${elsewhere}/nereid-chat/token` }).end(),
    refusing(401, "unauthenticated"),
  ];
  await expect(createToken({ id: "ann" }, options)).rejects.toThrow(
    `Cannot make a chat token: the deployment redirects to ${elsewhere}: set url, or CHAT_URL, to where the chat is`,
  );
  expect(answers).toEqual([]);
});

test("a redirection within the deployment is followed", async () => {
  answers = [(_, response) => void response.writeHead(308, { location: "/nereid-chat/token/" }).end()];
  expect(await createToken({ id: "ann" }, options)).toEqual(MADE);
});

test("a wait until a date is as long as that", async () => {
  const until = new Date(Date.now() + 2_000).toUTCString();
  answers = [refusing(503, "unavailable", { "retry-after": until })];
  expect(await createToken({ id: "ann" }, options)).toEqual(MADE);
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(until));
});

test("a wait that is longer than the time left is not begun", async () => {
  answers = [refusing(429, "rate_limited", { "retry-after": "60" })];
  await expect(createToken({ id: "ann" }, options)).rejects.toMatchObject({ cause: "rate_limited" });
});

test("the caller can give up", async () => {
  answers = Array(3).fill(() => undefined);
  const reason = new Error("The request is gone");
  await expect(createToken({ id: "ann" }, { ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 50);
  await expect(createToken({ id: "ann" }, { ...options, signal: controller.signal })).rejects.toBe(reason);
});
