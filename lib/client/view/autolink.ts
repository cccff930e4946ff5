/** A piece of text, with the URL if it is a link. */
export type Piece = { text: string; href?: string };

// A web address as people type it. It ends before the full stops, commas, quotes and brackets of other scripts, which need no space
// after them, and before characters that turn the direction of text. Copied addresses have such characters encoded.
const ADDRESS =
  /\b(?:https?:\/\/|www\.)(?:(?!(?![!-~’])[\p{Term}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069])[^\s<>"'`])+/giu;
// Punctuation after an address belongs to the sentence, except for a bracket that the address opened.
const SENTENCE_END = /[.,;:!?…*_~’]+$/u;

/** Splits text into pieces, in which web addresses are links. The pieces joined are the text. */
export function autolink(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = trim(found);
    const href = resolve(address);
    if (href === undefined) continue;
    if (index > at) pieces.push({ text: text.slice(at, index) });
    pieces.push({ text: address, href });
    at = index + address.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at) });
  return pieces;
}

function trim(address: string): string {
  let end = address.replace(SENTENCE_END, "");
  for (const [open, close] of [["(", ")"] as const, ["[", "]"] as const]) {
    while (end.endsWith(close) && end.split(close).length > end.split(open).length) {
      end = end.slice(0, -1).replace(SENTENCE_END, "");
    }
  }
  return end;
}

function resolve(address: string): string | undefined {
  const url = /^www\./i.test(address) ? `https://${address}` : address;
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, href } = new URL(url);
  return /^https?:$/.test(protocol) && hostname !== "" ? href : undefined;
}
