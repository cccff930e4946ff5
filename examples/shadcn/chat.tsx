"use client";

import { type FormEvent, type UIEvent, useEffect, useState } from "react";
import { nameOf, titleOf, unread, useChat, useFiles, useThread } from "@/lib/nereid-chat";

type Message = {
  id: string;
  sender?: { id: string };
  type?: string;
  text?: string;
  attachments?: Attachment[];
  retracted?: string;
  pending?: true;
  refused?: object;
};
type Attachment = { url: string; name?: string; contentType?: string; file?: unknown; alt?: unknown };

// Yours to edit. `url` is the deployment; `tokenUrl` is an endpoint of your own that returns the result of `createToken(user)`.
export function Chat({ url, tokenUrl }: { url: string; tokenUrl: string }) {
  const live = useChat({ url, getToken: async () => (await fetch(tokenUrl, { method: "POST" })).json() });
  const [chosen, choose] = useState<string>();
  const { inbox, conversations } = live;
  const shown = chosen ?? conversations[0]?.thread.id;
  return (
    <section
      className="flex h-[32rem] overflow-hidden rounded-xl border bg-background text-foreground"
      aria-label="Chat"
    >
      <nav className="w-56 shrink-0 overflow-y-auto border-e p-2" aria-label="Conversations">
        {conversations.map((it) => (
          <button
            key={it.thread.id}
            type="button"
            aria-current={it.thread.id === shown}
            onClick={() => choose(it.thread.id)}
            className="flex w-full items-center gap-2 rounded-lg px-3 py-2 text-start text-sm hover:bg-muted aria-[current=true]:bg-muted"
          >
            <span className="flex-1 truncate">{titleOf(inbox, it) ?? "Just you"}</span>
            {unread(it) > 0 && (
              <span className="rounded-full bg-primary px-2 text-xs text-primary-foreground">{unread(it)}</span>
            )}
          </button>
        ))}
      </nav>
      {shown !== undefined && <Thread key={shown} live={live} thread={shown} />}
    </section>
  );
}

function Thread({ live, thread }: { live: ReturnType<typeof useChat>; thread: string }) {
  const { messages, older, send, read } = useThread(live, thread);
  const [text, write] = useState("");
  const [files, attach] = useState<File[]>([]);
  const takesFiles = useTakesFiles(live);
  const { inbox, uploads } = live;
  const newest = messages.at(-1)?.id;
  useEffect(() => {
    if (newest !== undefined) read().catch(() => {});
  }, [newest, read]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === "" && files.length === 0) return;
    // The list shows a refused message as such; an unsent one is retried.
    send(text.trim(), files.length > 0 ? { files: files.map((content) => ({ content })) } : {}).catch(() => {});
    write("");
    attach([]);
  };
  const scrolled = ({ currentTarget: it }: UIEvent<HTMLElement>) => {
    if (it.scrollHeight - it.clientHeight + it.scrollTop < 300) older().catch(() => {});
  };
  return (
    <div className="flex min-w-0 flex-1 flex-col">
      <div
        className="flex flex-1 flex-col-reverse overflow-y-auto p-4"
        role="log"
        tabIndex={0}
        aria-label="Messages"
        onScroll={scrolled}
      >
        <ol className="space-y-2">
          {messages.map((it: Message) => {
            const own = it.sender?.id === inbox.me?.id;
            return (
              <li key={it.id} className={`flex flex-col ${own ? "items-end" : "items-start"}`}>
                {!own && it.sender && (
                  <span className="text-xs text-muted-foreground">{nameOf(inbox, it.sender.id)}</span>
                )}
                <span
                  dir="auto"
                  className={`max-w-[80%] whitespace-pre-wrap break-words rounded-2xl px-3 py-1.5 text-sm ${own ? "bg-primary text-primary-foreground" : "bg-muted"} ${it.pending ? "opacity-60" : ""}`}
                >
                  {it.retracted ? "This message was deleted." : textOf(it)}
                </span>
                {it.attachments && !it.retracted && <Attachments live={live} attachments={it.attachments} />}
                {uploads.get(it.id)?.map(({ sent, size }, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: files keep their places
                  <progress key={i} value={sent} max={size} aria-label="Uploading" />
                ))}
                {it.refused && <span className="text-xs text-destructive">Not sent</span>}
              </li>
            );
          })}
        </ol>
      </div>
      <form onSubmit={submit} className="flex flex-wrap gap-2 border-t p-3">
        {takesFiles && (
          <input
            type="file"
            multiple
            // A new field forgets what was chosen before.
            key={files.length === 0 ? "empty" : "chosen"}
            onChange={({ target }) => attach([...files, ...(target.files ?? [])])}
            aria-label="Files"
            className="w-full text-sm"
          />
        )}
        {files.length > 0 && (
          <p role="status" className="w-full text-sm">
            {files.map(({ name }) => name).join(", ")}
          </p>
        )}
        <input
          value={text}
          onChange={({ target }) => write(target.value)}
          aria-label="Message"
          placeholder="Write a message"
          className="min-w-0 flex-1 rounded-lg border bg-transparent px-3 py-2 text-sm"
        />
        <button type="submit" className="rounded-lg bg-primary px-4 text-sm text-primary-foreground">
          Send
        </button>
      </form>
    </div>
  );
}

/** The text of a message; of one that is formatted, what its HTML says, which React shows as text. */
function textOf({ type, text = "" }: Message): string {
  if (type !== "html") return text;
  const bare = text.replace(/<br \/>|<\/(?:p|li|pre)>/g, "\n").replace(/<[^>]*>/g, "");
  const escaped: Record<string, string> = { lt: "<", gt: ">", quot: '"', amp: "&" };
  return bare.replace(/&(lt|gt|quot|amp);/g, (_, name: string) => escaped[name] ?? "").trim();
}

function Attachments({ live, attachments }: { live: ReturnType<typeof useChat>; attachments: Attachment[] }) {
  const ids = attachments.flatMap(({ file }) => (typeof file === "string" ? file : []));
  const files = useFiles(live, ids);
  return attachments.map(({ url, name = "File", contentType = "", file, alt }) => {
    const found = typeof file === "string" ? files.get(file) : { url };
    if (found === null) return <em key={url}>{name}: this file is not there any more.</em>;
    return typeof file === "string" && /^image\/(png|jpeg|gif|webp|avif)$/.test(contentType) ? (
      <img key={url} src={found?.url} alt={typeof alt === "string" ? alt : name} className="h-48 rounded-2xl" />
    ) : (
      <a key={url} href={found?.url} target="_blank" rel="noopener noreferrer nofollow" className="text-sm underline">
        {name}
      </a>
    );
  });
}

function useTakesFiles({ chat }: ReturnType<typeof useChat>): boolean {
  const [takes, set] = useState(false);
  useEffect(() => {
    chat?.files().then(
      ({ max }) => set(max > 0),
      () => {},
    );
  }, [chat]);
  return takes;
}
