import { useState } from "preact/hooks";
import { api } from "../api";
import { href } from "../router";
import { type AuditView, ended, type Stage } from "../types";
import { StateBadge } from "./badges";
import { EraseDialog } from "./erase";
import { Icon } from "./icon";

/** Name, state, what can be asked of it, and the tabs. */
export function AuditHead({ view, tab, ask, erased }: { view: AuditView; tab: "overview" | "gallery"; ask?: (what: "cancel" | "pause" | "resume" | "retry", from?: Stage) => void; erased?: () => void }) {
  const [erasing, setErasing] = useState(false);
  const retriable = view.state === "failed" || view.state === "cancelled" || (view.state === "done" && view.failures.length > 0);
  return (
    <>
      <nav class="crumbs" aria-label="Where this is">
        <a href="#/audits">Audits</a> <span aria-hidden="true">/</span> <code>{view.id}</code>
      </nav>
      <div class="head">
        <div class="title">
          <h1>{view.name || view.id}</h1>
          <StateBadge state={view.state} />
        </div>
        <div class="actions">
          {ask && view.state === "paused" ? (
            <button type="button" onClick={() => ask("resume")}>
              <Icon name="play" /> Resume
            </button>
          ) : null}
          {ask && !ended(view.state) && view.state !== "paused" ? (
            <button type="button" onClick={() => ask("pause")}>
              <Icon name="pause" /> Pause
            </button>
          ) : null}
          {ask && retriable ? (
            <button type="button" onClick={() => ask("retry")}>
              <Icon name="retry" /> Retry
            </button>
          ) : null}
          {ask && !ended(view.state) ? (
            <button type="button" class="danger" onClick={() => ask("cancel")}>
              <Icon name="stop" /> Cancel
            </button>
          ) : null}
          {erased && ended(view.state) ? (
            <button type="button" class="danger" onClick={() => setErasing(true)}>
              <Icon name="close" /> Erase
            </button>
          ) : null}
          <a class="button" href={href(["compare"], [["audit", view.id]])}>
            <Icon name="compare" /> Compare
          </a>
          <a class="button primary" href={api.reportHref(view.id)} target="_blank" rel="noopener">
            <Icon name="report" /> Report
          </a>
        </div>
      </div>
      {erasing && erased ? <EraseDialog view={view} close={() => setErasing(false)} done={erased} /> : null}
      <nav class="tabs" aria-label="Views of this audit">
        <a href={href(["audits", view.id])} aria-current={tab === "overview" ? "page" : undefined}>
          Overview
        </a>
        <a href={href(["audits", view.id, "gallery"])} aria-current={tab === "gallery" ? "page" : undefined}>
          Gallery
        </a>
      </nav>
    </>
  );
}
