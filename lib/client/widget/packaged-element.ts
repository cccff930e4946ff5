// `nereid-chat/widget`: the element for an application's own bundler. What a deployment serves has Lit's production build inside.
import "./quiet-lit.js";

export * from "./element.js";
