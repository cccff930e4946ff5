import * as v from "valibot";

/** Returns a conversation of two guests to paste into two terminals, or the reason why there is none. */
export async function greet(url: string): Promise<string> {
  try {
    const [ann, ben] = await Promise.all([admit(url, "Ann"), admit(url, "Ben")]);
    const message = { type: "message", message: { to: [ben.actor.id], text: "Hello, Ben" } };
    return `Ben listens:

  curl '${url}/nereid-chat/stream/${ben.token}?wait=25'

Ann sends, from another terminal:

  curl -X POST '${url}/nereid-chat/send/${ann.token}' -H 'Content-Type: application/json' -d '${JSON.stringify(message)}'
`;
  } catch (error) {
    return `No tokens for a first conversation: ${error instanceof Error ? error.message : "unknown failure"}\n`;
  }
}

const Admission = v.object({ token: v.string(), actor: v.object({ id: v.string() }) });

async function admit(url: string, displayName: string) {
  const response = await fetch(`${url}/nereid-chat/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ displayName }),
    signal: AbortSignal.timeout(3_000),
  });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return v.parse(Admission, await response.json());
}
