import { Login } from "./login";
import { currentUser } from "./session";
import { Widget } from "./widget";

export default async function Page() {
  const user = await currentUser();
  if (user === undefined) return <Login next="/" />;
  return (
    <main style={{ height: "80vh" }}>
      <h1>Hello {user.displayName}</h1>
      <Widget />
    </main>
  );
}
