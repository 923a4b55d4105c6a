import { type AuditPage, type AuditView, type BackboneLine, type Comparison, type Curve, type DeadLetter, ended, type GalleryPage, type LetterPage, type Lint, type Plots, type Ref, type Stage } from "./types";

const BASE = "/api/v1";
/** Forged requests of other pages cannot carry it: it makes a browser ask first, and the gateway never agrees. */
const OWN = { "X-Palimpsest-Console": "1" };

/** A refusal of the gateway (RFC 9457), or its silence. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

type Listener = () => void;
let signedOut: Listener = () => {};

/** Called when the gateway wants to know who asks. */
export function onSignedOut(listener: Listener): void {
  signedOut = listener;
}

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(BASE + path, { ...init, headers: { ...OWN, ...init.headers } });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") {
      throw error;
    }
    throw new Refused(0, "UNREACHABLE", "The gateway does not answer. Nothing stored is lost; this page tries again.");
  }
  if (response.ok) {
    return response;
  }
  if (response.status === 401) {
    signedOut();
  }
  throw await refusal(response);
}

async function refusal(response: Response): Promise<Refused> {
  const said = await response.text();
  try {
    const problem = JSON.parse(said) as { code?: string; detail?: string; title?: string };
    return new Refused(response.status, problem.code ?? "", problem.detail ?? problem.title ?? response.statusText);
  } catch {
    return new Refused(response.status, "", `${response.status} ${response.statusText}`);
  }
}

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await send(path, signal ? { signal } : {})).json() as Promise<T>;
}

async function post<T>(path: string, body?: unknown, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<T> {
  const response = await send(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: body === undefined ? null : JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
  return (response.status === 204 ? undefined : await response.json()) as T;
}

function query(values: Record<string, string | number | boolean | null | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== "") {
      parameters.set(name, String(value));
    }
  }
  const text = parameters.toString();
  return text ? "?" + text : "";
}

const audit = (id: string): string => "/audits/" + encodeURIComponent(id);

export const api = {
  signIn: (token: string): Promise<void> =>
    send("/session", { method: "POST", headers: { Authorization: "Bearer " + token } }).then(() => undefined),
  signOut: (): Promise<void> => send("/session", { method: "DELETE" }).then(() => undefined),

  audits: (filter: { cursor?: string | null; limit?: number; state?: string; grade?: string; q?: string }, signal?: AbortSignal): Promise<AuditPage> =>
    get("/audits" + query(filter), signal),
  audit: (id: string, signal?: AbortSignal): Promise<AuditView> => get(audit(id), signal),
  curves: (id: string, signal?: AbortSignal): Promise<Curve[]> => get(audit(id) + "/curves", signal),
  plots: (id: string, signal?: AbortSignal): Promise<Plots> => get(audit(id) + "/plots", signal),
  ask: (id: string, what: "cancel" | "pause" | "resume" | "retry", from?: Stage): Promise<{ id: string; units: number }> =>
    post(audit(id) + ":" + what + query({ from })),
  reveal: (id: string, items: string[]): Promise<void> => post(audit(id) + "/reveals", { items }),
  gallery: (id: string, page: { cursor?: string | null; limit?: number; sort: string; pictures: boolean }, signal?: AbortSignal): Promise<GalleryPage> =>
    get(audit(id) + "/gallery" + query(page), signal),
  erase: (id: string): Promise<void> => post(audit(id) + ":erase"),
  compare: (ids: string[], signal?: AbortSignal): Promise<Comparison> =>
    get("/compare?" + new URLSearchParams(ids.map((id) => ["audit", id])).toString(), signal),

  backbones: (signal?: AbortSignal): Promise<BackboneLine[]> =>
    get<{ backbones: BackboneLine[] }>("/backbones", signal).then((list) => list.backbones),

  letters: (filter: { cursor?: string | null; limit?: number; audit?: string; stage?: string; state?: string }, signal?: AbortSignal): Promise<LetterPage> =>
    get("/dead-letters" + query(filter), signal),
  letter: (id: string): Promise<{ letter: DeadLetter; payload: string }> => get("/dead-letters/" + encodeURIComponent(id)),
  decide: (id: string, what: "replay" | "drop"): Promise<DeadLetter> => post("/dead-letters/" + encodeURIComponent(id) + ":" + what),

  lint: (spec: string, signal?: AbortSignal): Promise<Lint> => post("/specs:lint", { spec }, {}, signal),
  submit: (submission: object, key: string): Promise<{ id: string }> => post("/audits", submission, { "Idempotency-Key": key }),

  /** Uploads what is not there yet; returns its reference. */
  upload: async (area: string, content: Blob, sha256: string): Promise<Ref> => {
    const path = `/uploads/${area}/${sha256}`;
    try {
      await send(path, { method: "HEAD" });
      return { key: `${area}/sha256/${sha256}`, sha256, bytes: content.size };
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 404) {
        throw error;
      }
    }
    const response = await send(path, { method: "PUT", headers: { "Content-Type": "application/octet-stream" }, body: content });
    return response.json() as Promise<Ref>;
  },

  /** Follows an audit until it has ended or the returned function is called; the browser connects again by itself. */
  follow: (id: string, seen: (view: AuditView) => void, connected: (is: boolean) => void): (() => void) => {
    const source = new EventSource(BASE + audit(id) + "/events");
    source.onopen = () => connected(true);
    source.onerror = () => connected(false);
    source.addEventListener("audit", (event) => {
      const view = JSON.parse((event as MessageEvent<string>).data) as AuditView;
      seen(view);
      if (ended(view.state)) {
        source.close();
      }
    });
    return () => source.close();
  },

  reportHref: (id: string): string => BASE + audit(id) + "/report",
};

/** Where a picture can be had, made small by the gateway; in a list as a JPEG, which has a tenth of the bytes. */
export const thumbnail = (href: string, width: number): string => `${href}?width=${width}${width <= 256 ? "&format=jpeg" : ""}`;
