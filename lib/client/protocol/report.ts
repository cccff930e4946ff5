/** How a stream is followed. */
export type Mode = "live" | "long-poll" | "short-poll";

/** What the network path between here and the deployment does, for whoever has to find out why a chat is slow. */
export type Report = {
  url: string;
  timestamp: string;
  /** How the stream is followed from now on. */
  mode: Mode;
  /** Seconds that a poll is held from now on. */
  wait: number;
  /** The quickest of a few small requests; undefined when none was answered. */
  roundTripMs?: number;
  /** What becomes of a response that is written bit by bit: it comes so, or all at its end, or not at all. */
  stream: "streams" | "buffers" | "dies";
  /** Polls for which nothing came: whether each was held as long as it was to be, or when it died. */
  holds: { wait: number; lived: boolean; seconds: number }[];
  /** Whether what requests and answers carry in their headers arrives. */
  headers: { authorization: boolean; accept: boolean; contentType: boolean; contentLength: boolean };
};
