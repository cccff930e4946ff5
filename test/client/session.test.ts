import { afterEach, describe, expect, it } from "vitest";
import { type Chat, type ChatEvent, type ConnectOptions, connect } from "../../lib/client/connect.js";

type Asked = { method: string; path: string; body: unknown; signal: AbortSignal | null | undefined };
type Reaction = (asked: Asked, count: number) => Response | Promise<Response> | undefined;

const chats: Chat[] = [];
afterEach(async () => {
  for (const chat of chats.splice(0)) await chat.close();
});

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
const page = (status: number, headers = {}) => new Response("<html>Not us</html>", { status, headers });
const problem = (code: string, status: number) =>
  json({ type: `urn:nereid-chat:problem:${code}`, code, status }, status);
const sent = (body: unknown) => {
  const all = Object(body).stanzas ?? [body];
  return json({
    results: all.map(({ type, message }: { type: string; message?: { id: string } }) => {
      return { type, id: message?.id, thread: "t", seq: 1, timestamp: "" };
    }),
  });
};

/** A chat of Ann with a deployment that answers as it is told, and else as one does. */
function connected(reacts: Reaction = () => undefined, options: ConnectOptions = {}) {
  const asked: Asked[] = [];
  const fetch: typeof globalThis.fetch = async (input, { method = "GET", body, signal } = {}) => {
    const path = `${input}`.replace(/.*nereid-chat\//, "");
    const own = { method, path, body: typeof body === "string" ? JSON.parse(body) : undefined, signal };
    asked.push(own);
    const count = asked.filter((it) => it.method === method && it.path.split("?")[0] === path.split("?")[0]).length;
    return (await reacts(own, count)) ?? answer(own);
  };
  const token = { token: "one", cursor: "c", actor: { id: "ann" } };
  const chat = connect({ url: "https://chat.example", token, fetch, ...options });
  chats.push(chat);
  const events: ChatEvent[] = [];
  for (const type of ["state", "message"] as const) chat.on(type, (event) => events.push(event));
  const paths = (start: string) => asked.filter(({ method, path }) => `${method} ${path}`.startsWith(start));
  return { chat, asked, events, paths };
}

function answer({ path, body, signal }: Asked): Response | Promise<Response> {
  if (path.startsWith("send")) return sent(body);
  if (path.startsWith("actors")) return json({ actors: [] });
  if (!path.startsWith("stream")) return json({});
  if (path.includes("wait=0")) return json({ timestamp: "", prev: "c", cursor: "c", stanzas: [] });
  return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted"))));
}

const online = (chat: Chat) => expect.poll(() => chat.state, { timeout: 5_000 }).toBe("online");

describe("a chat", () => {
  it.each([
    ["522", () => page(522)],
    ["403", () => page(403)],
    ["a captive portal", () => page(200)],
    ["other JSON", () => json({ ok: true })],
    ["nothing at all", () => new Response("")],
  ])("sends a message once the deployment itself answers: before it comes %s", async (_, other) => {
    const { chat, paths, events } = connected(({ path }, count) => {
      return path.startsWith("send/") && count === 1 ? other() : undefined;
    });
    expect(await chat.send({ thread: "t", text: "hi" })).toMatchObject({ thread: "t", seq: 1 });
    expect(paths("POST send")).toHaveLength(2);
    expect(events.filter((it) => it.type === "message" && it.refused)).toEqual([]);
  });

  it("says where the next page of threads begins, and searches", async () => {
    const all = Array.from({ length: 5 }, (_, i) => ({ id: `t${i}`, updated: `at ${i}` }));
    const found = { results: [{ thread: "t1", message: { id: "m" } }], cursor: "next" };
    const { chat, paths } = connected(({ path }) => {
      if (path.startsWith("search")) return json(found);
      if (path === "threads?limit=2") return json({ threads: all.slice(0, 1), more: true, before: "t0" });
      if (path === "threads?limit=1&before=t0") return json({ threads: all.slice(1, 2) });
      if (path === "threads?limit=2&before=at+1") return json({ threads: all.slice(2, 4), more: true, before: "t3" });
      return path === "threads?limit=2&before=t3" ? json({ threads: all.slice(4) }) : undefined;
    });
    const pages = [];
    for (let before: string | undefined, last = false; !last; last = before === undefined) {
      const threads = await chat.threads({ limit: 2, ...(before === undefined ? {} : { before }) });
      before = threads.before;
      pages.push(threads.map(({ id }) => id));
    }
    expect(pages).toEqual([["t0", "t1"], ["t2", "t3"], ["t4"]]);
    expect(await chat.search("milk", { thread: "t1", limit: 1 })).toEqual(found);
    expect(paths("GET search")[0]?.path).toBe("search?q=milk&thread=t1&limit=1");
  });

  it("asks for threads next to whose token it is, and does not give up before that is known", async () => {
    let isKnown = (_: Response) => {};
    const whois = new Promise<Response>((resolve) => {
      isKnown = resolve;
    });
    const react: Reaction = ({ path }, count) =>
      path === "actors"
        ? whois
        : path.startsWith("threads")
          ? count < 5
            ? page(521)
            : json({ threads: [] })
          : undefined;
    const { chat, paths } = connected(react, { token: "one" });
    const threads = chat.threads();
    await expect.poll(() => paths("GET threads").length).toBe(2);
    expect([paths("GET actors"), paths("GET stream"), chat.me]).toMatchObject([[{}], [], undefined]);
    await expect.poll(() => paths("GET threads").length, { timeout: 20_000 }).toBe(5);
    expect(await threads).toMatchObject([]);
    isKnown(json({ actors: [{ id: "ann" }] }));
    await online(chat);
    expect(chat.me).toEqual({ id: "ann" });
    await expect(chat.history("t")).rejects.toMatchObject({ status: 521 });
  }, 30_000);

  it("reads a history that a proxy refused at first, and gives up after a few attempts", async () => {
    const messages = { messages: [], first: 1, last: 0 };
    const { chat, paths } = connected(({ path }, count) => {
      if (path.startsWith("threads/down")) return page(521);
      return path.startsWith("threads/t/") ? (count < 3 ? page(403) : json(messages)) : undefined;
    });
    expect(await chat.history("t")).toEqual(messages);
    await expect(chat.history("down")).rejects.toMatchObject({ code: "unreachable", status: 521 });
    expect(paths("GET threads/down")).toHaveLength(3);
  });

  it("sends the last position that was read when it is closed", async () => {
    const { chat, paths } = connected();
    await online(chat);
    await chat.read("t", 1);
    const left = chat.read("t", 2);
    await chat.read("u", 3);
    await chat.close();
    await left;
    expect(paths("POST send").map(({ body }) => Object(body).receipt)).toEqual([
      { thread: "t", seq: 1 },
      { thread: "u", seq: 3 },
      { thread: "t", seq: 2 },
    ]);
  });

  it("settles each promise of messages under one id", async () => {
    const id = "6f2d8f5e-4b5b-4a6e-9d5e-0d9a6a0c1f11";
    const { chat, paths } = connected();
    const draft = { id, thread: "t", text: "hi" };
    const results = await Promise.all([chat.send(draft), chat.send(draft)]);
    expect(results.map((it) => it.id)).toEqual([id, id]);
    expect(paths("POST send")).toHaveLength(1);
    expect(await chat.send(draft)).toMatchObject({ id });
  });

  it("withdraws a message that waits", async () => {
    const { chat, events, asked } = connected(({ path }) => (path.startsWith("send/") ? page(502) : undefined));
    const id = "0d9a6a0c-4b5b-4a6e-9d5e-6f2d8f5e1f11";
    const sending = chat.send({ id, thread: "t", text: "oops" });
    sending.catch(() => {});
    await expect.poll(() => asked.some(({ path }) => path.startsWith("send/"))).toBe(true);
    expect(await chat.withdraw(id)).toBe(true);
    await expect(sending).rejects.toMatchObject({ code: "withdrawn" });
    expect(events.at(-1)).toMatchObject({ message: { id }, refused: { code: "withdrawn" } });
    expect(await chat.withdraw(id)).toBe(false);
  });

  it("resolves a retraction whose response was lost, and one that was made before", async () => {
    let done = false;
    const { chat } = connected(({ path, body }) => {
      if (!path.startsWith("send/") || Object(body).retract?.id !== "m") return undefined;
      if (done) return problem("message_not_found", 404);
      done = true;
      return page(502);
    });
    await chat.retract("t", "m");
    await chat.retract("t", "m");
  });

  // A browser repeats a request by itself when its connection ends: the client sees the response to the second one alone.
  it.each([
    ["the client", () => page(502)],
    ["the browser", () => undefined],
  ])("finds what it did when the response was lost, and %s asked again", async (_, lost) => {
    const made: string[] = [];
    const members = [{ entity: "ann", role: "owner" }];
    const { chat } = connected(({ method, path, body }, count) => {
      const first = count === 1 ? lost() : undefined;
      if (method === "POST" && path === "threads") {
        made.push(Object(body).id);
        return first ?? problem("thread_conflict", 409);
      }
      if (path === "threads/left" && method === "PATCH") return first ?? problem("thread_not_found", 404);
      if (path === "threads/given" && method === "PATCH") return first ?? problem("forbidden", 403);
      if (path === "threads/given") return json({ id: "given", members: [{ entity: "ann", role: "member" }] });
      if (path.startsWith("threads/t/messages"))
        return json({
          messages: [{ id: "m", thread: "t", seq: 1, timestamp: "", retracted: "then" }],
          first: 1,
          last: 1,
        });
      if (path.startsWith("send/")) return first ?? problem("message_not_found", 404);
      return path.startsWith("threads/") ? json({ id: path.slice(8), members }) : undefined;
    });
    const room = await chat.create({ kind: "room", members: ["ben"] });
    expect(new Set(made)).toEqual(new Set([room.id]));
    expect(await chat.change("left", { remove: ["ann"] })).toBeUndefined();
    const role = { entity: "ann", role: "member" as const };
    expect(await chat.change("given", { role })).toMatchObject({ id: "given" });
    await chat.retract("t", "M");
  });

  it("reports what is refused and was not done before", async () => {
    const { chat } = connected(({ method, path }) => {
      if (method === "POST" && path === "threads") return problem("thread_conflict", 409);
      if (method === "PATCH") return path === "threads/t" ? problem("forbidden", 403) : problem("invalid", 400);
      if (path.startsWith("threads/t/messages")) return problem("message_not_found", 404);
      if (path.startsWith("send/")) return problem("message_not_found", 404);
      // A room of another owner, of which one of three members is named.
      const members = [{ entity: "ann", role: "member" }];
      return path.startsWith("threads/") ? json({ id: path.slice(8), members, memberCount: 3 }) : undefined;
    });
    const refused = (code: string) => ({ code });
    await expect(chat.create({ kind: "room", members: [], id: "r" })).rejects.toMatchObject(refused("thread_conflict"));
    for (const change of [{ remove: ["ben"] }, { subject: "Tea" }, { slow: 5 }, { history: "joined" as const }])
      await expect(chat.change("t", change)).rejects.toMatchObject(refused("forbidden"));
    await expect(chat.change("u", {})).rejects.toMatchObject(refused("invalid"));
    await expect(chat.retract("t", "m")).rejects.toMatchObject(refused("message_not_found"));
  });

  it("reports a message, with a reason or without", async () => {
    const { chat, paths } = connected(({ path }) => (path.startsWith("send") ? json({ results: [] }) : undefined));
    await chat.reportMessage("t", "m", "It is rude");
    await chat.reportMessage("t", "m");
    expect(paths("POST send").map(({ body }) => body)).toEqual([
      { type: "report", report: { thread: "t", id: "m", reason: "It is rude" } },
      { type: "report", report: { thread: "t", id: "m" } },
    ]);
  });

  it("reads a page of threads, and all blocks, of which the deployment responds with a part at a time", async () => {
    const { chat, paths } = connected(({ path }) => {
      const query = new URLSearchParams(path.split("?")[1]);
      if (path.startsWith("threads")) {
        if (query.get("before") === null) return json({ threads: [{ id: "a" }], more: true, before: "hidden" });
        if (query.get("before") === "hidden") return json({ threads: [], more: true, before: "b" });
        return json({ threads: [{ id: "c" }] });
      }
      if (!path.startsWith("blocks")) return undefined;
      return query.get("after") === null ? json({ blocks: ["x", "y"], more: true }) : json({ blocks: ["z"] });
    });
    expect((await chat.threads({ limit: 100 })).map(({ id }) => id)).toEqual(["a", "c"]);
    expect(paths("GET threads").map(({ path }) => path.split("?")[1])).toEqual([
      "limit=100",
      "limit=99&before=hidden",
      "limit=99&before=b",
    ]);
    expect(await chat.blocks()).toEqual(["x", "y", "z"]);
    expect(paths("GET blocks").at(-1)?.path).toBe("blocks?after=y");
  });

  it("does not send a chat state that a message has overtaken", async () => {
    let state: Asked | undefined;
    const { chat } = connected((asked) => {
      if (asked.path !== "send") return undefined;
      state = asked;
      return new Promise((_, reject) => asked.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
    });
    await online(chat);
    const typed = chat.typing("t");
    await expect.poll(() => state !== undefined).toBe(true);
    await chat.send({ thread: "t", text: "hi" });
    await typed;
    expect(state?.signal?.aborted).toBe(true);
  });

  it("sends the presence again with a new token", async () => {
    let ended = false;
    const getToken = async () => ({ token: "two", cursor: "c", actor: { id: "ann" } });
    const reacts: Reaction = ({ path }) =>
      ended && path.startsWith("send/one") ? problem("token_unknown", 404) : undefined;
    const { chat, paths } = connected(reacts, { getToken });
    await chat.presence({ show: "dnd" });
    ended = true;
    await chat.send({ thread: "t", text: "hi" });
    const presences = () => paths("POST send").filter(({ body }) => Object(body).type === "presence");
    await expect.poll(() => presences().length).toBe(2);
    expect(presences().map(({ body }) => Object(body).presence)).toEqual([[{ show: "dnd" }], [{ show: "dnd" }]]);
  });

  it.each([
    ["with the token", async () => ({ token: "two", actor: { id: "ben" } })],
    ["by the deployment", async () => "two"],
  ])("ends when a new token is another user's, as %s tells", async (_, getToken) => {
    const { chat, events } = connected(
      ({ path }) => {
        if (path.startsWith("actors")) return json({ actors: [{ id: "ben" }] });
        return path.includes("/one") ? problem("token_unknown", 404) : undefined;
      },
      { getToken },
    );
    await expect(chat.send({ thread: "t", text: "Ann's" })).rejects.toMatchObject({ code: "another_user" });
    expect(events.at(-1)).toMatchObject({ type: "state", state: "closed", problem: { code: "another_user" } });
  });

  it("tells another reason for being offline", async () => {
    const { events } = connected(({ path }, count) => {
      if (!path.startsWith("stream")) return undefined;
      return count < 3 ? page(522) : problem("banned", 403);
    });
    const reasons = () => events.flatMap((it) => (it.type === "state" && it.problem ? [it.problem.code] : []));
    await expect.poll(reasons, { timeout: 10_000 }).toEqual(["unreachable", "banned"]);
  });

  it("revokes its token when it forgets its user", async () => {
    const { chat, paths } = connected(() => undefined);
    await online(chat);
    await chat.forget();
    expect(chat.state).toBe("closed");
    expect(paths("DELETE token/one")).toHaveLength(1);
  });

  it("ends an iterator that nobody reads, and reports the dropped events", async () => {
    const { chat } = connected();
    const events = chat[Symbol.asyncIterator]();
    await online(chat);
    const sending = [];
    for (let i = 0; i < 10_001; i++) sending.push(chat.send({ thread: "t", text: "hi" }).catch(() => {}));
    await expect.poll(() => events.next().catch((error) => error.name), { timeout: 20_000 }).toBe("RangeError");
    await chat.close();
    await Promise.all(sending);
  });
});
