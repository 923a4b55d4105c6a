(() => {
  const data = JSON.parse(document.getElementById("plot-data").textContent);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const charts = [];

  // On paper always the light colours, whatever the screen has.
  const drawAll = (dark) => {
    charts.splice(0).forEach((chart) => chart.destroy());
    const ink = dark ? "#a0a6ae" : "#5d6570";
    const line = dark ? "#343941" : "#e2dfd8";
    const member = dark ? "#ff8a80" : "#b3261e";
    const control = dark ? "#8fb0d9" : "#3a6ea5";
    const bound = dark ? "#e0a070" : "#8a4b1f";
    Chart.defaults.color = ink;
    Chart.defaults.borderColor = line;

    const axis = (text, more) => ({ title: { display: true, text }, grid: { color: line }, ...more });
    const draw = (id, config) => {
      const canvas = document.getElementById(id);
      if (canvas) {
        charts.push(new Chart(canvas, config));
      }
    };

    draw("plot-cosines", {
      type: "bar",
      data: {
        labels: data.bins.map((low) => low.toFixed(2)),
        datasets: [
          { label: "members", data: data.members, backgroundColor: member, barPercentage: 1, categoryPercentage: 0.9 },
          { label: "controls", data: data.controls, backgroundColor: control, barPercentage: 1, categoryPercentage: 0.9 },
        ],
      },
      options: { scales: { x: axis("best cosine", { ticks: { maxTicksLimit: 6, maxRotation: 0 } }), y: axis("photographs", { beginAtZero: true, ticks: { precision: 0 } }) } },
    });

    const curve = (label, shares, color, dash) => ({
      label,
      data: shares.map((share, i) => ({ x: data.thresholds[i], y: 100 * share })),
      borderColor: color,
      backgroundColor: color,
      borderDash: dash,
      borderWidth: 2,
      pointRadius: 0,
      pointStyle: "line",
      stepped: true,
    });
    draw("plot-recovery", {
      type: "line",
      data: {
        datasets: [
          curve("members recovered", data.recovered, member, []),
          curve("recoverable at most", data.recoverable, bound, [6, 4]),
          curve("controls (chance)", data.chance, control, [2, 3]),
        ].filter((set) => set.data.length > 0),
      },
      options: {
        plugins: { legend: { labels: { pointStyle: "line", pointStyleWidth: 28 } } },
        interaction: { mode: "index", intersect: false },
        scales: {
          x: axis("cosine", { type: "linear", min: 0, max: 1 }),
          y: axis("share, %", { min: 0, max: 100 }),
        },
      },
    });

    draw("plot-reached", {
      type: "scatter",
      data: {
        datasets: [
          { label: "members", data: data.bounds.map((x, i) => ({ x, y: Math.max(0, data.reached[i]) })), backgroundColor: member, pointRadius: 3 },
          { label: "all there was", data: [{ x: 0, y: 0 }, { x: 1, y: 1 }], type: "line", borderColor: bound, borderDash: [6, 4], borderWidth: 1.5, pointRadius: 0 },
        ],
      },
      options: {
        plugins: { legend: { display: false } },
        scales: { x: axis("best cosine within reach", { min: 0, max: 1 }), y: axis("cosine reached", { min: 0, max: 1 }) },
      },
    });

    draw("plot-margin", {
      type: "scatter",
      data: { datasets: [{ label: "members", data: data.margins.map((x, i) => ({ x, y: Math.max(0, data.reached[i]) })), backgroundColor: member, pointRadius: 3 }] },
      options: {
        plugins: { legend: { display: false } },
        scales: { x: axis("margin: how far the head is from deciding otherwise", { beginAtZero: true }), y: axis("cosine reached", { min: 0, max: 1 }) },
      },
    });

    const hues = [member, control, bound, "#2e7d4f", "#7b3fa0", "#b8860b", "#00838f", "#6b7280"];
    draw("plot-losses", {
      type: "line",
      data: {
        datasets: data.losses.map((loss, k) => ({
          label: loss.piece,
          data: loss.done.map((x, i) => ({ x, y: loss.values[i] })),
          borderColor: hues[k % hues.length],
          backgroundColor: hues[k % hues.length],
          borderWidth: 1.5,
          pointRadius: 0,
        })),
      },
      options: {
        plugins: { legend: { display: data.losses.length < 9, labels: { pointStyle: "line", pointStyleWidth: 20 } } },
        scales: { x: axis((data.losses[0] || {}).noun || "step", { type: "linear" }), y: axis("loss", { beginAtZero: true }) },
      },
    });

    draw("plot-clusters", {
      type: "bar",
      data: {
        labels: data.clusters.map((size, i) => i + 1),
        datasets: [{ label: "candidates", data: data.clusters, backgroundColor: bound, barPercentage: 1, categoryPercentage: 0.9 }],
      },
      options: {
        plugins: { legend: { display: false } },
        scales: { x: axis("rank"), y: axis("candidates", { beginAtZero: true, ticks: { precision: 0 } }) },
      },
    });
  };

  Chart.defaults.font.family = "system-ui, sans-serif";
  Chart.defaults.animation = false;
  Chart.defaults.plugins.legend.labels.usePointStyle = true;
  Chart.defaults.plugins.legend.labels.pointStyle = "rectRounded";
  Chart.defaults.maintainAspectRatio = false;
  drawAll(scheme.matches);
  scheme.addEventListener("change", () => drawAll(scheme.matches));

  // What is folded on the screen belongs to the paper: the spec is part of the provenance.
  const folded = () => [...document.querySelectorAll("details:not([open])")];
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = folded();
    opened.forEach((details) => (details.open = true));
    drawAll(false);
  });
  addEventListener("afterprint", () => {
    opened.forEach((details) => (details.open = false));
    drawAll(scheme.matches);
  });
})();
