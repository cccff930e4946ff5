// The deployment is the one whose script the page has.
const deployment = new URL(document.querySelector("script[src$='/chat.js']").src).origin;
const form = document.querySelector("#login");

/** Returns a token for the guest of the deployment's cookie or, with a name, for a new one. */
async function token(body = {}) {
  const response = await fetch(`${deployment}/nereid-chat/token`, {
    method: "POST",
    credentials: "include",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

/** Shows the chat to a guest. Without an invite in the link, the guest has a room, and a link for others. */
async function show(credential) {
  const { connect } = await import(`${deployment}/nereid-chat/client.js`);
  const chat = connect({ url: deployment, token: credential, getToken: () => token() });
  const element = Object.assign(document.createElement("nereid-chat"), { chat });
  form.hidden = true;
  document.querySelector("main").replaceChildren(element);
  if (location.hash.includes("nereid-chat=")) return;
  const subject = `${credential.actor.displayName}’s room`;
  const [room = await chat.create({ kind: "room", members: [], subject })] = await chat.threads({ limit: 1 });
  element.thread = room.id;
  const { code } = await chat.invite(room.id);
  const link = `${location.origin}/#nereid-chat=${encodeURIComponent(code)}`;
  document.querySelector("#invite output").textContent = link;
  document.querySelector("#invite").hidden = false;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await show(await token({ displayName: form.elements.name.value }));
  } catch (error) {
    form.querySelector("[role=alert]").textContent = error.message;
  }
});

// A visitor without a cookie is asked for a name.
const known = await token().catch(() => undefined);
if (known === undefined) form.hidden = false;
else await show(known);
