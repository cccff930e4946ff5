/** How the client reads the stream. */
export type Mode = "live" | "long-poll" | "short-poll";

/** What the network path to the deployment allows; shows why a chat is slow. */
export type Report = {
  url: string;
  timestamp: string;
  /** How the client reads the stream from now on. */
  mode: Mode;
  /** Seconds that a poll is held from now on. */
  wait: number;
  /** The fastest of a few small requests; undefined when all failed. */
  roundTripMs?: number;
  /** How a response that is written in pieces arrives: in pieces, all at its end, or not at all. */
  stream: "streams" | "buffers" | "dies";
  /** Polls of different lengths: whether each was held to its end (`lived`), and after how many seconds it ended or died. */
  holds: { wait: number; lived: boolean; seconds: number }[];
  /** Whether these headers of requests and responses pass unchanged. */
  headers: { authorization: boolean; accept: boolean; contentType: boolean; contentLength: boolean };
};
