import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api";
import { useNow, useSettled, useTitle } from "../hooks";
import { Bar, Failure, Grade, Loading, StateBadge } from "../parts/badges";
import { Icon } from "../parts/icon";
import { useWindow } from "../parts/virtual";
import { href, replace, type Route } from "../router";
import { type AuditLine, GRADES, STATES } from "../types";
import { ago, count, plural } from "../words";

const ROW = 60;
const PAGE = 100;

interface Filter {
  state: string;
  grade: string;
  q: string;
}

/** Pages of the list as far as the person has scrolled; the first page is asked for again now and then. */
function useAudits(filter: Filter) {
  const [lines, setLines] = useState<AuditLine[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [total, setTotal] = useState<number | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const busy = useRef(false);
  const pages = useRef(1);
  const key = JSON.stringify(filter);
  useEffect(() => {
    const controller = new AbortController();
    let timer = 0;
    let first = true;
    pages.current = 1;
    const load = (): void => {
      api
        .audits({ ...filter, limit: PAGE }, controller.signal)
        .then((page) => {
          setError(null);
          setTotal(page.total);
          const fresh = first;
          first = false;
          setLines((before) => {
            if (fresh) {
              return page.audits;
            }
            const head = new Set(page.audits.map((line) => line.id));
            return [...page.audits, ...before.filter((line) => !head.has(line.id))];
          });
          if (pages.current === 1) {
            setNext(page.next);
          }
        })
        .catch((failure: Error) => {
          if (!controller.signal.aborted) {
            setError(failure);
          }
        })
        .finally(() => {
          if (!controller.signal.aborted) {
            timer = window.setTimeout(load, 4000);
          }
        });
    };
    load();
    return () => {
      controller.abort();
      window.clearTimeout(timer);
    };
  }, [key]);
  const more = useCallback(() => {
    if (next === null || busy.current) {
      return;
    }
    busy.current = true;
    api
      .audits({ ...filter, limit: PAGE, cursor: next })
      .then((page) => {
        setLines((before) => {
          const known = new Set(before.map((line) => line.id));
          return [...before, ...page.audits.filter((line) => !known.has(line.id))];
        });
        pages.current++;
        setNext(page.next);
      })
      .catch((failure: Error) => setError(failure))
      .finally(() => {
        busy.current = false;
      });
  }, [key, next]);
  return { lines, total, more, error, all: next === null };
}

export function AuditsPage({ route }: { route: Route }) {
  useTitle("Audits");
  const [text, setText] = useState(route.query.get("q") ?? "");
  const q = useSettled(text, 250);
  const state = route.query.get("state") ?? "";
  const grade = route.query.get("grade") ?? "";
  const [marked, setMarked] = useState<string[]>([]);
  const now = useNow();
  const go = (filter: Partial<Filter>): void =>
    replace(
      href(
        ["audits"],
        Object.entries({ state, grade, q, ...filter }).map(([name, value]) => [name, value]),
      ),
    );
  useEffect(() => go({ q }), [q]);
  const { lines, total, more, error, all } = useAudits({ state, grade, q });
  const view = useWindow(lines.length, ROW);
  useEffect(() => {
    if (view.to >= lines.length - 10 && lines.length > 0) {
      more();
    }
  }, [view.to, lines.length, more]);
  const filtered = state !== "" || grade !== "" || q !== "";
  const mark = (id: string): void => setMarked((before) => (before.includes(id) ? before.filter((other) => other !== id) : [...before, id]));

  return (
    <div class="page">
      <div class="head">
        <div>
          <h1>Audits</h1>
          <p class="sub" aria-live="polite">
            {total === null ? " " : filtered ? `${count(lines.length)}${all ? "" : "+"} shown of ${plural(total, "audit")}` : plural(total, "audit")}
          </p>
        </div>
        <div class="actions">
          <button type="button" disabled={marked.length < 2} title="Mark two or more audits" onClick={() => (location.hash = href(["compare"], marked.map((id) => ["audit", id])))}>
            <Icon name="compare" /> Compare{marked.length > 0 ? ` ${marked.length}` : ""}
          </button>
        </div>
      </div>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label class="search">
          <span class="hidden">Name or id contains</span>
          <Icon name="search" />
          <input type="search" placeholder="Name or id" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <label>
          State
          <select value={state} onChange={(event) => go({ state: event.currentTarget.value })}>
            <option value="">all</option>
            {STATES.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <label>
          Grade
          <select value={grade} onChange={(event) => go({ grade: event.currentTarget.value })}>
            <option value="">all</option>
            {GRADES.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        {filtered ? (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              setText("");
              go({ state: "", grade: "", q: "" });
            }}
          >
            Clear
          </button>
        ) : null}
      </form>
      <Failure error={error} />
      {total === null && !error ? <Loading what="audits" /> : null}
      {total === 0 ? (
        <div class="empty card">
          <h2>No audit yet</h2>
          <p>Submit the head that you would like to release, or run the demonstration in a terminal.</p>
          <p>
            <a class="button primary" href="#/submit">
              New audit
            </a>{" "}
            <code>palimpsest demo</code>
          </p>
        </div>
      ) : null}
      {total !== null && total > 0 && lines.length === 0 ? <p class="empty card">No audit fits these filters.</p> : null}
      {lines.length > 0 ? (
        <div class="table audits" role="table" aria-label="Audits, the newest first" aria-rowcount={all ? lines.length + 1 : -1}>
          <div class="row header" role="row">
            <span role="columnheader" class="tick">
              <span class="hidden">Compare</span>
            </span>
            <span role="columnheader">Grade</span>
            <span role="columnheader">Audit</span>
            <span role="columnheader">State</span>
            <span role="columnheader" class="wide">
              Backbone
            </span>
            <span role="columnheader" class="wide">
              Pictures
            </span>
            <span role="columnheader" class="end">
              Requested
            </span>
          </div>
          <div ref={view.box} role="rowgroup" style={{ paddingTop: `${view.above}px`, paddingBottom: `${view.below}px` }}>
            {lines.slice(view.from, view.to).map((line, i) => (
              <Line key={line.id} line={line} index={view.from + i} now={now} marked={marked.includes(line.id)} mark={mark} />
            ))}
          </div>
        </div>
      ) : null}
    </div>
  );
}

function Line({ line, index, now, marked, mark }: { line: AuditLine; index: number; now: number; marked: boolean; mark: (id: string) => void }) {
  return (
    <div class={marked ? "row marked" : "row"} role="row" aria-rowindex={index + 2} style={{ height: `${ROW}px` }}>
      <span role="cell" class="tick">
        <input type="checkbox" aria-label={`Compare ${line.name || line.id}`} checked={marked} onChange={() => mark(line.id)} />
      </span>
      <span role="cell">
        <Grade grade={line.grade} />
      </span>
      <span role="cell" class="name">
        <a href={href(["audits", line.id])} title={line.name}>
          {line.name || (line.state === "erased" ? "(erased)" : "(being read)")}
        </a>
        <code>{line.id}</code>
      </span>
      <span role="cell">
        <StateBadge state={line.state} />
        {line.failures > 0 ? <span class="warn"> {plural(line.failures, "failure")}</span> : null}
      </span>
      <span role="cell" class="wide clip" title={line.backbone}>
        {line.backbone.split("/").at(-1)}
      </span>
      <span role="cell" class="wide">
        {line.expectedPictures > 0 ? (
          <span class="mini">
            <Bar done={line.pictures} total={line.expectedPictures} label="pictures" />
            {line.pictures}/{line.expectedPictures}
          </span>
        ) : (
          <span class="faint">–</span>
        )}
      </span>
      <span role="cell" class="end">
        {line.requested ? (
          <time dateTime={line.requested} title={new Date(line.requested).toLocaleString()}>
            {ago(line.requested, now)}
          </time>
        ) : null}
      </span>
    </div>
  );
}
