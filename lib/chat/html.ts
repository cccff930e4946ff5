import sanitizeHtml from "sanitize-html";

/**
 * Reduces HTML to what a chat needs: emphasis, code, quotes, lists, paragraphs, links to http, https or mailto. Never
 * fails; whatever is not on the list goes, text outside of scripts and the like stays. Idempotent, but the result can be
 * longer than the input, since tags are closed and links get a `rel`: measure it afterwards.
 */
export function sanitize(html: string): string {
  let clean = sanitizeHtml(html, OPTIONS);
  // Without its forbidden tags, markup can nest in a way that is parsed otherwise the next time: <p><x><blockquote>.
  for (let pass = 1; pass < PASSES_MAX; pass++) {
    const again = sanitizeHtml(clean, OPTIONS);
    if (again === clean) return clean;
    clean = again;
  }
  return sanitizeHtml(clean, { ...OPTIONS, allowedTags: [] });
}

/** Fuzzing needs three at most, the last to see that nothing moves; what is still not stable loses its tags. */
const PASSES_MAX = 8;
const LINK_SCHEMES = ["http", "https", "mailto"];

const OPTIONS: sanitizeHtml.IOptions = {
  allowedTags: ["b", "i", "em", "strong", "u", "s", "code", "pre", "blockquote", "p", "br", "ul", "ol", "li", "a"],
  allowedAttributes: { a: ["href", "rel", "target"] },
  allowedSchemes: LINK_SCHEMES,
  allowProtocolRelative: false,
  // Dropped with what they hold: no text for people, or parsed by browsers unlike by anybody else (mutation XSS).
  nonTextTags: [
    ...["script", "style", "textarea", "option", "select", "title", "xmp", "plaintext", "template"],
    ...["noscript", "noembed", "noframes", "iframe", "object", "svg", "math"],
  ],
  // Deeper markup only costs whoever renders it.
  nestingLimit: 32,
  transformTags: { a: (tagName, { href }) => ({ tagName, attribs: link(href) }) },
  exclusiveFilter: ({ tag, attribs }) => (tag === "a" && attribs.href === undefined ? "excludeTag" : false),
};

function link(href: string | undefined): Record<string, string> {
  // A relative link would lead into whatever page shows the chat.
  if (href === undefined || !URL.canParse(href)) return {};
  if (!LINK_SCHEMES.includes(new URL(href).protocol.slice(0, -1))) return {};
  return { href, rel: "noopener noreferrer nofollow", target: "_blank" };
}
