import { useMemo, useState } from "preact/hooks";
import { api } from "../api";
import { useLoad, useSettled, useTitle } from "../hooks";
import { Failure, Grade, Loading, StateBadge } from "../parts/badges";
import { Icon } from "../parts/icon";
import { SharePlot } from "../parts/plot";
import { Picture, useReveal } from "../parts/veil";
import { href, type Route } from "../router";
import type { Comparison, Difference } from "../types";
import { cosine } from "../words";

export function ComparePage({ route }: { route: Route }) {
  useTitle("Compare");
  const ids = route.query.getAll("audit");
  return (
    <div class="page">
      <div class="head">
        <div>
          <h1>Compare</h1>
          <p class="sub">The first audit is what the others are compared with.</p>
        </div>
      </div>
      <Chooser ids={ids} />
      {ids.length > 1 ? <Compared ids={ids} /> : <p class="empty card">Choose two audits or more.</p>}
    </div>
  );
}

const to = (ids: string[]): string => href(["compare"], ids.map((id) => ["audit", id]));

function Chooser({ ids }: { ids: string[] }) {
  const [text, setText] = useState("");
  const q = useSettled(text, 200);
  const found = useLoad((signal) => api.audits({ q, limit: 20 }, signal), [q]);
  return (
    <div class="filters">
      <label class="search">
        <span class="hidden">Find an audit by name or id</span>
        <Icon name="search" />
        <input type="search" placeholder="Find an audit" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <label>
        Add
        <select
          value=""
          onChange={(event) => {
            if (event.currentTarget.value) {
              location.hash = to([...ids, event.currentTarget.value]);
            }
          }}
        >
          <option value="">an audit …</option>
          {found.value?.audits
            .filter((line) => !ids.includes(line.id))
            .map((line) => (
              <option key={line.id} value={line.id}>
                {line.name} ({line.id.slice(0, 8)}, {line.grade ?? line.state})
              </option>
            ))}
        </select>
      </label>
      <Failure error={found.error} />
    </div>
  );
}

function Compared({ ids }: { ids: string[] }) {
  const loaded = useLoad((signal) => api.compare(ids, signal), ids);
  const comparison = loaded.value;
  if (!comparison) {
    return loaded.error ? <Failure error={loaded.error} /> : <Loading what="the comparison" />;
  }
  return (
    <>
      <div class="scroll">
        <table class="card grid">
          <thead>
            <tr>
              <td />
              {comparison.audits.map((side) => (
                <th scope="col" key={side.id}>
                  <Grade grade={side.grade} /> <a href={href(["audits", side.id])}>{side.name}</a>
                  <br />
                  <span class="sub">{[side.backbone, side.dataset].filter(Boolean).join(" \u00b7 ")}</span>
                  <br />
                  <code>{side.id}</code> <StateBadge state={side.state} />{" "}
                  <a class="quiet" href={to(ids.filter((id) => id !== side.id))} aria-label={`Leave ${side.name} out`}>
                    <Icon name="close" />
                  </a>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {comparison.measures.map((measure) => (
              <tr key={measure.name}>
                <th scope="row">{measure.name}</th>
                {measure.values.map((value, i) => (
                  <td key={i}>
                    <span class="value">{value === null ? "–" : cosine(value)}</span>
                    <Delta difference={measure.differences[i] ?? null} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <section>
        <h2>What was different</h2>
        {comparison.spec.length === 0 ? <p class="sub">Nothing: the same spec, head and backbone.</p> : null}
        {comparison.spec.length > 0 ? (
          <div class="scroll">
            <table class="card grid">
              <tbody>
                {comparison.spec.map((line) => (
                  <tr key={line.path}>
                    <th scope="row">
                      <code>{line.path}</code>
                    </th>
                    {line.values.map((value, i) => (
                      <td key={i} class="break">
                        {value === null ? <span class="faint">absent</span> : <Value text={value} />}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ) : null}
      </section>
      <Recovery comparison={comparison} />
      <Galleries comparison={comparison} />
    </>
  );
}

/** A digest says by its beginning whether it is the same; the whole is a hover away. */
function Value({ text }: { text: string }) {
  return text.startsWith("sha256:") ? <code title={text}>{text.slice(0, 19)}…</code> : <>{text}</>;
}

/** How many members came back how closely, one line an audit. */
function Recovery({ comparison }: { comparison: Comparison }) {
  const lines = useMemo(() => {
    const at = Array.from({ length: 101 }, (_, i) => i / 100);
    return comparison.audits
      .filter((side) => side.cosines.length > 0)
      .map((side, hue) => ({ label: side.name, at, shares: at.map((cosine) => side.cosines.filter((value) => value >= cosine).length / side.cosines.length), hue }));
  }, [comparison]);
  return lines.length > 1 ? (
    <section>
      <div class="plots">
        <SharePlot title="Share of members recovered at or above a cosine" lines={lines} />
      </div>
    </section>
  ) : null;
}

/** A difference with its 95 % interval, as a small forest plot from -1 to 1. */
function Delta({ difference }: { difference: Difference | null }) {
  if (!difference) {
    return null;
  }
  const clear = difference.low > 0 || difference.high < 0;
  const place = (value: number): string => `${50 + 50 * Math.max(-1, Math.min(1, value))}%`;
  const signed = (value: number): string => (value > 0 ? "+" : "") + value.toFixed(3);
  return (
    <div class={clear ? "delta clear" : "delta"} title={clear ? "more than chance" : "chance may be all of it"}>
      <span>
        {signed(difference.value)} <span class="sub">[{signed(difference.low)}, {signed(difference.high)}]</span>
      </span>
      <span class="forest" aria-hidden="true">
        <i style={{ left: place(difference.low), right: `calc(100% - ${place(difference.high)})` }} />
        <b style={{ left: place(difference.value) }} />
      </span>
    </div>
  );
}

/** The member that a row is about; it was recorded with the first picture that is revealed beside it. */
function Original({ row, audits, seen }: { row: Comparison["gallery"][number]; audits: string[]; seen: (audit: string, item: string) => boolean }) {
  const side = row.tiles.findIndex((tile) => tile?.nearest?.image);
  const tile = row.tiles[side];
  return tile?.nearest?.image ? <Picture href={tile.nearest.image} width={128} alt={`Original ${row.name}`} open={row.tiles.some((one, i) => one && seen(audits[i] ?? "", one.id))} /> : null;
}

function Galleries({ comparison }: { comparison: Comparison }) {
  const { seen, reveal } = useReveal();
  const [most, setMost] = useState(20);
  const rows = comparison.gallery.filter((row) => row.tiles.some((tile) => tile?.picture));
  if (rows.length === 0) {
    return null;
  }
  const shown = rows.slice(0, most);
  const items = (side: number): string[] => shown.map((row) => row.tiles[side]).filter((tile) => tile?.picture).map((tile) => tile?.id ?? "");
  const open = comparison.audits.every((side, i) => items(i).every((item) => seen(side.id, item)));
  return (
    <section>
      <div class="section-head">
        <h2>Side by side</h2>
        {open ? null : (
          <button type="button" onClick={() => comparison.audits.forEach((side, i) => void (items(i).length > 0 ? reveal(side.id, items(i)) : undefined))}>
            <Icon name="eye" /> Reveal
          </button>
        )}
      </div>
      <div class="scroll">
        <table class="card grid pictures">
          <thead>
            <tr>
              <th scope="col">in the training set</th>
              {comparison.audits.map((side) => (
                <th scope="col" key={side.id}>
                  {side.name}
                  <br />
                  <span class="sub">{[side.backbone, side.dataset].filter(Boolean).join(" \u00b7 ")}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.name}>
                <th scope="row" class="break">
                  <Original row={row} audits={comparison.audits.map((side) => side.id)} seen={seen} />
                  {row.name}
                </th>
                {row.tiles.map((tile, i) => {
                  const audit = comparison.audits[i]?.id ?? "";
                  return <td key={audit}>{tile ? <Picture href={tile.picture} width={128} alt={`${row.name}, audit ${i + 1}`} open={seen(audit, tile.id)} caption={cosine(tile.nearest?.cosine ?? tile.pictureCosine)} /> : <span class="faint">nothing</span>}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > most ? (
        <button type="button" onClick={() => setMost(most + 20)}>
          More
        </button>
      ) : null}
    </section>
  );
}
