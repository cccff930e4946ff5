// Pages with the widget. Where there is no session library, a page asks those whom no cookie remembers for a name.

/** A page that loads the widget from the chat itself. */
export function htmlPage(forGuests: boolean): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Chat</title>
    <script src="/nereid-chat/chat.js" defer></script>
  </head>
  <body>
${forGuests ? HTML_OF_GUESTS : "    <nereid-chat></nereid-chat>\n"}  </body>
</html>
`;
}

const HTML_OF_GUESTS = `    <form hidden>
      <label>Your name <input name="name" maxlength="64" required></label>
      <button>Chat</button>
    </form>
    <script type="module">
      // A guest is remembered by a cookie; a new one gives a name.
      const form = document.querySelector("form");

      async function enter(guest) {
        const headers = { "Content-Type": "application/json" };
        const response = await fetch("/nereid-chat/token", { method: "POST", headers, body: JSON.stringify(guest) });
        if (response.ok) form.replaceWith(document.createElement("nereid-chat"));
        else form.hidden = false;
      }

      form.addEventListener("submit", (event) => {
        event.preventDefault();
        enter({ displayName: form.elements.name.value });
      });
      enter({});
    </script>
`;

/** A page of the App Router of Next.js. */
export function reactPage(forGuests: boolean, typescript: boolean): string {
  if (forGuests) return reactPageOfGuests(typescript);
  return `"use client";

import "nereid-chat/widget";

export default function ChatPage() {
  return <nereid-chat />;
}
`;
}

function reactPageOfGuests(typescript: boolean): string {
  const typed = (type: string) => (typescript ? type : "");
  return `"use client";

import "nereid-chat/widget";
import { useEffect, useState } from "react";

// A guest is remembered by a cookie; a new one gives a name.
async function enter(guest${typed(": { displayName?: string }")}) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch("/nereid-chat/token", { method: "POST", headers, body: JSON.stringify(guest) });
  return response.ok;
}

export default function ChatPage() {
  const [known, setKnown] = useState${typed("<boolean>")}();
  useEffect(() => {
    enter({}).then(setKnown);
  }, []);
  if (known === undefined) return null;
  if (known) return <nereid-chat />;
  return (
    <form action={async (form${typed(": FormData")}) => setKnown(await enter({ displayName: \`\${form.get("name")}\` }))}>
      <label>
        Your name <input name="name" maxLength={64} required />
      </label>{" "}
      <button>Chat</button>
    </form>
  );
}
`;
}

/** A page of SvelteKit. */
export function sveltePage(forGuests: boolean): string {
  if (forGuests) return SVELTE_OF_GUESTS;
  return `<script>
  import { onMount } from "svelte";

  onMount(() => {
    import("nereid-chat/widget");
  });
</script>

<nereid-chat></nereid-chat>
`;
}

const SVELTE_OF_GUESTS = `<script>
  import { onMount } from "svelte";

  // A guest is remembered by a cookie; a new one gives a name.
  let known = $state();
  let displayName = $state("");

  async function enter(guest) {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch("/nereid-chat/token", { method: "POST", headers, body: JSON.stringify(guest) });
    known = response.ok;
  }

  onMount(() => {
    import("nereid-chat/widget");
    enter({});
  });
</script>

{#if known}
  <nereid-chat></nereid-chat>
{:else if known === false}
  <form onsubmit={(event) => { event.preventDefault(); enter({ displayName }); }}>
    <label>Your name <input bind:value={displayName} maxlength="64" required /></label>
    <button>Chat</button>
  </form>
{/if}
`;
