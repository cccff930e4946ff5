import * as v from "valibot";
import { decode, ownLog } from "../store/keys.js";
import type { Event } from "./event.js";
import type { Log } from "./log.js";
import { concerns, type Member } from "./membership-cache.js";

// How far users have read is state: of each user and thread, the newest position takes the place of the one before, and no delivery log
// has it. The marks of a thread's members, or of one user in large rooms, are one text: `<n>:<seq>:<time in ms>:<whose>`, separated by
// commas, the newest last. It is the only entry of a stream whose id is the n of the newest mark, so one XREAD finds what moved.

/** The field of the entry that has the marks. */
export const MARKS_FIELD = "m";

/** Lua: `others(marks, moved)` lists the marks of a text but those of whom the table `moved` names; `whose(mark)` names the one it is of. */
export const SPLIT_MARKS = `
local function whose(mark) return string.match(mark, '[^:]+$') end
local function others(marks, moved)
  local list = {}
  for mark in string.gmatch(marks or '', '[^,]+') do
    if not moved[whose(mark)] then list[#list + 1] = mark end
  end
  return list
end`;

/** The stanza of a read receipt, as JSON before and after its seq, which a script inserts. */
export function receiptAround(thread: string, entity: string, at: number): [head: string, tail: string] {
  const rest = JSON.stringify({ thread, entity, timestamp: new Date(at).toISOString() });
  return ['{"type":"receipt","receipt":{"seq":', `,${rest.slice(1)}}`];
}

/** Reads, as events, the marks that have moved after an n and concern a member, up to the n `to`; those that moved again later are left out. */
export async function readMarks(log: Log, member: Member, after: number, to: number): Promise<Event[]> {
  const threads = [...member.memberships].flatMap(([thread, n]) => (n > 0 ? [thread] : []));
  const events = await readStates(log, [ownLog(member.entity), ...threads], after);
  return events.filter((event) => event.n > after && event.n <= to && concerns(member, event));
}

// A state has at most 100 marks, which takes 80 KB where names are as long as they may be; a reply of the store has at most 10 MB.
const STATES = 100;

// A mark of another shape comes from a newer version, and is skipped.
const MARK = /(?<![^,])(\d{1,15}):(\d{1,15}):(\d{1,15}):([^,:]+)(?![^,])/g;
const Entry = v.tuple([v.string(), v.array(v.string())]);
const States = v.nullable(v.array(v.tuple([v.string(), v.array(Entry)])));

async function readStates(log: Log, names: readonly string[], after: number): Promise<Event[]> {
  const parts = Array.from({ length: Math.ceil(names.length / STATES) }, (_, i) =>
    names.slice(i * STATES, (i + 1) * STATES),
  );
  const byKey = new Map(names.map((name) => [log.keys.reads(name), name]));
  const events: Event[] = [];
  for (const part of parts) {
    const [states] = await log.store.transact(v.tuple([States]), (batch) => {
      batch.xread(
        part.map((name) => log.keys.reads(name)),
        part.map(() => `${after}-0`),
      );
    });
    for (const [key, entries] of states ?? []) {
      for (const [, fields] of entries) events.push(...eventsOf(byKey.get(key) ?? "", fields));
    }
  }
  return events;
}

function eventsOf(name: string, fields: readonly string[]): Event[] {
  const text = fields[fields.indexOf(MARKS_FIELD) + 1] ?? "";
  return [...text.matchAll(MARK)].map(([, n, seq, at, whose = ""]) => {
    const [by, thread] = name.startsWith("@") ? [name.slice(1), whose] : [whose, name];
    const [head, tail] = receiptAround(thread, decode(by), Number(at));
    const kind = name.startsWith("@") ? "ownread" : "read";
    return { n: Number(n), tag: "", kind, by, thread, body: `${head}${seq}${tail}` };
  });
}
