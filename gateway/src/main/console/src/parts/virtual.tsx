import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Which rows of a list of equally high rows can be seen, while the page scrolls. */
export function useWindow(rows: number, height: number, spare = 6) {
  const box = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState({ from: 0, to: Math.min(rows, 40) });
  useLayoutEffect(() => {
    let frame = 0;
    const look = (): void => {
      frame = 0;
      const top = box.current?.getBoundingClientRect().top ?? 0;
      const from = Math.max(0, Math.floor(-top / height) - spare);
      const to = Math.min(rows, Math.ceil((window.innerHeight - top) / height) + spare);
      setRange((before) => (before.from === from && before.to === to ? before : { from: Math.min(from, rows), to: Math.max(to, Math.min(from, rows)) }));
    };
    const later = (): void => {
      if (!frame) {
        frame = requestAnimationFrame(look);
      }
    };
    look();
    window.addEventListener("scroll", later, { passive: true });
    window.addEventListener("resize", later);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener("scroll", later);
      window.removeEventListener("resize", later);
    };
  }, [rows, height, spare]);
  return { box, ...range, above: range.from * height, below: Math.max(0, rows - range.to) * height };
}

/** A grid of equally large tiles of which only those in sight exist. */
export function VirtualGrid<T>({
  items,
  width,
  height,
  gap,
  label,
  render,
  near,
}: {
  items: T[];
  width: number;
  height: number;
  gap: number;
  label: string;
  render: (item: T, index: number) => ComponentChildren;
  /** Called when the last rows come into sight. */
  near: () => void;
}) {
  const measure = useRef<HTMLDivElement>(null);
  const [columns, setColumns] = useState(4);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => {
      const space = measure.current?.clientWidth ?? 0;
      setColumns(Math.max(1, Math.floor((space + gap) / (width + gap))));
    });
    if (measure.current) {
      observer.observe(measure.current);
    }
    return () => observer.disconnect();
  }, [width, gap]);
  const rows = Math.ceil(items.length / columns);
  const view = useWindow(rows, height + gap, 2);
  useLayoutEffect(() => {
    if (view.to >= rows - 2) {
      near();
    }
  }, [view.to, rows]);
  const shown = items.slice(view.from * columns, view.to * columns);
  return (
    <div ref={measure}>
      <div ref={view.box} style={{ paddingTop: `${view.above}px`, paddingBottom: `${view.below}px` }}>
        <ul class="tiles" aria-label={label} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, gap: `${gap}px` }}>
          {shown.map((item, i) => (
            <li key={view.from * columns + i} style={{ height: `${height}px` }} aria-setsize={items.length} aria-posinset={view.from * columns + i + 1}>
              {render(item, view.from * columns + i)}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
