import { useCallback, useEffect, useState } from "preact/hooks";
import { api, thumbnail } from "../api";
import { say } from "./toasts";

/** What was revealed on this page, by audit; forgotten when the page is left. */
const revealed = new Map<string, Set<string>>();
const listeners = new Set<() => void>();
const changed = (): void => listeners.forEach((listener) => listener());

/** Which pictures of audits may be seen, and how to reveal more: the gateway records it first. */
export function useReveal(): { seen: (audit: string, item: string) => boolean; reveal: (audit: string, items: string[]) => Promise<void>; hide: (audit: string) => void } {
  const [, setRound] = useState(0);
  useEffect(() => {
    const again = (): void => setRound((n) => n + 1);
    listeners.add(again);
    return () => {
      listeners.delete(again);
    };
  }, []);
  const seen = useCallback((audit: string, item: string) => revealed.get(audit)?.has(item) ?? false, []);
  const reveal = useCallback(async (audit: string, items: string[]) => {
    const fresh = items.filter((item) => !revealed.get(audit)?.has(item));
    try {
      for (let from = 0; from < fresh.length; from += 500) {
        const part = fresh.slice(from, from + 500);
        await api.reveal(audit, part);
        revealed.set(audit, new Set([...(revealed.get(audit) ?? []), ...part]));
      }
      changed();
    } catch (error) {
      say("Not revealed, because it could not be recorded: " + (error as Error).message, true);
    }
  }, []);
  const hide = useCallback((audit: string) => {
    revealed.delete(audit);
    changed();
  }, []);
  return { seen, reveal, hide };
}

/** A picture under its veil. */
export function Picture({ href, width, alt, open, caption, none }: { href: string | null; width: number; alt: string; open: boolean; caption?: string; none?: string }) {
  return (
    <span class="half">
      {href ? (
        <span class={open ? "frame" : "frame veiled"}>
          <img src={thumbnail(href, width)} alt={open ? alt : alt + ", hidden"} loading="lazy" decoding="async" width={width} height={width} />
        </span>
      ) : (
        <span class="frame absent">{none ?? "no picture"}</span>
      )}
      {caption ? <span class="caption">{caption}</span> : null}
    </span>
  );
}
