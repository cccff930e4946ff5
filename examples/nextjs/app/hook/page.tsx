import { Login } from "../login";
import { currentUser } from "../session";
import { Conversations } from "./conversations";

export default async function Page() {
  const user = await currentUser();
  return user === undefined ? <Login next="/hook" /> : <Conversations me={user.id} />;
}
