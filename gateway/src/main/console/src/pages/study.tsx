import { useEffect, useMemo, useState } from "preact/hooks";
import { api } from "../api";
import { useTitle } from "../hooks";
import { Failure, Grade, StateBadge } from "../parts/badges";
import { FileButton } from "../parts/file-button";
import { FrontierPlot } from "../parts/plot";
import { href } from "../router";
import { type AuditView, ended, STATES } from "../types";
import { percent, plural } from "../words";

/** What the console looks at of a cell in study.json, as `palimpsest study` writes it. */
interface Cell {
  cell: { variant: string; settings: Record<string, string>; spec?: { target?: { train?: { depth?: number | null } | null } } };
  audit: string;
  state: string;
  reason: string;
  accuracy: number | null;
}

interface Study {
  name: string;
  cells: Cell[];
}

const UNSEARCHED = "The attack found nothing to search for: no evidence that nothing can come back.";
const LOOK_AGAIN = 4000;
const SEED = "target.train.seed";

/** Kept while the console is open: the file is not read again by itself. */
let opened: Study | null = null;

function read(text: string): Study {
  const json = JSON.parse(text) as Partial<Study> & { schemaVersion?: number };
  if (json.schemaVersion !== 1 || typeof json.name !== "string" || !Array.isArray(json.cells)) {
    throw new Error("This is no study.json of 'palimpsest study'.");
  }
  return { name: json.name, cells: json.cells };
}

/** As the command line calls a cell: its variant, then what the grid sets. */
function label(cell: Cell): string {
  const settings = Object.entries(cell.cell.settings)
    .filter(([path]) => path !== SEED)
    .map(([path, value]) => `${path.split(".").at(-1) ?? path} ${value}`);
  return [cell.cell.variant, ...settings].filter(Boolean).join(", ") || "as it is";
}

/** The audits of the cells as they are now, by id; null for one that this gateway does not know. */
function useViews(study: Study | null): Map<string, AuditView | null> {
  const [views, setViews] = useState(new Map<string, AuditView | null>());
  useEffect(() => {
    setViews(new Map());
    const open = new Set((study?.cells ?? []).map((cell) => cell.audit).filter(Boolean));
    const controller = new AbortController();
    let timer = 0;
    const look = async (): Promise<void> => {
      for (const id of [...open]) {
        const view = await api.audit(id, controller.signal).catch(() => null);
        if (controller.signal.aborted) {
          return;
        }
        setViews((before) => new Map(before).set(id, view));
        if (!view || ended(view.state)) {
          open.delete(id);
        }
      }
      if (open.size > 0) {
        timer = window.setTimeout(() => void look(), LOOK_AGAIN);
      }
    };
    void look();
    return () => {
      controller.abort();
      window.clearTimeout(timer);
    };
  }, [study]);
  return views;
}

const recovered = (view: AuditView | null | undefined): number | null => (view?.verdict && view.verdict.members > 0 ? (view.verdict.matched["0.9"] ?? 0) / view.verdict.members : null);

/** What looking at members would have kept: the best of all candidates for each. */
const withMembers = (view: AuditView | null | undefined): number | null =>
  view?.verdict?.withMembers && view.verdict.members > 0 ? (view.verdict.withMembers.matched["0.9"] ?? 0) / view.verdict.members : null;

const share = (value: number | null | undefined): string => (value === null || value === undefined ? "–" : percent(value));

/**
 * Whether a grade is the absence of a result: without any candidate not even a control is matched. Not so for a linear head, in which members
 * cannot be told apart by construction.
 */
const unsearched = (cell: Cell, view: AuditView | null | undefined): boolean => (view?.verdict?.nullMaximum ?? 0) < 0 && cell.cell.spec?.target?.train?.depth !== 0;

/** A study of the command line, its audits live. */
export function StudyPage() {
  const [study, setStudy] = useState(opened);
  const [error, setError] = useState<Error | null>(null);
  useTitle(study?.name ?? "Study");
  const views = useViews(study);
  const points = useMemo(
    () =>
      (study?.cells ?? []).flatMap((cell) => {
        const leak = recovered(views.get(cell.audit));
        return leak === null || cell.accuracy === null ? [] : [{ label: label(cell), accuracy: cell.accuracy, leak }];
      }),
    [study, views],
  );
  const choose = (files: File[]): void => {
    void files[0]
      ?.text()
      .then((text) => {
        opened = read(text);
        setStudy(opened);
        setError(null);
      })
      .catch((failure: Error) => setError(failure));
  };
  return (
    <div class="page">
      <div class="head">
        <div>
          <h1>{study?.name ?? "Study"}</h1>
          <p class="sub">{study ? `${plural(study.cells.length, "cell")}; states and grades are live, accuracies are those of the file` : "A grid of settings and defences: leak against accuracy."}</p>
        </div>
        <div class="actions">
          <FileButton label="Open study.json" accept=".json" chosen={choose} />
        </div>
      </div>
      <Failure error={error} />
      {study ? null : (
        <div class="empty card">
          <p>Studies run from the command line, which keeps their results in a folder. Open the study.json in it, while it runs or afterwards; it is not sent anywhere.</p>
          <p>
            <code>palimpsest study study.yaml --out study</code>
          </p>
        </div>
      )}
      {points.length > 0 ? (
        <div class="plots">
          <FrontierPlot points={points} />
        </div>
      ) : null}
      {study ? (
        <div class="scroll">
          <table class="card grid">
            <thead>
              <tr>
                <th scope="col">Cell</th>
                <th scope="col">State</th>
                <th scope="col">Grade</th>
                <th scope="col">Recovered above 0.9</th>
                <th scope="col">With members</th>
                <th scope="col">Right of first 20</th>
                <th scope="col">Held-out accuracy</th>
                <th scope="col">Audit</th>
              </tr>
            </thead>
            <tbody>
              {study.cells.map((cell, i) => (
                <Row key={i} cell={cell} view={views.get(cell.audit)} />
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {study?.cells.some((cell) => withMembers(views.get(cell.audit)) !== null) ? (
        <p class="hint">
          Recovered: chosen without looking at members. With members: the best of all candidates for each, as no attacker can choose. Right of first 20: above 0.9 to a member, as ranked without members.
        </p>
      ) : null}
      {study?.cells.some((cell) => unsearched(cell, views.get(cell.audit))) ? <p class="hint">* {UNSEARCHED}</p> : null}
    </div>
  );
}

function Row({ cell, view }: { cell: Cell; view: AuditView | null | undefined }) {
  const state = view?.state ?? STATES.find((one) => one === cell.state);
  const seed = cell.cell.settings[SEED];
  return (
    <tr>
      <th scope="row" class="break">
        {label(cell)} {seed ? <span class="sub">seed {seed}</span> : null}
      </th>
      <td>
        {state ? <StateBadge state={state} /> : cell.state}
        {cell.reason ? <p class="warn">{cell.reason}</p> : null}
      </td>
      <td>
        <Grade grade={view?.verdict?.grade} /> {unsearched(cell, view) ? <span title={UNSEARCHED}>*</span> : null}
      </td>
      <td>{share(recovered(view))}</td>
      <td>{share(withMembers(view))}</td>
      <td>{share(view?.verdict?.precision?.["20"])}</td>
      <td>{share(cell.accuracy)}</td>
      <td>
        {cell.audit && view !== null ? (
          <a href={href(["audits", cell.audit])}>
            <code title={cell.audit}>{cell.audit.slice(0, 8)}</code>
          </a>
        ) : cell.audit ? (
          <span class="faint">not on this gateway</span>
        ) : (
          "–"
        )}
      </td>
    </tr>
  );
}
