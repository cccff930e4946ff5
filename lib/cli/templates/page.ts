// Pages with the widget. Where there is no session library, the widget itself asks those whom no cookie remembers for a name.

/** A page that loads the widget from the chat itself. */
export const HTML_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Chat</title>
    <script src="/nereid-chat/chat.js" defer></script>
  </head>
  <body>
    <nereid-chat></nereid-chat>
  </body>
</html>
`;

/** A page of Next.js. */
export const REACT_PAGE = `"use client";

import "nereid-chat/widget";

export default function ChatPage() {
  return <nereid-chat />;
}
`;

/** A page of SvelteKit. */
export const SVELTE_PAGE = `<script>
  import { onMount } from "svelte";

  onMount(() => {
    import("nereid-chat/widget");
  });
</script>

<nereid-chat></nereid-chat>
`;
