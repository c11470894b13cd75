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
