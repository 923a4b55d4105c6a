import { useState } from "preact/hooks";
import { api } from "../api";
import { Failure } from "../parts/badges";
import { useTitle } from "../hooks";

export function SignIn({ done }: { done: () => void }) {
  const [token, setToken] = useState("");
  const [error, setError] = useState<Error | null>(null);
  useTitle("Sign in");
  return (
    <main class="sign-in">
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          api
            .signIn(token.trim())
            .then(done)
            .catch((failure: Error) => setError(failure));
        }}
      >
        <h1>Palimpsest</h1>
        <p>This gateway is closed: it takes its own token, a key, or an access token of your identity provider.</p>
        <label for="token">Access token</label>
        <input id="token" type="password" autocomplete="off" required value={token} onInput={(event) => setToken(event.currentTarget.value)} />
        <p class="hint">
          A local stack prints a link that signs in: <code>palimpsest up</code>. The token itself is in <code>~/.palimpsest</code>. A provider's
          token is one that you got there: this page does not lead to it.
        </p>
        <Failure error={error} />
        <button type="submit" class="button primary">
          Sign in
        </button>
      </form>
    </main>
  );
}
