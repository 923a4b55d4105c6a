import { BarController, BarElement, CategoryScale, Chart, type ChartConfiguration, type ChartType, Legend, LinearScale, LineController, LineElement, LogarithmicScale, PointElement, ScatterController, Tooltip } from "chart.js";
import { useEffect, useRef, useState } from "preact/hooks";
import { colour, onTheme } from "../theme";
import type { Curve, Plots } from "../types";
import { figure } from "../words";

Chart.register(BarController, BarElement, CategoryScale, LineController, LineElement, PointElement, ScatterController, LinearScale, LogarithmicScale, Legend, Tooltip);
Chart.defaults.animation = false;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.font.family = "system-ui, sans-serif";

const HUES = ["--plot-1", "--plot-2", "--plot-3", "--plot-4", "--plot-5", "--plot-6"];

/** A chart that is drawn again when its numbers or the theme change; `said` is what it shows, in words. */
function Plot<T extends ChartType>({ title, said, configure, of }: { title: string; said: string; configure: () => ChartConfiguration<T>; of: unknown }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<Chart<T> | null>(null);
  const [theme, setTheme] = useState(0);
  useEffect(() => onTheme(() => setTheme((n) => n + 1)), []);
  useEffect(() => {
    if (!canvas.current) {
      return;
    }
    const config = configure();
    if (chart.current) {
      chart.current.data = config.data;
      chart.current.options = (config.options ?? {}) as Chart<T>["options"];
      chart.current.update("none");
    } else {
      chart.current = new Chart(canvas.current, config);
    }
  }, [of, theme]);
  useEffect(
    () => () => {
      chart.current?.destroy();
      chart.current = null;
    },
    [],
  );
  return (
    <figure class="card plot">
      <figcaption>{title}</figcaption>
      <div class="canvas">
        <canvas ref={canvas} role="img" aria-label={`${title}; ${said}`} />
      </div>
    </figure>
  );
}

/** Curves of one figure, one line a piece of work. */
export function CurvePlot({ title, curves }: { title: string; curves: Curve[] }) {
  const ends = curves.map((curve) => `${curve.piece} ${figure(curve.values.at(-1) ?? Number.NaN)}`).join(", ");
  return <Plot title={title} said={`at the end: ${ends}`} configure={() => configuration(curves)} of={curves} />;
}

const axis = (text: string) => ({ title: { display: true, text, color: colour("--quiet") }, grid: { color: colour("--line") } });
const tick = () => ({ color: colour("--quiet"), maxRotation: 0 });
const legend = () => ({ display: true, position: "bottom" as const, labels: { color: colour("--quiet"), boxWidth: 14, boxHeight: 6 } });

/** How close candidates come to members and to controls: apart is a leak, on top of each other is chance. */
export function CosinePlot({ plots }: { plots: Plots }) {
  const best = (counts: number[]): string => (plots.bins[counts.findLastIndex((n) => n > 0)] ?? 0).toFixed(2);
  const bars = (label: string, data: number[], name: string) => ({ label, data, backgroundColor: colour(name), barPercentage: 1, categoryPercentage: 0.9 });
  return (
    <Plot<"bar">
      title="Best cosine of each member and control"
      said={`the highest bar of members begins at ${best(plots.members)}, of controls at ${best(plots.controls)}`}
      of={plots}
      configure={() => ({
        type: "bar",
        data: { labels: plots.bins.map((low) => low.toFixed(2)), datasets: [bars("members", plots.members, "--plot-1"), bars("controls", plots.controls, "--plot-2")] },
        options: {
          plugins: { legend: legend() },
          scales: { x: { ...axis("best cosine"), ticks: { ...tick(), maxTicksLimit: 6 } }, y: { ...axis("samples"), beginAtZero: true, ticks: { ...tick(), precision: 0 } } },
        },
      })}
    />
  );
}

/** A share of samples that falls with the cosine asked for. */
export interface Falling {
  label: string;
  at: number[];
  shares: number[];
  hue: number;
  dash?: number[];
}

export function SharePlot({ title, lines }: { title: string; lines: Falling[] }) {
  const at = (line: Falling, cosine: number): number => line.shares[line.at.findIndex((x) => x >= cosine)] ?? 0;
  return (
    <Plot<"line">
      title={title}
      said={lines.map((line) => `${line.label}: ${Math.round(100 * at(line, 0.75))} % above 0.75, ${Math.round(100 * at(line, 0.9))} % above 0.9`).join("; ")}
      of={lines}
      configure={() => ({
        type: "line",
        data: {
          datasets: lines.map((line) => ({
            label: line.label,
            data: line.at.map((x, i) => ({ x, y: 100 * (line.shares[i] ?? 0) })),
            borderColor: colour(HUES[line.hue % HUES.length] ?? "--plot-1"),
            backgroundColor: colour(HUES[line.hue % HUES.length] ?? "--plot-1"),
            borderWidth: 2,
            borderDash: line.dash ?? [],
            pointRadius: 0,
            stepped: true as const,
          })),
        },
        options: {
          interaction: { mode: "index", intersect: false },
          plugins: { legend: { ...legend(), labels: { ...legend().labels, boxHeight: 2 } } },
          scales: { x: { ...axis("cosine at or above"), type: "linear", min: 0, max: 1, ticks: tick() }, y: { ...axis("share, %"), min: 0, max: 100, ticks: tick() } },
        },
      })}
    />
  );
}

/** Leak against accuracy, one point a cell: right and low is what one wants. */
export function FrontierPlot({ points }: { points: { label: string; accuracy: number; leak: number }[] }) {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  return (
    <Plot<"scatter">
      title="Leak against accuracy: low and right is better"
      said={points.map((point) => `${point.label}: ${percent(point.leak)} recovered at ${percent(point.accuracy)} accuracy`).join("; ")}
      of={points}
      configure={() => ({
        type: "scatter",
        data: { datasets: [{ label: "cells", data: points.map((point) => ({ x: 100 * point.accuracy, y: 100 * point.leak })), backgroundColor: colour("--plot-1"), pointRadius: 5, pointHoverRadius: 7 }] },
        options: {
          plugins: { legend: { display: false }, tooltip: { callbacks: { label: (item) => `${points[item.dataIndex]?.label ?? ""}: ${(item.parsed.y ?? 0).toFixed(1)} % recovered, ${(item.parsed.x ?? 0).toFixed(1)} % accurate` } } },
          scales: { x: { ...axis("held-out accuracy, %"), ticks: tick() }, y: { ...axis("members recovered above 0.9, %"), beginAtZero: true, ticks: tick() } },
        },
      })}
    />
  );
}

function configuration(curves: Curve[]): ChartConfiguration<"line"> {
  const ink = colour("--quiet");
  const line = colour("--line");
  const values = curves.flatMap((curve) => curve.values);
  const least = Math.min(...values);
  const wide = least > 0 && Math.max(...values) / least > 50;
  return {
    type: "line",
    data: {
      datasets: curves.map((curve, i) => ({
        label: curve.piece,
        data: curve.done.map((x, k) => ({ x, y: curve.values[k] ?? Number.NaN })),
        borderColor: colour(HUES[i % HUES.length] ?? "--plot-1"),
        backgroundColor: colour(HUES[i % HUES.length] ?? "--plot-1"),
        borderWidth: 2,
        pointRadius: 0,
        pointHitRadius: 12,
        borderDash: i >= HUES.length ? [5, 3] : [],
      })),
    },
    options: {
      interaction: { mode: "nearest", axis: "x", intersect: false },
      plugins: {
        legend: { display: curves.length > 1 && curves.length <= 12, position: "bottom", labels: { color: ink, boxWidth: 14, boxHeight: 2 } },
        tooltip: { callbacks: { label: (item) => `${item.dataset.label ?? ""}: ${figure(item.parsed.y ?? Number.NaN)}` } },
      },
      scales: {
        x: { type: "linear", title: { display: true, text: (curves[0]?.noun ?? "") || "step", color: ink }, ticks: { color: ink, maxTicksLimit: 6, maxRotation: 0 }, grid: { color: line } },
        y: { type: wide ? "logarithmic" : "linear", ticks: { color: ink, maxTicksLimit: 6, callback: (value) => figure(Number(value)) }, grid: { color: line } },
      },
    },
  };
}
