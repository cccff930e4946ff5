/** Follows a channel, or with "psubscribe" those that match a pattern, over REST, frame by frame; nothing comes after the end. */
export async function follow(url: string, token: string, channel: string, kind = "subscribe") {
  const controller = new AbortController();
  const response = await fetch(`${url}/${kind}/${channel}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    signal: controller.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = "";
  return {
    status: response.status,
    close: () => controller.abort(),
    async next(): Promise<string | undefined> {
      for (;;) {
        const end = buffered.indexOf("\n\n");
        if (end >= 0) {
          const frame = buffered.slice(0, end);
          buffered = buffered.slice(end + 2);
          return frame.replace(/^data: /, "");
        }
        const read = await reader?.read();
        if (read === undefined || read.done) return undefined;
        buffered += read.value;
      }
    },
  };
}
