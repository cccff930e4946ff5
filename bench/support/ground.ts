import * as v from "valibot";
import { Connections } from "./connection.js";
import { type Person, type Place, type Subject, serve, type To } from "./subject.js";
import type { Way } from "./target.js";

/** Starts the floor, to hold the chat against: see floor.ts. Its clients poll. */
export function floor(): Promise<Subject> {
  return serve("bench/floor.js", /^(http:\S+)$/, (place, name, hear) => connect(place, "polls", name, hear));
}

/** Starts the floor with clients that follow by event streams. */
export function liveFloor(): Promise<Subject> {
  return serve("bench/floor.js", /^(http:\S+)$/, (place, name, hear) => connect(place, "live", name, hear));
}

const Said = v.object({ text: v.string() });
const Answer = v.object({ cursor: v.string(), stanzas: v.array(Said) });

async function connect(
  { origin, traffic }: Place,
  way: Way,
  name: string,
  hear: (text: string) => void,
): Promise<Person> {
  const connections = new Connections(origin);
  let open = true;
  const poll = async (channel: string) => {
    for (let at = "0-0"; open; ) {
      const { text } = await traffic.count(connections.ask("GET", `/poll?channel=${channel}&after=${at}`));
      const answer = v.parse(Answer, JSON.parse(text));
      at = answer.cursor;
      for (const stanza of answer.stanzas) hear(stanza.text);
    }
  };
  const follow = (channel: string) =>
    traffic.count(
      connections.follow(`/live?channel=${channel}`, (_, data) => hear(v.parse(Said, JSON.parse(data)).text)),
    );
  const join = (channel: string) => {
    const following = way === "polls" ? poll(channel) : follow(channel);
    following.catch((error: unknown) => {
      if (open) throw error;
    });
  };
  const channelOf = (to: To) => ("room" in to ? to.room : to.person);
  join(name);
  return {
    id: name,
    join,
    async say(to, text) {
      const body = JSON.stringify({ channel: channelOf(to), text });
      const { status } = await traffic.count(connections.ask("POST", "/send", body));
      if (status !== 200) throw new Error(`Cannot go on: a send was answered with ${status}`);
    },
    gather: async () => `room.${crypto.randomUUID()}`,
    close() {
      open = false;
      connections.close();
    },
  };
}
