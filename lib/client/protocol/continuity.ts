/** Counters that prove that nothing is missing. `breaks`, `holes` and `repeats` stay 0 if the deployment works as promised. */
export type Continuity = {
  /** Responses of the stream. */
  answers: number;
  stanzas: number;
  messages: number;
  resyncs: number;
  /** Responses that did not continue from the requested cursor. */
  breaks: number;
  /** Messages whose `seq` did not follow the previous one in their thread. */
  holes: number;
  /** Messages that had been received before, and were dropped. */
  repeats: number;
};
