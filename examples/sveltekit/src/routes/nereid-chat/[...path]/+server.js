import { createChat } from "nereid-chat";
import { env } from "$env/dynamic/private";

const chat = createChat({ user: (_, locals) => locals?.user }, env);

export const fallback = ({ request, locals }) => chat.fetch(request, locals);
