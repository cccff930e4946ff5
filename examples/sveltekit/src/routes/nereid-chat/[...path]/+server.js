import { createChat } from "nereid-chat";
import { building } from "$app/environment";
import { env } from "$env/dynamic/private";

const create = () => createChat({ user: (_, locals) => locals?.user }, env);

// A build imports this file, maybe without the variables of the deployment, and never asks it.
const chat = building ? undefined : create();

export const fallback = ({ request, locals }) => (chat ?? create()).fetch(request, locals);
