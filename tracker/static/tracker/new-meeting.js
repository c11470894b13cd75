// The sheet of a meeting without waiting: a tick opens its fields at once. The page works without this file.
(() => {
  "use strict";

  const sheet = document.querySelector("form.tracker-day");
  if (!sheet) return;
  const order = ["raised", "answered", "reported"];

  function linesOf(box) {
    return box.closest(".tracker-item, .tracker-ask").querySelector(".tracker-lines > td, div.tracker-lines");
  }

  // Fields that were filled in and unticked are kept aside, so that ticking again brings them back.
  function show(box) {
    const lines = linesOf(box);
    const known = lines.querySelector(`[data-line="${box.value}"]`);
    if (known) {
      known.hidden = known.disabled = !box.checked;
      return;
    }
    if (!box.checked) return;
    const made = document.getElementById(`line-${box.value}`).content.cloneNode(true);
    made.querySelectorAll("[name], [id], [for]").forEach((part) => {
      for (const name of ["name", "id", "for"]) {
        const value = part.getAttribute(name);
        if (value) part.setAttribute(name, value.replace("__prefix__", box.dataset.opens));
      }
    });
    made.querySelector("input[list=speakers]").placeholder = box.dataset.speaker;
    for (const text of made.querySelectorAll("textarea")) {
      text.value = box.getAttribute(`data-${text.name.split("-").pop()}`) || "";
    }
    const later = order.slice(order.indexOf(box.value) + 1).map((value) => `[data-line="${value}"]`);
    lines.insertBefore(made, later.length ? lines.querySelector(later.join()) : null);
  }

  const boxes = sheet.querySelectorAll("input[data-opens]");
  boxes.forEach((box) => {
    show(box);
    box.addEventListener("change", () => show(box));
  });
  window.addEventListener("pageshow", () => boxes.forEach(show));
  sheet.querySelectorAll(".tracker-open").forEach((line) => { line.hidden = true; });

  const only = sheet.querySelector("[data-only-series]");
  if (only) {
    only.parentElement.hidden = !sheet.querySelector("[data-elsewhere]");
    only.addEventListener("change", () => sheet.classList.toggle("only-series", only.checked));
  }

  // One press saves once.
  sheet.addEventListener("submit", (event) => {
    if (sheet.dataset.sent && event.submitter && event.submitter.value === "save") event.preventDefault();
    if (event.submitter && event.submitter.value === "save") sheet.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => { delete sheet.dataset.sent; });

})();
