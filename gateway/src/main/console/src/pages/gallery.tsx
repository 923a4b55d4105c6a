import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api";
import { useLoad, useTitle } from "../hooks";
import { AuditHead } from "../parts/audit-head";
import { Failure, Loading } from "../parts/badges";
import { Icon } from "../parts/icon";
import { Picture, useReveal } from "../parts/veil";
import { VirtualGrid } from "../parts/virtual";
import { href, replace, type Route } from "../router";
import type { Tile } from "../types";
import { cosine, count, plural } from "../words";

const SORTS = [
  ["rank", "confidence of the attack"],
  ["cosine", "cosine to a member"],
  ["picture", "cosine of the picture"],
] as const;

function useTiles(id: string, sort: string, pictures: boolean) {
  const [tiles, setTiles] = useState<Tile[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [total, setTotal] = useState(0);
  const [error, setError] = useState<Error | null>(null);
  const busy = useRef(false);
  useEffect(() => {
    const controller = new AbortController();
    setTiles(null);
    api
      .gallery(id, { sort, pictures, limit: 200 }, controller.signal)
      .then((page) => {
        setTiles(page.tiles);
        setNext(page.next);
        setTotal(page.total);
      })
      .catch((failure: Error) => {
        if (!controller.signal.aborted) {
          setError(failure);
        }
      });
    return () => controller.abort();
  }, [id, sort, pictures]);
  const more = useCallback(() => {
    if (next === null || busy.current) {
      return;
    }
    busy.current = true;
    api
      .gallery(id, { sort, pictures, limit: 200, cursor: next })
      .then((page) => {
        setTiles((before) => [...(before ?? []), ...page.tiles]);
        setNext(page.next);
      })
      .catch((failure: Error) => setError(failure))
      .finally(() => {
        busy.current = false;
      });
  }, [id, sort, pictures, next]);
  return { tiles, total, more, error };
}

export function GalleryPage({ id, route }: { id: string; route: Route }) {
  const view = useLoad((signal) => api.audit(id, signal), [id]);
  const sort = route.query.get("sort") ?? "rank";
  const pictures = route.query.get("all") !== "1";
  const { tiles, total, more, error } = useTiles(id, sort, pictures);
  const { seen, reveal, hide } = useReveal();
  const [at, setAt] = useState<number | null>(null);
  useTitle("Gallery: " + (view.value?.name ?? id));
  const go = (nextSort: string, nextAll: boolean): void => replace(href(["audits", id, "gallery"], [["sort", nextSort === "rank" ? "" : nextSort], ["all", nextAll ? "1" : ""]]));
  const compared = (tiles ?? []).some((tile) => tile.nearest?.image);
  const bounded = (tiles ?? []).some((tile) => tile.upperBound);
  const open = (tiles ?? []).filter((tile) => tile.picture && !seen(id, tile.id)).length === 0;
  return (
    <div class="page">
      {view.value ? <AuditHead view={view.value} tab="gallery" /> : null}
      <Failure error={view.error ?? error} />
      <div class="filters">
        <label>
          Sort by
          <select value={sort} onChange={(event) => go(event.currentTarget.value, !pictures)}>
            {SORTS.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label class="check">
          <input type="checkbox" checked={!pictures} onChange={(event) => go(sort, event.currentTarget.checked)} /> also those without a picture
        </label>
        <span class="sub" aria-live="polite">
          {tiles ? plural(total, "candidate") : ""}
        </span>
        <span class="spring" />
        {tiles && tiles.length > 0 && !open ? (
          <button type="button" onClick={() => void reveal(id, tiles.filter((tile) => tile.picture).map((tile) => tile.id))}>
            <Icon name="eye" /> Reveal all
          </button>
        ) : null}
        {tiles && tiles.some((tile) => seen(id, tile.id)) ? (
          <button type="button" onClick={() => hide(id)}>
            <Icon name="hidden" /> Hide
          </button>
        ) : null}
      </div>
      <p class="hint">Rebuilt pictures are personal data. They are blurred until you reveal them, and revealing is recorded with the audit. Open one and go on with the arrow keys; R reveals.{bounded ? " Third is the upper bound: what is made in the same way from the member's true embedding, which no attack has." : ""}</p>
      {!tiles && !error ? <Loading what="the gallery" /> : null}
      {tiles && tiles.length === 0 ? <p class="empty card">No candidates. They appear here as soon as the select stage has ranked them; when the audit is done, nothing has come back.</p> : null}
      {tiles && tiles.length > 0 ? (
        <VirtualGrid
          items={tiles}
          width={bounded ? 420 : compared ? 290 : 180}
          height={compared ? 222 : 250}
          gap={16}
          label="Candidates"
          near={more}
          render={(tile, index) => <TileCard tile={tile} compared={compared} bounded={bounded} open={seen(id, tile.id)} show={() => setAt(index)} />}
        />
      ) : null}
      {at !== null && tiles?.[at] ? (
        <Lightbox
          tile={tiles[at]}
          position={`${count(at + 1)} of ${count(total)}`}
          open={seen(id, tiles[at].id)}
          reveal={(tile) => void reveal(id, [tile.id])}
          move={(by) => {
            const to = Math.max(0, Math.min(tiles.length - 1, at + by));
            setAt(to);
            if (to > tiles.length - 10) {
              more();
            }
          }}
          close={() => setAt(null)}
        />
      ) : null}
    </div>
  );
}

const STATE_SAYS: Record<Tile["state"], string> = { none: "no picture", waiting: "picture waits", running: "being made", done: "", failed: "picture failed" };

function TileCard({ tile, compared, bounded, open, show }: { tile: Tile; compared: boolean; bounded: boolean; open: boolean; show: () => void }) {
  return (
    <button type="button" class="tile card" onClick={show} aria-label={`Candidate of rank ${tile.rank}, ${tile.labelName}${tile.nearest ? `, cosine ${cosine(tile.nearest.cosine)} to ${tile.nearest.file}` : ""}`}>
      <span class="pair">
        {compared ? <Picture href={tile.nearest?.image ?? null} width={160} alt={`Original ${tile.nearest?.file ?? ""}`} open={open} /> : null}
        <Picture href={tile.picture} width={160} alt={`Reconstruction ${tile.id}`} open={open} />
        {bounded ? <Picture href={tile.upperBound} width={160} alt={`Upper bound of ${tile.id}`} open={open} none="no upper bound" /> : null}
      </span>
      <span class="tile-line">
        <strong>{cosine(tile.nearest ? tile.nearest.cosine : tile.pictureCosine)}</strong>
        {tile.nearest ? <span class={tile.aboveNull ? "badge leak" : "badge chance"}>{tile.aboveNull ? "above chance" : "chance"}</span> : null}
        <span class="faint" title={tile.early ? "rank in the first selection, from part of the candidates" : "rank of the attack"}>
          {tile.early ? "early " : ""}#{tile.rank}
        </span>
      </span>
      <span class="tile-line sub">
        <span class="clip">{tile.labelName}</span>
        <span>{tile.state === "done" ? plural(tile.support, "candidate") : STATE_SAYS[tile.state]}</span>
      </span>
    </button>
  );
}

/** One candidate in large; the arrow keys go on. */
function Lightbox({ tile, position, open, reveal, move, close }: { tile: Tile; position: string; open: boolean; reveal: (tile: Tile) => void; move: (by: number) => void; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="lightbox"
      aria-label={`Candidate of rank ${tile.rank}`}
      onClose={close}
      onKeyDown={(event) => {
        if (event.key === "ArrowRight" || event.key === "j") {
          move(1);
        } else if (event.key === "ArrowLeft" || event.key === "k") {
          move(-1);
        } else if (event.key === "r" || event.key === "R") {
          reveal(tile);
        } else if (event.key === "Home") {
          move(-Number.MAX_SAFE_INTEGER);
        } else {
          return;
        }
        event.preventDefault();
      }}
      onClick={(event) => {
        if (dialog.current && event.target === dialog.current) {
          dialog.current.close();
        }
      }}
    >
      <div class="lightbox-in">
        <div class="lightbox-head">
          <p aria-live="polite">
            <strong>{tile.labelName}</strong> <span class="sub">{position}</span>
          </p>
          <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
            <Icon name="close" /> <span class="hidden">Close</span>
          </button>
        </div>
        <div class="lightbox-pictures">
          <button type="button" class="quiet arrow" onClick={() => move(-1)}>
            <Icon name="left" />
            <span class="hidden">Previous</span>
          </button>
          {tile.nearest?.image ? <Picture href={tile.nearest.image} width={512} alt={`Original ${tile.nearest.file}`} open={open} caption="in the training set" /> : null}
          <Picture href={tile.picture} width={512} alt={`Reconstruction ${tile.id}`} open={open} caption="from the weights" />
          {tile.upperBound ? <Picture href={tile.upperBound} width={512} alt={`Upper bound of ${tile.id}`} open={open} caption="from its true embedding" /> : null}
          <button type="button" class="quiet arrow" onClick={() => move(1)}>
            <Icon name="right" />
            <span class="hidden">Next</span>
          </button>
        </div>
        {open || !(tile.picture ?? tile.nearest?.image) ? null : (
          <p class="centre">
            <button type="button" class="button primary" onClick={() => reveal(tile)}>
              <Icon name="eye" /> Reveal
            </button>
          </p>
        )}
        <dl class="facts">
          {tile.nearest ? (
            <>
              <dt>closest member</dt>
              <dd>
                {tile.nearest.file} <span class="sub">cosine {cosine(tile.nearest.cosine)}</span>
              </dd>
            </>
          ) : null}
          {tile.nearestControl ? (
            <>
              <dt>closest control</dt>
              <dd>
                {tile.nearestControl.file} <span class="sub">cosine {cosine(tile.nearestControl.cosine)}</span>
              </dd>
            </>
          ) : null}
          <dt>rank</dt>
          <dd>
            {tile.rank} <span class="sub">of the attack{tile.early ? "'s first selection, from part of the candidates" : ""}, which never looked at a member; {plural(tile.support, "candidate")} behind it</span>
          </dd>
          {tile.pictureCosine !== null ? (
            <>
              <dt>picture</dt>
              <dd>
                cosine {cosine(tile.pictureCosine)} <span class="sub">to its embedding after {tile.steps} steps</span>
              </dd>
            </>
          ) : null}
        </dl>
      </div>
    </dialog>
  );
}
