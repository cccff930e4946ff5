// `nereid-chat/widget`: the element for an application's own bundler. What a deployment serves has Lit's production build inside.
import "./quiet-lit.js";
import { NereidChat } from "./element.js";
import { Part } from "./part.js";

export * from "./element.js";

// A log is drawn once more when it is known what fits: Lit's development build warns of each second drawing.
for (const element of [NereidChat, Part]) element.disableWarning?.("change-in-update");
