import { signOut } from "#components/auth/auth-client.ts";
import { showToast } from "#components/ui/toast-store.ts";

/** Ends the session and shows the sign-in page. */
export function leave(): void {
  signOut().then(
    () => window.location.assign("/sign-in"),
    () =>
      showToast({
        title: "You are still signed in",
        detail: "The server cannot be reached.",
        tone: "danger",
      }),
  );
}
