import * as v from "valibot";
import type { Backend } from "./backend.js";
import { Connections } from "./connection.js";
import { SECRET, sign } from "./site.js";
import { type Options, type Person, type Place, type Subject, serve, type To } from "./subject.js";
import type { Way } from "./target.js";

/** Starts this project: all functions in one server, as `npm start` runs them. Its clients poll. */
export function chat(options: Options = {}, shared?: Backend): Promise<Subject> {
  return begin("polls", options, shared);
}

/** Starts this project with clients that follow by event streams, as a page does. */
export function liveChat(options: Options = {}, shared?: Backend): Promise<Subject> {
  return begin("live", options, shared);
}

function begin(way: Way, { environment, flags = [] }: Options, shared: Backend | undefined): Promise<Subject> {
  const options = { environment: { ...ENVIRONMENT, ...environment }, flags };
  const connect = (place: Place, name: string, hear: (text: string) => void) => admit(place, way, name, hear);
  return serve("local/start.js", /^Serving on (http:\S+),/, connect, options, shared);
}

const ENVIRONMENT = {
  PORT: "0",
  CHAT_JWT_SECRET: SECRET,
  CHAT_GUESTS: "1",
  CHAT_RATE_SEND: "1000000",
  CHAT_RATE_TOKEN: "1000000",
  CHAT_RATE_GUEST: "1000000",
  CHAT_RATE_STREAM: "1000000",
  CHAT_RATE_REACH: "1000000",
};

const Admission = v.object({ token: v.string(), cursor: v.string(), actor: v.object({ id: v.string() }) });
const Stanza = v.object({ type: v.string(), message: v.optional(v.object({ text: v.string() })) });
const Answer = v.object({ cursor: v.string(), stanzas: v.array(Stanza) });
const Sent = v.object({ results: v.tuple([v.object({ thread: v.string() })]) });
const Thread = v.object({ id: v.string() });

async function admit(
  { origin, traffic }: Place,
  way: Way,
  name: string,
  hear: (text: string) => void,
): Promise<Person> {
  const connections = new Connections(origin);
  const call = async <const Schema extends v.GenericSchema>(
    answer: Schema,
    [method, path, body]: [method: string, path: string, body?: unknown],
    bearer = "",
  ): Promise<v.InferOutput<Schema>> => {
    const text = body === undefined ? "" : JSON.stringify(body);
    const reply = await traffic.count(connections.ask(method, `/nereid-chat/${path}`, text, bearer));
    if (reply.status >= 300) throw new Error(`Cannot go on: ${method} ${path} was answered with ${reply.status}`);
    return v.parse(answer, JSON.parse(reply.text));
  };
  const session = await sign(name);
  const { token, cursor, actor } = await call(Admission, ["POST", "token"], session);
  let open = true;
  const poll = async () => {
    for (let at = cursor; open; ) {
      const path = `stream/${token}?wait=30&cursor=${at}`;
      const answer = await call(Answer, ["GET", path]);
      at = answer.cursor;
      for (const { message } of answer.stanzas) if (message !== undefined) hear(message.text);
    }
  };
  const follow = async () => {
    for (let at = cursor; open; ) {
      const reading = connections.follow(`/nereid-chat/stream/${token}?live=1&cursor=${at}`, (id, data) => {
        at = id;
        const { message } = v.parse(Stanza, JSON.parse(data));
        if (message !== undefined) hear(message.text);
      });
      await traffic.count(reading);
    }
  };
  const following = way === "polls" ? poll() : follow();
  following.catch((error: unknown) => {
    if (open) throw error;
  });
  const threads = new Map<string, string>();
  const address = (to: To) => {
    if ("room" in to) return { thread: to.room };
    const known = threads.get(to.person);
    return known === undefined ? { to: [to.person] } : { thread: known };
  };
  return {
    id: actor.id,
    async say(to, text) {
      const message = { id: crypto.randomUUID(), text, ...address(to) };
      const { results } = await call(Sent, ["POST", `send/${token}`, { type: "message", message }]);
      if ("person" in to) threads.set(to.person, results[0].thread);
    },
    async gather(others) {
      // So many a request.
      const [some, rest] = [others.slice(0, 1_000), others.slice(1_000)];
      const { id } = await call(Thread, ["POST", "threads", { kind: "room", members: some }], token);
      for (let at = 0; at < rest.length; at += 1_000)
        await call(v.unknown(), ["PATCH", `threads/${id}`, { add: rest.slice(at, at + 1_000) }], token);
      return id;
    },
    join: () => undefined,
    close() {
      open = false;
      connections.close();
    },
  };
}
