"use client";

import { titleOf, useChat, useThread } from "nereid-chat/react";
import { useState } from "react";

/** A chat of one's own making: whoever wrote last, and a form that writes to anybody by name. */
export function Conversations({ me }: { me: string }) {
  const live = useChat();
  const [chosen, setChosen] = useState<string>();
  const thread = chosen ?? live.conversations[0]?.thread.id;
  const { messages, send } = useThread(live, thread);
  const write = async (form: FormData) => {
    const [to, text] = [`${form.get("to")}`.trim().toLowerCase(), `${form.get("text")}`];
    if (to === "") await send(text);
    else await live.chat?.send({ to: [to], text });
  };
  return (
    <main>
      <h1>{me}</h1>
      <nav>
        {live.conversations.map((conversation) => (
          <button type="button" key={conversation.thread.id} onClick={() => setChosen(conversation.thread.id)}>
            {titleOf(live.inbox, conversation)}
          </button>
        ))}
      </nav>
      <ul>
        {messages.map((message) => (
          <li key={message.id}>{message.text}</li>
        ))}
      </ul>
      <form action={write}>
        <input name="to" placeholder="To (the open conversation if empty)" />
        <input name="text" placeholder="Message" required />
        <button type="submit">Send</button>
      </form>
    </main>
  );
}
