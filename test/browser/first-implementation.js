// A page of somebody who knows the first implementation's protocol and nothing newer: an EventSource that has no parameters and is replaced,
// with a new token, at each error; messages as they come, without a cursor and without a look at their ids.
(() => {
  const BASE = "/nereid-chat/";
  const page = { texts: [], tokens: [], refused: [] };

  const ask = async (path, init) => {
    const response = await fetch(BASE + path, init);
    if (!response.ok) page.refused.push(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const ways = {
    form: (fields) => ({ body: new URLSearchParams(fields) }),
    // The token that such a page has from its host is none of the chat's.
    json: (fields) => ({
      headers: { "Content-Type": "application/json", Authorization: "Token bmVyZWlk" },
      body: JSON.stringify(fields),
    }),
  };

  /** Follows the stream of the session (`session`) or of a token (`token`); posts as `way` says, `form` or `json`. */
  const start = async (stream, way) => {
    const post = (path, fields) => ask(path, { method: "POST", ...ways[way](fields) });
    let source;
    const listen = (path) => {
      source?.close();
      source = new EventSource(BASE + path);
      source.addEventListener("message", ({ data }) => {
        const { type, message } = JSON.parse(data);
        if (type === "message") page.texts.push(`${message.sender.displayName}: ${message.text}`);
      });
      source.addEventListener("error", renew);
    };
    const renew = async () => {
      const { token } = await post("token", {});
      page.tokens.push(token);
      listen(stream === "token" ? `stream/${token}` : "stream");
    };
    if (stream === "token") await renew();
    else listen("stream");
    page.friends = async () => {
      const { friends } = await ask("get-friends");
      return friends.map(({ entity, show, status, available }) => ({ ...entity, show, status, available }));
    };
    page.startSession = async (user) => post("start-session", { user });
    page.say = async (thread_id, name, count) => {
      for (let i = 1; i <= count; i++) await post("send-message", { thread_id, message: `${name} ${i}` });
    };
  };

  window.old = Object.assign(page, { start });
})();
