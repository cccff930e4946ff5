// What shows files. It is loaded with the first message that has some.
import "./attachments.js";
