// Small comforts; every page works without them.
(() => {
  "use strict";

  const wide = window.matchMedia("(min-width: 1000px)");

  // A filter panel stands open beside the results, and starts closed above them on a phone.
  function fold(root) {
    root.querySelectorAll("details[data-open-wide]").forEach((panel) => {
      panel.open = wide.matches;
    });
  }

  fold(document);
  wide.addEventListener("change", () => fold(document));

  // A filter changes the address without a reload; what the top of the page takes from it follows.
  function follow() {
    const chosen = new URLSearchParams(window.location.search);
    chosen.delete("as_of");
    chosen.delete("page");
    document.querySelectorAll(".as-of form").forEach((form) => {
      form.querySelectorAll("input[type=hidden]").forEach((input) => input.remove());
      form.prepend(...[...chosen].map(([name, value]) => hidden(name, value)));
    });
    document.querySelectorAll(".as-of p a").forEach((today) => {
      today.href = window.location.pathname + (chosen.size ? `?${chosen}` : "");
    });
    document.querySelectorAll(".languages input[name=next]").forEach((next) => {
      next.value = window.location.pathname + window.location.search;
    });
  }

  function hidden(name, value) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    return input;
  }

  for (const event of ["htmx:pushedIntoHistory", "htmx:historyRestore"]) document.addEventListener(event, follow);
  window.addEventListener("popstate", follow);
  window.addEventListener("pageshow", follow); // after going back a browser fills forms in as they were left

  // A filter without a value says nothing, so the address does without it.
  document.addEventListener("htmx:configRequest", ({ detail: { formData, useUrlParams } }) => {
    if (!useUrlParams) return;
    for (const name of new Set(formData.keys())) {
      const filled = formData.getAll(name).filter((value) => value !== "");
      formData.delete(name);
      filled.forEach((value) => formData.append(name, value));
    }
  });

  // A button that prints can do so with a script only; without one it stays hidden.
  document.querySelectorAll("button[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });

  // On paper everything that can be unfolded is unfolded.
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("details:not([open])").forEach((details) => {
      details.dataset.closedAgain = "";
      details.open = true;
    });
  });
  window.addEventListener("afterprint", () => {
    document.querySelectorAll("details[data-closed-again]").forEach((details) => {
      delete details.dataset.closedAgain;
      details.open = false;
    });
  });
})();
