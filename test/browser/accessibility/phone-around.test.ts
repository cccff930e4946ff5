import { testPhone } from "./looks.js";
import { CONVERSATIONS, ENTRANCES, PAGES, REFERENCE } from "./views.js";

testPhone("conversations in <nereid-chat>, and other pages", {
  ...CONVERSATIONS,
  ...ENTRANCES,
  ...PAGES,
  ...REFERENCE,
});
