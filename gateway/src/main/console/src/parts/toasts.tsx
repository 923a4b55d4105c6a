import { useEffect, useState } from "preact/hooks";

interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

let listener: (toast: Toast) => void = () => {};
let next = 0;

/** Says something in the corner, and to screen readers. */
export function say(text: string, bad = false): void {
  listener({ id: next++, text, bad });
}

export function Toasts() {
  const [toasts, setToasts] = useState<Toast[]>([]);
  useEffect(() => {
    listener = (toast) => {
      setToasts((all) => [...all.slice(-3), toast]);
      window.setTimeout(() => setToasts((all) => all.filter((other) => other.id !== toast.id)), toast.bad ? 12_000 : 5000);
    };
    return () => {
      listener = () => {};
    };
  }, []);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.map((toast) => (
        <p key={toast.id} class={toast.bad ? "toast bad" : "toast"}>
          {toast.text}
        </p>
      ))}
    </div>
  );
}
