// A head is a few hundred bytes; whoever sends more than this is no store.
const HEAD_MAX = 16_384;
// The size of a chunk is followed by extensions, which nobody sends.
const LINE_MAX = 1_024;
const NOTHING = Buffer.alloc(0);

type State = "head" | "sized" | "chunk size" | "chunk" | "chunk end" | "trailer" | "until closed" | "whole";

/** One HTTP/1.1 response, read from the pieces in which it comes (RFC 9112). Throws what is none. */
export class Reply {
  status = 0;
  /** How long the connection may be kept for another request, in ms; 0 when it may not. */
  keepMs = 0;
  #state: State = "head";
  #rest: Buffer = NOTHING;
  #missing = 0;
  readonly #body: Buffer[] = [];

  /** Takes the next piece. Answers whether the response is whole. */
  take(piece: Buffer): boolean {
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    while (this.#step());
    // What nobody asked for belongs to nothing: a connection that says more is out of step.
    if (this.#state === "whole" && this.#rest.length > 0) this.keepMs = 0;
    return this.#state === "whole";
  }

  /** Takes the end of the connection. Answers whether the response is whole by that. */
  end(): boolean {
    if (this.#state === "until closed") this.#state = "whole";
    return this.#state === "whole";
  }

  get text(): string {
    const [only] = this.#body;
    return (this.#body.length === 1 && only ? only : Buffer.concat(this.#body)).toString();
  }

  /** Reads on, if what is needed next is here; answers whether it did. */
  #step(): boolean {
    switch (this.#state) {
      case "head":
        return this.#readHead(this.#until("\r\n\r\n", HEAD_MAX));
      case "sized":
        return this.#readBody("whole");
      case "chunk size":
        return this.#readSize(this.#until("\r\n", LINE_MAX));
      case "chunk":
        return this.#readBody("chunk end");
      case "chunk end":
        return this.#readEnd(this.#until("\r\n", LINE_MAX));
      case "trailer":
        return this.#readTrailer(this.#until("\r\n", HEAD_MAX));
      case "until closed":
        this.#missing = this.#rest.length;
        return this.#missing > 0 && this.#readBody("until closed");
      case "whole":
        return false;
    }
  }

  #readHead(head: string | undefined): boolean {
    if (head === undefined) return false;
    const [, minor, status] = /^HTTP\/1\.([01]) (\d{3})(?: |\r|$)/.exec(head) ?? refuse("the status line");
    this.status = Number(status);
    // An interim response comes before the one that counts (RFC 9110 §15.2).
    if (this.status < 200) return true;
    const keeps = minor === "1" && !/\r\nconnection:[^\r]*\bclose\b/i.test(head);
    const seconds = /\r\nkeep-alive:[^\r]*\btimeout=(\d{1,6})/i.exec(head)?.[1];
    // The second is for what is under way when the other side closes.
    if (keeps) this.keepMs = seconds === undefined ? Number.POSITIVE_INFINITY : (Number(seconds) - 1) * 1_000;
    this.#state = this.#framing(head);
    return true;
  }

  // RFC 9112 §6.3
  #framing(head: string): State {
    if (this.status === 204 || this.status === 304) return "whole";
    const encoding = /\r\ntransfer-encoding:[ \t]*([^\r]*)/i.exec(head)?.[1]?.trim().toLowerCase();
    if (encoding !== undefined) return encoding === "chunked" ? "chunk size" : refuse("the transfer encoding");
    const lengths = [...head.matchAll(/\r\ncontent-length:[ \t]*([^\r]*)/gi)].map(([, length = ""]) => length.trim());
    const [length] = lengths;
    if (length === undefined) {
      this.keepMs = 0;
      return "until closed";
    }
    if (!/^\d{1,10}$/.test(length) || new Set(lengths).size > 1) refuse("the content length");
    this.#missing = Number(length);
    return this.#missing === 0 ? "whole" : "sized";
  }

  #readBody(next: State): boolean {
    if (this.#rest.length === 0) return false;
    const piece = this.#rest.subarray(0, this.#missing);
    this.#rest = this.#rest.subarray(piece.length);
    this.#missing -= piece.length;
    this.#body.push(piece);
    if (this.#missing === 0) this.#state = next;
    return this.#missing === 0;
  }

  #readSize(line: string | undefined): boolean {
    if (line === undefined) return false;
    const [, size = ""] = /^([0-9a-f]{1,8})[ \t]*(?:;|$)/i.exec(line) ?? refuse("the size of a chunk");
    this.#missing = Number.parseInt(size, 16);
    this.#state = this.#missing === 0 ? "trailer" : "chunk";
    return true;
  }

  #readEnd(line: string | undefined): boolean {
    if (line === undefined) return false;
    if (line !== "") refuse("the end of a chunk");
    this.#state = "chunk size";
    return true;
  }

  #readTrailer(line: string | undefined): boolean {
    if (line === "") this.#state = "whole";
    return line !== undefined && line !== "";
  }

  /** Takes what stands before a mark; undefined while that is not here. */
  #until(mark: string, most: number): string | undefined {
    const at = this.#rest.indexOf(mark);
    if (at > most || (at < 0 && this.#rest.length > most)) refuse("a line that long");
    if (at < 0) return undefined;
    const text = this.#rest.toString("latin1", 0, at);
    this.#rest = this.#rest.subarray(at + mark.length);
    return text;
  }
}

function refuse(what: string): never {
  throw new Error(`Cannot read a response: ${what}`);
}
