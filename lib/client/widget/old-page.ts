/**
 * Tells the developer of a page of the first implementation once what to add: there `chat.js` drew the chat by itself, here it defines an
 * element. Such a page asks for it by `?auto`, or holds the markup that the old script put into it. Call it before the element is defined,
 * so that a script that is loaded twice speaks once.
 */
export function hintAtElement(script: HTMLOrSVGScriptElement | null | undefined): void {
  // A module has no script element: whoever imports the widget is not an old page.
  if (!script || customElements.get(NAME) !== undefined) return;
  const isAsked = script instanceof HTMLScriptElement && AUTO.test(script.src);
  // The page may still add the element while it loads.
  const check = () => {
    if (document.querySelector(NAME) !== null || !(isAsked || document.querySelector(OLD_MARKUP) !== null)) return;
    // biome-ignore lint/suspicious/noConsole: the reader is the page's developer, who sees no chat
    console.warn(HINT);
  };
  if (document.readyState === "complete") check();
  else addEventListener("load", check, { once: true });
}

const NAME = "nereid-chat";
const AUTO = /[?&]auto\b/;
// The container with the list of friends, and the templates of `chat-base`.
const OLD_MARKUP = "#chat-line #users, script#chat-base, script#chat-template";
const HINT =
  "nereid-chat: chat.js shows nothing by itself. Add <nereid-chat></nereid-chat> where the chat belongs; the session cookie identifies the user. See docs/protocol.md";
