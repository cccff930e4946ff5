/** What the network path between here and the deployment does. */
export type Report = {
  url: string;
  timestamp: string;
  /** How the stream is followed by that. */
  mode: "live" | "long-poll" | "short-poll";
  /** Seconds that a poll is held. */
  wait: number;
};
