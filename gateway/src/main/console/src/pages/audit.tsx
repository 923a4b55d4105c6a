import { useEffect, useMemo, useState } from "preact/hooks";
import { api } from "../api";
import { useLoad, useNow, useTitle } from "../hooks";
import { Bar, Failure, Grade, Loading, StateBadge } from "../parts/badges";
import { AuditHead } from "../parts/audit-head";
import { Icon, type IconName } from "../parts/icon";
import { CosinePlot, CurvePlot, SharePlot } from "../parts/plot";
import { say } from "../parts/toasts";
import { Picture, useReveal } from "../parts/veil";
import { href } from "../router";
import { type AuditView, type Curve, ended, type Piece, type Plots, type Stage, type StageView } from "../types";
import { ago, cosine, duration, figure, percent, plural } from "../words";

/** One audit, live. */
export function AuditPage({ id }: { id: string }) {
  const [view, setView] = useState<AuditView | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [connected, setConnected] = useState(true);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let stop = (): void => {};
    let gone = false;
    api
      .audit(id)
      .then((first) => {
        setView(first);
        if (!gone && !ended(first.state)) {
          stop = api.follow(id, setView, setConnected);
        }
      })
      .catch((failure: Error) => setError(failure));
    return () => {
      gone = true;
      stop();
    };
  }, [id, round]);
  useTitle(view?.name ?? id);
  const live = view !== null && !ended(view.state);
  const curves = useLoad((signal) => api.curves(id, signal), [id, view?.state], live ? 3000 : 0);
  const plots = useLoad((signal) => (view?.verdict ? api.plots(id, signal) : Promise.resolve(null)), [id, view?.verdict?.grade, view?.state]);
  const letters = useLoad((signal) => api.letters({ audit: id, state: "open", limit: 1 }, signal), [id, view?.failures.length ?? 0]);
  if (!view) {
    return (
      <div class="page">
        {error ? <Failure error={error} /> : <Loading what="the audit" />}
      </div>
    );
  }
  const ask = (what: "cancel" | "pause" | "resume" | "retry", from?: Stage): void => {
    if (what === "cancel" && !window.confirm("Cancel this audit? What was computed is kept, and it can be retried.")) {
      return;
    }
    api
      .ask(id, what, from)
      .then((answer) => {
        say(SAID[what] + (answer.units > 0 ? `: ${plural(answer.units, "unit")} go on` : ""));
        setRound((n) => n + 1);
      })
      .catch((failure: Error) => say(failure.message, true));
  };
  if (view.erasure) {
    return <Erased view={view} />;
  }
  return (
    <div class="page">
      <AuditHead
        view={view}
        tab="overview"
        ask={ask}
        erased={() => {
          say("Erased");
          setRound((n) => n + 1);
        }}
      />
      {!connected ? <p class="notice">The connection is interrupted; what you see may be old. Trying again.</p> : null}
      {view.waits.map((wait) => (
        <p class="notice" key={wait}>
          {wait}
        </p>
      ))}
      <Verdict view={view} />
      <Timeline view={view} retry={(stage) => ask("retry", stage)} />
      {view.failures.length > 0 ? (
        <section class="card failures" aria-label="What failed">
          <h2>What failed</h2>
          <ul>
            {view.failures.map((failure) => (
              <li key={failure}>{failure}</li>
            ))}
          </ul>
          {letters.value && letters.value.total > 0 ? (
            <p>
              <a href={href(["dead-letters"], [["audit", id]])}>{plural(letters.value.total, "open dead letter")} of this audit</a>
            </p>
          ) : null}
        </section>
      ) : null}
      <Newest view={view} />
      {plots.value && plots.value.members.length > 0 ? <Cosines plots={plots.value} /> : null}
      <Curves curves={curves.value ?? []} />
    </div>
  );
}

/** What is left of an audit that was erased. */
function Erased({ view }: { view: AuditView }) {
  return (
    <div class="page">
      <nav class="crumbs" aria-label="Where this is">
        <a href="#/audits">Audits</a> <span aria-hidden="true">/</span> <code>{view.id}</code>
      </nav>
      <div class="title">
        <h1>{view.id}</h1>
        <StateBadge state={view.state} />
      </div>
      <section class="card">
        <p>Nothing of this audit is left: its members, candidates, pictures and report were deleted.</p>
        <dl class="facts">
          <dt>erased</dt>
          <dd>{view.erasure ? new Date(view.erasure.when).toLocaleString() : ""}</dd>
          <dt>by</dt>
          <dd>{view.erasure?.by}</dd>
          <dt>requested</dt>
          <dd>{view.requested ? new Date(view.requested).toLocaleString() : "not known any more"}</dd>
        </dl>
      </section>
    </div>
  );
}

const SAID = {
  cancel: "Cancelled; every stage stops within one unit",
  pause: "Paused; every stage stops within one unit",
  resume: "Resumed",
  retry: "Trying again",
} as const;

function Verdict({ view }: { view: AuditView }) {
  const verdict = view.verdict;
  if (!verdict) {
    return null;
  }
  const recovered = verdict.matched["0.9"] ?? 0;
  return (
    <section class="verdict card" aria-label="Verdict">
      <Grade grade={verdict.grade} large />
      <div class="verdict-text">
        <p class="headline">
          <strong>{recovered}</strong> of {plural(verdict.members, "member")} came back above cosine 0.9, <strong>{verdict.matched["0.75"] ?? 0}</strong> above 0.75
        </p>
        <p class="sub">{verdict.rule}</p>
      </div>
      <dl class="figures">
        <div>
          <dt>recoverable at 0.9</dt>
          <dd>{verdict.recoverable["0.9"] ?? "–"}</dd>
        </div>
        <div>
          <dt>best control</dt>
          <dd>{verdict.nullMaximum > -1 ? cosine(verdict.nullMaximum) : "\u2013"}</dd>
        </div>
        <div>
          <dt>found at 1 % FPR</dt>
          <dd>{percent(verdict.tprAtFpr1)}</dd>
        </div>
        <div>
          <dt>AUC</dt>
          <dd>{cosine(verdict.auc)}</dd>
        </div>
      </dl>
    </section>
  );
}

const STAGE_SAYS: Record<Stage, string> = {
  embed: "samples become embeddings",
  reconstruct: "weights become candidates",
  select: "candidates are ranked",
  invert: "embeddings become pictures",
};
const STAGE_ICONS: Record<StageView["state"], IconName> = { waiting: "wait", running: "play", done: "check", failed: "cross" };

function Timeline({ view, retry }: { view: AuditView; retry: (stage: Stage) => void }) {
  const now = useNow();
  const retriable = view.state === "failed" || view.state === "cancelled" || view.failures.length > 0;
  return (
    <section aria-label="Stages">
      <div class="section-head">
        <h2>Stages</h2>
        {view.requested ? (
          <p class="sub">
            {ended(view.state) && view.updated
              ? `took ${duration(Date.parse(view.updated) - Date.parse(view.requested))}`
              : `requested ${ago(view.requested, now)}${view.updated ? `, last news ${ago(view.updated, now)}` : ""}`}
          </p>
        ) : null}
      </div>
      <ol class="timeline">
        {view.stages.map((stage) => {
          const open = stage.state !== "done";
          return (
            <li key={stage.stage} class={`stage card stage-${stage.state}`}>
              <h3>
                <span class="dot">
                  <Icon name={STAGE_ICONS[stage.state]} />
                </span>
                {stage.stage} <span class="stage-state">{stage.state}</span>
              </h3>
              <p class="sub">{STAGE_SAYS[stage.stage]}</p>
              {stage.stage === "invert" && view.expectedPictures > 0 ? (
                <p class="so-far">
                  {view.pictures.length} of {plural(view.expectedPictures, "picture")} finished
                </p>
              ) : null}
              <Pieces pieces={stage.pieces} />
              {retriable && open ? (
                <button type="button" class="small" onClick={() => retry(stage.stage)}>
                  <Icon name="retry" /> Retry from here
                </button>
              ) : null}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** Those that run, then the newest others. */
function Pieces({ pieces }: { pieces: Piece[] }) {
  const [all, setAll] = useState(false);
  const weight = (piece: Piece): number => (piece.state === "failed" ? 0 : piece.state === "running" ? 1 : 2);
  const sorted = [...pieces].reverse().sort((a, b) => weight(a) - weight(b));
  const shown = all ? sorted : sorted.slice(0, 4);
  return (
    <>
      <ul class="pieces">
        {shown.map((piece) => {
          const attempt = piece.figures.attempt ?? 1;
          const said = Object.entries(piece.figures).filter(([name]) => name !== "attempt");
          return (
            <li key={piece.piece} class={`piece-${piece.state}`}>
              <div class="piece-line">
                <span class="clip" title={piece.piece}>
                  {piece.piece}
                </span>
                <span class="numbers">
                  {piece.done}/{piece.total} {piece.noun}
                </span>
              </div>
              <Bar done={piece.done} total={piece.total} label={piece.piece} tone={piece.state} />
              <p class="piece-text">
                {attempt > 1 ? <strong>attempt {attempt} · </strong> : null}
                {said
                  .slice(0, 3)
                  .map(([name, value]) => `${name} ${figure(value)}`)
                  .join(" · ") || (piece.state === "failed" ? "" : piece.text)}
              </p>
              {piece.state === "failed" ? <p class="warn">{piece.text}</p> : null}
            </li>
          );
        })}
      </ul>
      {sorted.length > 4 ? (
        <button type="button" class="link" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "fewer" : `all ${sorted.length} pieces`}
        </button>
      ) : null}
    </>
  );
}

function Newest({ view }: { view: AuditView }) {
  const { seen, reveal } = useReveal();
  const running = view.stages[3]?.pieces.filter((piece) => piece.preview && piece.state === "running") ?? [];
  const pictures = view.pictures.slice(0, 8);
  if (pictures.length === 0 && running.length === 0) {
    return null;
  }
  const items = [...pictures.map((picture) => picture.item), ...running.map((piece) => piece.piece)];
  const open = items.length > 0 && items.every((item) => seen(view.id, item));
  return (
    <section aria-label="Pictures">
      <div class="section-head">
        <h2>Recovered so far</h2>
        <div class="actions">
          {!open ? (
            <button type="button" onClick={() => void reveal(view.id, items)}>
              <Icon name="eye" /> Reveal
            </button>
          ) : null}
          <a class="button" href={href(["audits", view.id, "gallery"])}>
            <Icon name="gallery" /> Gallery
          </a>
        </div>
      </div>
      <ul class="strip">
        {running.map((piece) => (
          <li key={piece.piece} class="card">
            <Picture href={`/api/v1/audits/${view.id}/pictures/${encodeURIComponent(piece.piece)}`} width={192} alt={`Preview of ${piece.piece} after ${piece.done} steps`} open={seen(view.id, piece.piece)} />
            <p>
              <strong>{piece.piece}</strong>{" "}
              <span class="sub">
                {piece.done}/{piece.total} {piece.noun}
              </span>
            </p>
          </li>
        ))}
        {pictures.map((picture) => (
          <li key={picture.item} class="card">
            <Picture href={picture.href} width={192} alt={`Picture ${picture.item}`} open={seen(view.id, picture.item)} />
            <p>
              <strong>{picture.nearestCosine === null ? cosine(picture.cosine) : cosine(picture.nearestCosine)}</strong>{" "}
              <span class="sub clip" title={picture.nearest ?? undefined}>
                {picture.nearest ?? "cosine of the picture"}
              </span>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Cosines({ plots }: { plots: Plots }) {
  const lines = useMemo(
    () =>
      [
        { label: "members recovered", at: plots.thresholds, shares: plots.recovered, hue: 0 },
        { label: "recoverable at most", at: plots.thresholds, shares: plots.recoverable, hue: 2, dash: [6, 4] },
        { label: "controls (chance)", at: plots.thresholds, shares: plots.chance, hue: 1, dash: [2, 3] },
      ].filter((line) => line.shares.length > 0),
    [plots],
  );
  return (
    <section aria-label="Members against controls">
      <h2>Members against controls</h2>
      <p class="sub">Apart means a leak; on top of each other means chance.</p>
      <div class="plots">
        <CosinePlot plots={plots} />
        <SharePlot title="Share recovered at or above a cosine" lines={lines} />
      </div>
    </section>
  );
}

function Curves({ curves }: { curves: Curve[] }) {
  const plots = useMemo(() => {
    const groups = new Map<string, Curve[]>();
    for (const curve of curves) {
      const key = `${curve.stage}: ${curve.figure}`;
      groups.set(key, [...(groups.get(key) ?? []), curve]);
    }
    return [...groups];
  }, [curves]);
  if (plots.length === 0) {
    return null;
  }
  return (
    <section aria-label="Curves">
      <h2>Curves</h2>
      <div class="plots">
        {plots.map(([title, group]) => (
          <CurvePlot key={title} title={title} curves={group} />
        ))}
      </div>
    </section>
  );
}
