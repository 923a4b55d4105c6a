import { useCallback, useEffect, useRef, useState } from "preact/hooks";

export interface Loaded<T> {
  value: T | null;
  error: Error | null;
  reload: () => void;
}

/**
 * Loads whenever one of the dependencies changes, again after so many milliseconds while the page is visible, and gives up what it was loading
 * when it is no longer wanted. What was loaded stays while something newer is on its way.
 */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, dependencies: unknown[], again = 0): Loaded<T> {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [round, setRound] = useState(0);
  const key = JSON.stringify(dependencies);
  const shown = useRef(key);
  useEffect(() => {
    if (shown.current !== key) {
      shown.current = key;
      setValue(null);
    }
    const controller = new AbortController();
    let timer = 0;
    load(controller.signal)
      .then((result) => {
        setValue(result);
        setError(null);
      })
      .catch((failure: Error) => {
        if (!controller.signal.aborted) {
          setError(failure);
        }
      })
      .finally(() => {
        if (again > 0 && !controller.signal.aborted) {
          timer = window.setTimeout(function tick() {
            if (document.visibilityState === "visible") {
              setRound((n) => n + 1);
            } else {
              timer = window.setTimeout(tick, again);
            }
          }, again);
        }
      });
    return () => {
      controller.abort();
      window.clearTimeout(timer);
    };
  }, [key, round, again]);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  return { value, error, reload };
}

/** The present, once a second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? title + " · Palimpsest" : "Palimpsest";
  }, [title]);
}

/** The value after it has not changed for a while, for what a person types. */
export function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), milliseconds);
    return () => window.clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}
