// What attaches and shows files. It is loaded when a conversation is shown.
import "./attach.js";
import "./attachments.js";
import "./unsent.js";
