import { useEffect, useRef } from "preact/hooks";

/** A button that opens files, or a folder with all that is in it. */
export function FileButton({ label, accept, folder = false, chosen }: { label: string; accept?: string; folder?: boolean; chosen: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (folder && input.current) {
      input.current.webkitdirectory = true;
    }
  }, [folder]);
  return (
    <label class="button file-button">
      {label}
      <input ref={input} class="hidden" type="file" {...(accept ? { accept } : {})} multiple={folder} onChange={(event) => chosen([...(event.currentTarget.files ?? [])])} />
    </label>
  );
}
