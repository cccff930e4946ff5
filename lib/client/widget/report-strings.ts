/** The texts of the dialog that reports a message, in English; loaded with it. */
export const REPORTING = {
  ask: "Report this message?",
  reasons: {
    spam: "Spam or advertising",
    abuse: "Insults or harassment",
    danger: "Violence, threats or self-harm",
    other: "Something else",
  },
  text: "What should the moderators know? (optional)",
  what: "The moderators see the message and your name. Its author does not learn of it.",
  reported: "Thank you. The moderators look at the message and decide what happens to it.",
};

export type ReportStrings = typeof REPORTING;
