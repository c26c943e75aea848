/** Why signing in did not work, as a sentence. */
export class SignInError extends Error {
  override readonly name = "SignInError";
}

async function post(path: string, body: unknown): Promise<Response> {
  try {
    return await fetch(path, {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch (cause) {
    throw new SignInError("The server cannot be reached. Try again in a moment.", { cause });
  }
}

function sentenceFor(status: number): string {
  if (status === 400 || status === 401 || status === 422) {
    return "The e-mail address or the password is not right.";
  }
  if (status === 403) {
    return "This page was opened under an address the server does not accept sign-ins from.";
  }
  if (status === 429) return "Too many attempts. Wait a minute, then try again.";
  if (status === 502 || status === 503) return "The server is starting. Try again in a moment.";
  return "Signing in did not work: something went wrong on our side.";
}

/** @throws SignInError with a sentence to show */
export async function signIn(email: string, password: string): Promise<void> {
  const response = await post("/api/auth/sign-in/email", { email, password });
  if (!response.ok) throw new SignInError(sentenceFor(response.status));
}

/** @throws SignInError when the server did not answer or did not end the session */
export async function signOut(): Promise<void> {
  const response = await post("/api/auth/sign-out", {});
  if (!response.ok) throw new SignInError("Signing out did not work.");
}

/** Only a path of this very site is worth going to after signing in. */
export function safeReturnPath(next: string | null | undefined): string {
  if (typeof next !== "string" || !/^\/(?![/\\])/.test(next)) return "/";
  return next;
}
