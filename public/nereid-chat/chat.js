// Follows and sends for one user of nereid-chat, in any page: nereidChat.connect({ token, cursor, onStanza, onEnd }).
(() => {
  const base = new URL(".", document.currentScript?.src ?? location.href).href;
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const backOff = (failures) => pause(Math.random() * Math.min(30000, 500 * 2 ** failures));

  // A connection that died in silence is given up: no answer takes longer than 55 s.
  const PATIENCE_MS = 60000;
  const PASSING = [408, 425, 429, 500, 502, 503, 504];
  const LASTING = ["token_unknown", "bad_cursor"];

  // crypto.randomUUID() is only there for pages that came by https.
  const uuid = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    const variant = "89ab"[bytes[8] & 3];
    return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, `$1-$2-4$3-${variant}$4-$5`);
  };

  const connect = ({ token, cursor, onStanza, onEnd = () => {} }) => {
    const closed = new AbortController();

    const ask = async (url, options) => {
      const given = new AbortController();
      const giveUp = () => given.abort();
      const timer = setTimeout(giveUp, PATIENCE_MS);
      closed.signal.addEventListener("abort", giveUp);
      try {
        closed.signal.throwIfAborted();
        const response = await fetch(url, { ...options, signal: given.signal });
        return { status: response.status, body: await response.json() };
      } finally {
        clearTimeout(timer);
        closed.signal.removeEventListener("abort", giveUp);
      }
    };

    // A page's mistake must not bring the same stanzas again.
    const hand = (stanza) => {
      try {
        onStanza(stanza);
      } catch (error) {
        reportError(error);
      }
    };

    const follow = async () => {
      for (let failures = 0; !closed.signal.aborted; ) {
        try {
          const query = cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`;
          const { status, body } = await ask(`${base}stream/${token}${query}`);
          if (LASTING.includes(body.code)) return onEnd(body.code);
          if (status !== 200) throw new Error(`status ${status}`);
          cursor = body.cursor;
          for (const stanza of body.stanzas) if (!closed.signal.aborted) hand(stanza);
          failures = 0;
          if (body.pause) await pause(body.pause * 1000);
        } catch {
          failures += 1;
          await backOff(failures);
        }
      }
    };

    // The id makes a repetition harmless, so whatever got no answer is sent again.
    const deliver = async (stanza) => {
      for (let failures = 1; ; failures++) {
        closed.signal.throwIfAborted();
        try {
          const { status, body } = await ask(`${base}send/${token}`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: stanza,
          });
          if (!PASSING.includes(status)) return body;
        } catch {
          // No answer, or none of the server's.
        }
        await backOff(failures);
      }
    };

    // One after the other: what waits to be sent again is not overtaken.
    let before = Promise.resolve();
    const send = (message) => {
      const stanza = JSON.stringify({ type: "message", message: { id: uuid(), ...message } });
      const delivered = before.then(() => deliver(stanza));
      before = delivered.catch(() => {});
      return delivered;
    };

    const close = () => closed.abort();

    follow();
    return { send, close };
  };

  window.nereidChat = { connect };
})();
