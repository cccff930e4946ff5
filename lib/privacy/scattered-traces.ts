import * as v from "valibot";
import type { Log } from "../log/log.js";
import type { FoundKey } from "../store/keys.js";
import { Count } from "../store/replies.js";
import type { Person } from "./person.js";

const Values = v.array(v.nullable(v.string()));
const Parsed = v.pipe(v.string(), v.parseJson());

/** Removes a user from the lists of whom others block. */
export async function eraseBlocks({ store }: Log, { who }: Person, blocks: readonly FoundKey[]): Promise<void> {
  await store.transact(v.array(Count), (batch) => {
    for (const { key } of blocks) batch.hdel(key, who);
  });
}

// Replaces a text by another, or deletes it, if it is still the one that was read; it lives on for as long as before. One that is
// deleted is taken out of the list of its kind, if there is one. KEYS: text, list. ARGV: before, after or '', its name in the list. Returns: 1, or 0 if it
// has changed.
const SWAP = `
local before, after = ARGV[1], ARGV[2]
if redis.call('GET', KEYS[1]) ~= before then return 0 end
local left = redis.call('PTTL', KEYS[1])
if after == '' then
  redis.call('DEL', KEYS[1])
  if KEYS[2] then redis.call('ZREM', KEYS[2], ARGV[3]) end
elseif left > 0 then redis.call('SET', KEYS[1], after, 'PX', left)
else redis.call('SET', KEYS[1], after) end
return 1
`;

const Grant = v.pipe(Parsed, v.looseObject({ contacts: v.array(v.string()) }));

/** Removes a user from the contacts that the chat tokens of others have. */
export function eraseContacts(log: Log, { entity }: Person, tokens: readonly FoundKey[]): Promise<void> {
  return swapEach(log, tokens, undefined, (stored) => {
    const space = stored.indexOf(" ") + 1;
    const grant = v.safeParse(Grant, stored.slice(space));
    if (!grant.success || !grant.output.contacts.includes(entity)) return stored;
    const contacts = grant.output.contacts.filter((it) => it !== entity);
    return stored.slice(0, space) + JSON.stringify({ ...grant.output, contacts });
  });
}

const Report = v.pipe(
  Parsed,
  v.looseObject({
    by: v.string(),
    message: v.looseObject({
      sender: v.exactOptional(v.looseObject({ id: v.string() })),
      mentions: v.exactOptional(v.array(v.string())),
    }),
  }),
);

/** Removes the reports by and about a user, and the user from the mentions of messages that others have reported. */
export function eraseReports(log: Log, { entity }: Person, reports: readonly FoundKey[]): Promise<void> {
  return swapEach(log, reports, log.keys.reports, (stored) => {
    const parsed = v.safeParse(Report, stored);
    if (!parsed.success) return stored;
    const { message, ...report } = parsed.output;
    if (report.by === entity || message.sender?.id === entity) return "";
    if (!message.mentions?.includes(entity)) return stored;
    const mentions = message.mentions.filter((it) => it !== entity);
    return JSON.stringify({ ...report, message: { ...message, mentions } });
  });
}

/** Reads the reports that a user has made, as JSON: of the message only which it is, since another has said it, and may have retracted it. */
export async function readReports(log: Log, { entity }: Person, reports: readonly FoundKey[]): Promise<string[]> {
  const stored = await readTexts(log, reports);
  return stored.flatMap((text) => {
    const parsed = v.safeParse(Report, text);
    if (!parsed.success || parsed.output.by !== entity) return [];
    const { id, seq } = parsed.output.message;
    return [JSON.stringify({ ...parsed.output, message: { id, seq } })];
  });
}

async function readTexts({ store }: Log, found: readonly FoundKey[]): Promise<(string | null)[]> {
  const [texts] = await store.transact(v.tuple([Values]), (batch) => batch.mget(found.map(({ key }) => key)));
  return texts;
}

/** Replaces each text by what a function makes of it, deletes those that become empty, and reads those again that have changed meanwhile. */
async function swapEach(
  log: Log,
  found: readonly FoundKey[],
  list: string | undefined,
  change: (stored: string) => string,
): Promise<void> {
  for (let left = found; left.length > 0; ) {
    const texts = await readTexts(log, left);
    const again: FoundKey[] = [];
    for (const [i, it] of left.entries()) {
      const before = texts[i] ?? "";
      const after = before === "" ? "" : change(before);
      if (after === before) continue;
      const names = [it.key, ...(list === undefined ? [] : [list])];
      if ((await log.store.runScript(SWAP, Count, names, [before, after, it.of])) === 0) again.push(it);
    }
    left = again;
  }
}
