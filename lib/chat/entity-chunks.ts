/** The bytes of entities that one stanza names, so that no stanza exceeds 16 KiB. */
const ENTITIES_MAX = 12 * 1024;

/** Splits a list of entities into lists that each fit into one stanza. */
export function splitEntities(entities: readonly string[]): string[][] {
  const chunks: string[][] = [];
  let bytes = ENTITIES_MAX;
  for (const entity of entities) {
    const size = Buffer.byteLength(JSON.stringify(entity)) + 1;
    if (bytes + size > ENTITIES_MAX) {
      chunks.push([]);
      bytes = 0;
    }
    bytes += size;
    chunks.at(-1)?.push(entity);
  }
  return chunks;
}

/**
 * Lua: `appendNames(kind, action, list)` appends a stanza that names the users of a list, or several if they do not fit into one. Each user
 * is noted with the number of the event, `at`. The script defines `appendStanza` and `tip` before.
 */
export const APPEND_NAMES = `
local function appendNames(kind, action, list)
  local i = 1
  while i <= #list do
    local names, bytes, first = {}, 0, i
    repeat
      names[#names + 1] = list[i].json
      bytes = bytes + #list[i].json + 1
      i = i + 1
    until i > #list or bytes + #list[i].json > ${ENTITIES_MAX}
    appendStanza(kind, action, ',"entities":[' .. table.concat(names, ',') .. ']')
    for j = first, i - 1 do list[j].at = tip end
  end
end`;

/**
 * Lua: `listsFrom(first, before)` reads four lists of users from a script's arguments: after the argument `first` their sizes, then each
 * entity, encoded and as JSON. After the first `before` keys come the threads of every user, then their blocks.
 */
export const LISTS = `
local function listsFrom(first, before)
  local lists, at, everybody = {}, 0, (#KEYS - before) / 2
  for name = 1, 4 do
    lists[name] = {}
    for i = 1, tonumber(ARGV[first + name]) do
      local j = at + i
      local k = first + 3 + 2 * j
      lists[name][i] = {who = ARGV[k], json = ARGV[k + 1], key = KEYS[before + j], blocks = KEYS[before + everybody + j]}
    end
    at = at + tonumber(ARGV[first + name])
  end
  return unpack(lists)
end`;
