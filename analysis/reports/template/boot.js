"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const charts = [...document.querySelectorAll(".chart")];
  for (const chart of charts) {
    const box = chart.querySelector(".chart-box");
    if (!window.Plotly) {
      box.textContent = "This chart needs the file assets/plotly.min.js beside the page. The table below has the same numbers.";
      box.style.minHeight = "0";
      continue;
    }
    const { data, layout } = JSON.parse(chart.querySelector("script").textContent);
    Plotly.newPlot(box, data, layout, { responsive: true, displaylogo: false });
  }
  const width = (points) => () => {
    if (!window.Plotly) return;
    for (const chart of charts) {
      Plotly.relayout(chart.querySelector(".chart-box"), points ? { width: points, autosize: false } : { width: null, autosize: true });
    }
  };
  window.addEventListener("beforeprint", width(660));
  window.addEventListener("afterprint", width(0));
});
