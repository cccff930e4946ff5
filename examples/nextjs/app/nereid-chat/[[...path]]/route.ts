import { chat } from "nereid-chat/next";
import { currentUser } from "../../session";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = chat({ user: currentUser });
export const maxDuration = 300;
