// Only a text with one of these can hold a number that JavaScript writes in another way: where a value may begin, not within most texts and ids.
const SUSPICIOUS = /(?:^|[:[,])\s*(?:-0|-?\d+[.eE]|-?\d{16})/;
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[{}[\],:]/g;

/** The object or array that encloses a token: the key, or the index, of the value that is read. */
type Frame = { isObject: boolean; at: string | number };

/**
 * Finds the first number in a valid JSON text that would not come back to the letter after it was parsed, and returns its path; undefined
 * if there is none. Such are `12345678901234567890`, `1e400`, `-0` and `1.0`.
 */
export function findLossyNumber(text: string): string | undefined {
  if (!SUSPICIOUS.test(text)) return undefined;
  const frames: Frame[] = [];
  let last = "";
  for (const [token] of text.matchAll(TOKEN)) {
    const frame = frames.at(-1);
    if (token === "{" || token === "[") frames.push({ isObject: token === "{", at: token === "{" ? "" : 0 });
    else if (token === "}" || token === "]") frames.pop();
    else if (token === "," && typeof frame?.at === "number") frame.at++;
    else if (token === ":" && frame?.isObject) frame.at = key(last);
    else if (isNumber(token) && String(Number(token)) !== token) return frames.map(({ at }) => at).join(".");
    last = token;
  }
  return undefined;
}

function isNumber(token: string): boolean {
  return token.startsWith("-") || (token >= "0" && token < ":");
}

function key(token: string): string {
  const name: unknown = JSON.parse(token);
  return typeof name === "string" ? name : "";
}
