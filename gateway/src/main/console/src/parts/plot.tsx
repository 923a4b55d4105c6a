import { Chart, type ChartConfiguration, Legend, LinearScale, LineController, LineElement, LogarithmicScale, PointElement, Tooltip } from "chart.js";
import { useEffect, useRef, useState } from "preact/hooks";
import { colour, onTheme } from "../theme";
import type { Curve } from "../types";
import { figure } from "../words";

Chart.register(LineController, LineElement, PointElement, LinearScale, LogarithmicScale, Legend, Tooltip);
Chart.defaults.animation = false;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.font.family = "system-ui, sans-serif";

const HUES = ["--plot-1", "--plot-2", "--plot-3", "--plot-4", "--plot-5", "--plot-6"];

/** Curves of one figure, one line a piece of work. */
export function CurvePlot({ title, curves }: { title: string; curves: Curve[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<Chart | null>(null);
  const [theme, setTheme] = useState(0);
  useEffect(() => onTheme(() => setTheme((n) => n + 1)), []);
  useEffect(() => {
    if (!canvas.current) {
      return;
    }
    const config = configuration(curves);
    if (chart.current) {
      chart.current.data = config.data;
      chart.current.options = config.options ?? {};
      chart.current.update("none");
    } else {
      chart.current = new Chart(canvas.current, config);
    }
  }, [curves, theme]);
  useEffect(
    () => () => {
      chart.current?.destroy();
      chart.current = null;
    },
    [],
  );
  const ends = curves.map((curve) => `${curve.piece} ${figure(curve.values.at(-1) ?? Number.NaN)}`).join(", ");
  return (
    <figure class="card plot">
      <figcaption>{title}</figcaption>
      <div class="canvas">
        <canvas ref={canvas} role="img" aria-label={`${title}; at the end: ${ends}`} />
      </div>
    </figure>
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
