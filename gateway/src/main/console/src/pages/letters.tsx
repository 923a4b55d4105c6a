import { useState } from "preact/hooks";
import { api } from "../api";
import { useLoad, useNow, useTitle } from "../hooks";
import { Failure, Loading } from "../parts/badges";
import { Icon } from "../parts/icon";
import { say } from "../parts/toasts";
import { href, replace, type Route } from "../router";
import { type DeadLetter, STAGES } from "../types";
import { ago, bytes, plural } from "../words";

export function LettersPage({ route }: { route: Route }) {
  useTitle("Dead letters");
  const stage = route.query.get("stage") ?? "";
  const state = route.query.get("state") ?? "open";
  const audit = route.query.get("audit") ?? "";
  const [limit, setLimit] = useState(50);
  const page = useLoad((signal) => api.letters({ stage, state: state === "all" ? "" : state, audit, limit }, signal), [stage, state, audit, limit], 5000);
  const now = useNow();
  const go = (changes: Record<string, string>): void => replace(href(["dead-letters"], Object.entries({ stage, state, audit, ...changes })));
  const decide = (letter: DeadLetter, what: "replay" | "drop"): void => {
    if (what === "drop" && !window.confirm("Give this record up? Its audit stays without it.")) {
      return;
    }
    api
      .decide(letter.id, what)
      .then(() => say(what === "replay" ? "Sent to its stage again" : "Given up"))
      .catch((failure: Error) => say(failure.message, true))
      .finally(page.reload);
  };
  return (
    <div class="page">
      <div class="head">
        <div>
          <h1>Dead letters</h1>
          <p class="sub" aria-live="polite">
            Records that a stage could not handle{page.value ? `: ${page.value.total}` : ""}
          </p>
        </div>
      </div>
      <div class="filters">
        <label>
          Stage
          <select value={stage} onChange={(event) => go({ stage: event.currentTarget.value })}>
            <option value="">all</option>
            {STAGES.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <label>
          State
          <select value={state} onChange={(event) => go({ state: event.currentTarget.value })}>
            {["open", "replayed", "dropped", "all"].map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        {audit ? (
          <span>
            of audit <code>{audit}</code>{" "}
            <button type="button" class="link" onClick={() => go({ audit: "" })}>
              all audits
            </button>
          </span>
        ) : null}
      </div>
      <Failure error={page.error} />
      {!page.value && !page.error ? <Loading what="dead letters" /> : null}
      {page.value?.letters.length === 0 ? <p class="empty card">Nothing here: every record found its way.</p> : null}
      {page.value?.letters.map((letter) => (
        <article class="card letter" key={letter.id}>
          <div class="section-head">
            <h2>
              <span class="badge leak">{letter.code}</span> {letter.stage}{" "}
              <span class="sub">
                {letter.unit ?? "not decodable"} · {plural(letter.attempt, "attempt")} · {bytes(letter.bytes)} · {ago(letter.time, now)}
              </span>
            </h2>
            <div class="actions">
              {letter.state === "open" ? (
                <>
                  <button type="button" onClick={() => decide(letter, "replay")}>
                    <Icon name="retry" /> Replay
                  </button>
                  <button type="button" class="danger" onClick={() => decide(letter, "drop")}>
                    Drop
                  </button>
                </>
              ) : (
                <span class="badge chance">{letter.state}</span>
              )}
            </div>
          </div>
          <p class="break">{letter.reason}</p>
          <p class="sub">
            {letter.audit ? (
              <>
                audit <a href={href(["audits", letter.audit])}>{letter.audit}</a> ·{" "}
              </>
            ) : null}
            <code>
              {letter.topic}-{letter.partition}@{letter.offset}
            </code>
          </p>
          <Payload id={letter.id} />
        </article>
      ))}
      {page.value?.next ? (
        <button type="button" onClick={() => setLimit(200)}>
          More
        </button>
      ) : null}
    </div>
  );
}

function Payload({ id }: { id: string }) {
  const [content, setContent] = useState<string | null>(null);
  return (
    <details
      onToggle={(event) => {
        if (event.currentTarget.open && content === null) {
          api
            .letter(id)
            .then((letter) => setContent(letter.payload))
            .catch((failure: Error) => setContent(failure.message));
        }
      }}
    >
      <summary>What it holds</summary>
      <pre tabIndex={0}>{content ?? "Loading …"}</pre>
    </details>
  );
}
