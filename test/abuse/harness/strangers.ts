import { v4 as uuid } from "uuid";
import { type Attack, get, message, nobody, note, post, send } from "./attack.js";

/** Attacks on people and rooms that a guest has nothing to do with. */
export const ON_STRANGERS: readonly Attack[] = [
  // Being reached by strangers.
  {
    name: "make a room",
    kind: "write",
    make: () => post("threads", { kind: "room", members: [], subject: "x".repeat(1_000) }),
    learn: (lair, answer) => note(lair.threads, { thread: JSON.parse(answer).id }),
  },
  {
    name: "put strangers into a room",
    kind: "write",
    make: (lair) => post("threads", { kind: "room", members: [lair.chance.pick(lair.others), ...nobody(20)] }),
  },
  {
    name: "put strangers into a room by a message",
    kind: "write",
    make: (lair) => send("message", { thread: uuid(), to: [lair.chance.pick(lair.others), ...nobody(199)], text: "x" }),
  },
  {
    name: "add strangers",
    kind: "write",
    make: (lair) => ({
      method: "PATCH",
      path: `threads/${message(lair).thread}`,
      body: { add: [lair.chance.pick(lair.others)] },
    }),
  },
  {
    name: "write to a desk",
    kind: "write",
    make: ({ chance, desks }) => send("message", { to: [chance.pick(desks)], text: "x" }),
  },
  { name: "write to nobody", kind: "write", make: () => send("message", { to: nobody(1), text: "x" }) },
  {
    name: "guess a thousand members",
    kind: "write",
    make: () => post("threads", { kind: "room", members: nobody(1_000) }),
  },
  {
    name: "describe strangers",
    kind: "read",
    make: ({ others }) =>
      get(
        `actors?${others
          .slice(0, 100)
          .map((it) => `ids=${it}`)
          .join("&")}`,
      ),
  },
  {
    name: "block",
    kind: "write",
    make: ({ others, chance }) => send("block", { entity: chance.happens(0.1) ? chance.pick(others) : nobody(1)[0] }),
  },
  // Whose conversation is it.
  {
    name: "take the id of a thread",
    kind: "write",
    make: ({ chance, rooms, desks }) =>
      send("message", { thread: chance.pick(rooms), to: [chance.pick(desks)], text: "x" }),
  },
  {
    name: "write into a room of others",
    kind: "write",
    make: ({ chance, rooms }) => send("message", { thread: chance.pick(rooms), text: "x" }),
  },
  {
    name: "read a room of others",
    kind: "read",
    make: ({ chance, rooms }) => get(`threads/${chance.pick(rooms)}/messages`),
  },
  {
    name: "reach into a key",
    kind: "read",
    make: ({ chance, rooms, others }) =>
      get(`threads/${chance.happens(0.5) ? `${chance.pick(rooms)}%3Amembers` : `%40${chance.pick(others)}%3Aevents`}`),
  },
  // Roles.
  {
    name: "invite",
    kind: "write",
    make: (lair) => post(`threads/${message(lair).thread}/invites`, {}),
    learn: (lair, answer) => note(lair.codes, JSON.parse(answer).code),
  },
  {
    name: "join",
    kind: "write",
    make: ({ chance, codes }) => post("threads/join", { code: codes.length === 0 ? uuid() : chance.pick(codes) }),
  },
  { name: "guess an invite", kind: "write", make: () => post("threads/join", { code: uuid().replaceAll("-", "") }) },
  {
    name: "rule a room of others",
    kind: "write",
    make: ({ chance, rooms, members }) => ({
      method: "PATCH",
      path: `threads/${chance.pick(rooms)}`,
      body: { role: { entity: members[0], role: "owner" } },
    }),
  },
];
