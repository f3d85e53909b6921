"use strict";
document.addEventListener("DOMContentLoaded", () => {
  for (const chart of document.querySelectorAll(".chart")) {
    const box = chart.querySelector(".chart-box");
    if (!window.Plotly) {
      box.textContent = "This chart needs the file assets/plotly.min.js beside the page. The table below has the same numbers.";
      box.style.minHeight = "0";
      continue;
    }
    const { data, layout } = JSON.parse(chart.querySelector("script").textContent);
    Plotly.newPlot(box, data, layout, { responsive: true, displaylogo: false });
  }
});
