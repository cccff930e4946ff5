import { testFocus } from "./tab-walk.js";
import { CONVERSATIONS, ENTRANCES } from "./views.js";

testFocus("the focus in conversations and around them", { ...CONVERSATIONS, ...ENTRANCES });
