import { testLooks } from "./looks.js";
import { CONVERSATIONS } from "./views.js";

testLooks("the conversations of <nereid-chat>", CONVERSATIONS);
