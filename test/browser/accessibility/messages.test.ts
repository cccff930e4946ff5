import { testLooks } from "./looks.js";
import { MESSAGES } from "./views.js";

testLooks("the messages of <nereid-chat>", MESSAGES);
