/**
 * A bug that would break a promise: changes of one module, each found as `Source` finds it, a seed by which it is found soon, and the kinds of
 * faults that can show it, which are all that the short form injects.
 */
export type Bug = {
  name: string;
  file: string;
  seed: number;
  kinds: readonly string[];
  changes: readonly { from: string; to: string }[];
};

// KEYS: events. ARGV: n, kind, by, body.
const APPEND = `
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local prev = last and string.match(last[1], '%d+') or '0'
redis.pcall('XADD', KEYS[1], ARGV[1] .. '-0', 'p', prev, 'k', ARGV[2], 'b', ARGV[3], 'e', ARGV[4])
return 1
`;

export const BUGS: readonly Bug[] = [
  {
    name: "a tail that ignores a hole",
    file: "lib/log/event-window.ts",
    // Its first faults are events that are swallowed.
    seed: 34_659,
    kinds: ["store way swallows an event"],
    changes: [{ from: 'if (event.n > this.#to + 1) return "hole";', to: "" }],
  },
  {
    name: "a post that publishes before it appends",
    file: "lib/chat/append.ts",
    seed: 2,
    kinds: ["store way delay"],
    changes: [
      {
        from: `local at = append(events, tip, kind, who, id, '{"type":"message","message":' .. message .. '}')`,
        to: `local at = text(pass(kind, who, id, '{"type":"message","message":' .. message .. '}'))`,
      },
      {
        from: "chat.tail.applyOwn({ epoch, event: { n, tag, kind, by, thread: id, body } });",
        to: `
          const { number } = await import("valibot");
          await chat.store.runScript(${JSON.stringify(APPEND)}, number(), [chat.keys.events(id)], [n, kind, by, body]);
          chat.tail.applyOwn({ epoch, event: { n, tag, kind, by, thread: id, body } });
        `,
      },
    ],
  },
  {
    name: "a dedupe left out",
    file: "lib/chat/append.ts",
    seed: 1,
    kinds: ["sends cut", "client way loses answers", "store way loses answers"],
    changes: [{ from: "if known then return {'known', known} end", to: "" }],
  },
  {
    name: "a membership that is remembered after it ended",
    file: "lib/log/tail-memory.ts",
    seed: 1,
    kinds: ["an old cursor"],
    changes: [
      {
        from: 'this.#memberships.change(entity, event.thread, event.kind === "join" ? event.n : -event.n);',
        to: 'if (event.kind === "join") this.#memberships.change(entity, event.thread, event.n);',
      },
    ],
  },
  {
    name: "a cursor that skips one",
    file: "lib/stream/collected.ts",
    seed: 2,
    kinds: ["a client sleeps", "client way black hole"],
    changes: [{ from: "(more && within.at(-1)?.n) || to", to: "more ? (within.at(-1)?.n ?? to) + 1 : to" }],
  },
];
