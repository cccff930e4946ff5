// Follows and sends for one user of nereid-chat, in any page: nereidChat.connect({ token, cursor, onStanza }).
(() => {
  const base = new URL(".", document.currentScript?.src ?? location.href).href;
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  const connect = ({ token, cursor, onStanza, onEnd = () => {} }) => {
    let open = true;

    const follow = async () => {
      for (let failures = 0; open; ) {
        try {
          const query = cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`;
          const response = await fetch(`${base}stream/${token}${query}`);
          if (response.status === 404) return onEnd("token_unknown");
          if (!response.ok) throw new Error(`status ${response.status}`);
          const answer = await response.json();
          for (const stanza of answer.stanzas) onStanza(stanza);
          cursor = answer.cursor;
          failures = 0;
          if (answer.pause) await pause(answer.pause * 1000);
        } catch {
          failures += 1;
          await pause(Math.random() * Math.min(30000, 500 * 2 ** failures));
        }
      }
    };

    // The id makes a repetition harmless, so whatever got no answer may be sent again.
    const send = (message) =>
      fetch(`${base}send/${token}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ type: "message", message: { id: crypto.randomUUID(), ...message } }),
      }).then((response) => response.json());

    const close = () => {
      open = false;
    };

    follow();
    return { send, close };
  };

  window.nereidChat = { connect };
})();
