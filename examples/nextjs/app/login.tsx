import { redirect } from "next/navigation";
import { startSession } from "./session";

export function Login({ next }: { next: string }) {
  async function login(form: FormData) {
    "use server";
    await startSession(`${form.get("name")}`.trim().slice(0, 64));
    redirect(next);
  }
  return (
    <form action={login}>
      <label>
        Your name <input name="name" required />
      </label>{" "}
      <button type="submit">Log in</button>
    </form>
  );
}
