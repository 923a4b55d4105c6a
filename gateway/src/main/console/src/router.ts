import { useEffect, useState } from "preact/hooks";

/** Addresses are fragments, as in MLflow: the gateway serves one page, below whatever path a proxy puts it. */
export interface Route {
  /** Segments, e.g. ["audits", "a1b2", "gallery"]. */
  path: string[];
  query: URLSearchParams;
}

export function parse(fragment: string): Route {
  const [path = "", query = ""] = fragment.replace(/^#?\/?/, "").split("?", 2);
  return { path: path.split("/").filter(Boolean).map(decode), query: new URLSearchParams(query) };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export function href(path: string[], query?: [string, string][]): string {
  const parameters = new URLSearchParams(query?.filter(([, value]) => value !== "") ?? []).toString();
  return "#/" + path.map(encodeURIComponent).join("/") + (parameters ? "?" + parameters : "");
}

/** Goes there without a new entry in the history, for filters. */
export function replace(to: string): void {
  if (to !== location.hash) {
    history.replaceState(null, "", to);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  }
}

export function useRoute(): Route {
  const [fragment, setFragment] = useState(location.hash);
  useEffect(() => {
    const changed = (): void => setFragment(location.hash);
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  return parse(fragment);
}
