import { useState } from "preact/hooks";
import { api } from "../api";
import { useLoad, useSettled, useTitle } from "../hooks";
import { Failure, Grade, Loading, StateBadge } from "../parts/badges";
import { Icon } from "../parts/icon";
import { Picture, useReveal } from "../parts/veil";
import { href, type Route } from "../router";
import type { Comparison, Difference } from "../types";
import { cosine, figure } from "../words";

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
                    <span class="value">{value === null ? "–" : figure(value)}</span>
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
                        {value === null ? <span class="faint">absent</span> : value}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ) : null}
      </section>
      <Galleries comparison={comparison} />
    </>
  );
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
          <tbody>
            {shown.map((row) => (
              <tr key={row.name}>
                <th scope="row" class="break">
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
