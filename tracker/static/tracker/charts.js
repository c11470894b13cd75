// Draws every <figure data-chart="…"> from the JSON beside it. The figures are made in tracker/charts; here they only get
// their colours (light, dark or paper) and their form (wide or narrow). Without this script the table twin stands open.
(() => {
  "use strict";

  const plotlyAddress = document.currentScript.dataset.plotly;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const touch = window.matchMedia("(hover: none)");
  const PAPER = 640; // pixels: the width drawn for print, A4 less its margins and the panel's edge
  const CONFIG = {
    displaylogo: false,
    showSendToCloud: false,
    responsive: false, // the observer below follows the box itself, not only the window
    displayModeBar: "hover",
    modeBarButtons: [["toImage"]],
    toImageButtonOptions: { format: "png", scale: 2 },
  };
  const charts = new Map(); // figure element → what is known about its chart
  let plotly = null;

  function loadPlotly() {
    plotly ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = plotlyAddress;
      script.onload = () => (window.Plotly ? resolve(window.Plotly) : reject(new Error("Plotly did not start")));
      script.onerror = () => reject(new Error("Plotly could not be loaded"));
      document.head.append(script);
    });
    return plotly;
  }

  // A token stands for a pair of colours; the figure brings along the pairs that it uses.
  function coloured(value, pairs, scheme) {
    if (typeof value === "string") {
      return value.replace(/^var\((--[a-z_-]+)\)$/, (token, name) => (pairs[name] ? pairs[name][scheme] : token));
    }
    if (Array.isArray(value)) return value.map((item) => coloured(item, pairs, scheme));
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, coloured(item, pairs, scheme)]));
    }
    return value;
  }

  // On paper hatching has to do what colour does on the screen.
  function hatched(trace) {
    for (const pattern of [trace.marker?.pattern, trace.fillpattern]) {
      if (pattern) pattern.fgopacity = Math.max(pattern.fgopacity, 0.4);
    }
    return trace;
  }

  function formOf(spec, room, printing) {
    const width = Math.min(room, spec.widest);
    const narrow = width < spec.narrow.below;
    let data = spec.data.map((trace, at) => (narrow ? { ...trace, ...spec.narrow.data[at] } : trace));
    let layout = { ...spec.layout, ...(narrow ? spec.narrow.layout : {}), width };
    if (layout.meta?.ratio) layout.height = Math.round(width * layout.meta.ratio); // a map grows both ways
    const scheme = dark.matches && !printing ? 1 : 0;
    data = coloured(data, spec.colours, scheme);
    layout = coloured(layout, spec.colours, scheme);
    return { data: printing ? data.map(hatched) : data, layout };
  }

  async function draw(figure, { printing = false } = {}) {
    const chart = charts.get(figure);
    if (!chart) return;
    const width = printing ? PAPER : Math.floor(chart.box.clientWidth);
    if (!width) return;
    const form = formOf(chart.spec, width, printing);
    chart.box.style.minHeight = `${form.layout.height}px`;
    await window.Plotly.react(chart.box, form.data, form.layout, CONFIG);
    chart.width = width;
    if (!chart.listens) {
      chart.box.on("plotly_click", (event) => follow(chart, event));
      chart.box.on("plotly_hover", (event) => point(chart.box, event));
      chart.box.on("plotly_unhover", () => chart.box.classList.remove("on-link"));
      chart.listens = true;
    }
  }

  // Layers over time answer together for a day: the one under the pointer is meant.
  function chosen(event) {
    let points = event.points.filter((one) => one.customdata?.href);
    if (points.length < 2 || !points[0].data.stackgroup) return points[0];
    points = points.filter((one) => one.data.y[one.pointNumber]);
    points.sort((one, other) => one.curveNumber - other.curveNumber); // from the lowest layer up
    const axis = points[0].yaxis;
    const plot = event.event.target.closest(".js-plotly-plot").getBoundingClientRect();
    const height = axis.p2d(event.event.clientY - plot.top - axis._offset);
    let top = 0;
    return points.find((one) => (top += one.data.y[one.pointNumber]) >= height) ?? points.at(-1);
  }

  function follow(chart, event) {
    const address = chosen(event)?.customdata.href;
    if (!address) return;
    if (touch.matches && chart.tapped !== address) {
      chart.tapped = address; // a finger reads with the first tap and follows with the second
      return;
    }
    const how = event.event ?? {};
    if (how.ctrlKey || how.metaKey) window.open(address, "_blank", "noopener");
    else window.location.assign(address);
  }

  function point(box, event) {
    box.classList.toggle("on-link", event.points.some((one) => one.customdata?.href));
  }

  async function show(figure) {
    const chart = charts.get(figure);
    if (!chart || chart.shown) return;
    chart.shown = true;
    try {
      await loadPlotly();
      if (!charts.has(figure)) return; // swapped out while the script was on its way
      await draw(figure);
      resizes.observe(chart.box);
    } catch (problem) {
      fail(figure, problem);
    }
  }

  function fail(figure, problem) {
    console.error(problem);
    const { box, twin } = charts.get(figure);
    box.hidden = true;
    figure.querySelector(".chart-failed").hidden = false;
    if (twin) twin.open = true;
  }

  const arrivals = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) {
          arrivals.unobserve(entry.target);
          show(entry.target);
        }
      }
    },
    { rootMargin: "300px" },
  );

  const resizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const figure = target.closest("figure[data-chart]");
      const chart = figure && charts.get(figure);
      if (chart && Math.floor(target.clientWidth) !== chart.width) requestAnimationFrame(() => draw(figure));
    }
  });

  function adopt(figure) {
    const json = document.getElementById(figure.dataset.chart);
    const box = figure.querySelector(".drawing");
    if (charts.has(figure) || !json || !box) return;
    const spec = JSON.parse(json.textContent);
    const twin = figure.querySelector("details.twin");
    charts.set(figure, { spec, box, twin, shown: false, listens: false, width: 0 });
    if (twin) twin.open = false;
    box.style.minHeight = `${formOf(spec, box.clientWidth || PAPER, false).layout.height}px`;
    arrivals.observe(figure);
  }

  function forget() {
    for (const [figure, { box }] of charts) {
      if (figure.isConnected) continue;
      resizes.unobserve(box);
      if (window.Plotly) window.Plotly.purge(box);
      charts.delete(figure);
    }
  }

  function adoptAll(root) {
    forget();
    if (root.matches?.("figure[data-chart]")) adopt(root);
    root.querySelectorAll("figure[data-chart]").forEach(adopt);
  }

  function redraw(options) {
    // what was never scrolled to is printed too
    for (const [figure, chart] of charts) if ((chart.shown || options?.printing) && window.Plotly) draw(figure, options);
  }

  adoptAll(document);
  document.addEventListener("htmx:load", (event) => adoptAll(event.detail.elt));
  dark.addEventListener("change", () => redraw());
  window.addEventListener("beforeprint", () => redraw({ printing: true }));
  window.addEventListener("afterprint", () => redraw());
})();
