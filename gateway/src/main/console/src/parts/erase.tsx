import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api";
import type { AuditView } from "../types";
import { Failure } from "./badges";

/** Asks whether an audit is to be erased; the id has to be typed, since it cannot be taken back. */
export function EraseDialog({ view, close, done }: { view: AuditView; close: () => void; done: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState("");
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} class="lightbox ask" aria-labelledby="erase-title" onClose={close}>
      <form
        class="lightbox-in"
        onSubmit={(event) => {
          event.preventDefault();
          api
            .erase(view.id)
            .then(() => {
              dialog.current?.close();
              done();
            })
            .catch(setError);
        }}
      >
        <h2 id="erase-title">Erase {view.name || view.id}?</h2>
        <p>
          Its members, candidates, pictures and report are deleted, and the uploads that no other audit uses. What stays is when it was erased and who asked. This cannot be taken back.
        </p>
        <label class="stacked">
          <span>
            Type its id, <code>{view.id}</code>, to go on
          </span>
          <input autocomplete="off" spellcheck={false} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        </label>
        <Failure error={error} />
        <div class="actions">
          <button type="submit" class="danger" disabled={typed.trim() !== view.id}>
            Erase
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Keep it
          </button>
        </div>
      </form>
    </dialog>
  );
}
