import { testLooks } from "./looks.js";
import { ENTRANCES } from "./views.js";

testLooks("what <nereid-chat> shows around the chat", ENTRANCES);
