import { testPhone } from "./looks.js";
import { MESSAGES, WRITING } from "./views.js";

testPhone("messages and the input of <nereid-chat>", { ...MESSAGES, ...WRITING });
