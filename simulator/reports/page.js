"use strict";
// Filter, folding and links into folded scenarios. Without it the page is whole: it only lacks these conveniences.
(() => {
  const form = document.getElementById("filter");
  const all = [...document.querySelectorAll("details.s")];
  const words = new Map();

  // What a scenario says, read once and only when somebody looks for something.
  const said = (one) => {
    if (!words.has(one)) words.set(one, (one.textContent + " " + (one.dataset.t || "")).toLowerCase());
    return words.get(one);
  };

  const show = () => {
    const query = form.q.value.trim().toLowerCase();
    const state = form.s.value;
    const tag = form.t.value;
    let count = 0;
    for (const one of all) {
      const fits =
        (!state || one.classList.contains(state)) &&
        (!tag || (one.dataset.t || "").split(" ").includes(tag)) &&
        (!query || query.split(/\s+/).every((word) => said(one).includes(word)));
      one.hidden = !fits;
      count += fits;
    }
    for (const feature of document.querySelectorAll(".fe")) {
      feature.hidden = !feature.querySelector("details.s:not([hidden])");
      // A heading stands over what follows it up to the next one.
      let heading = null;
      for (const child of feature.children) {
        if (child.tagName === "H4") { heading = child; heading.hidden = true; }
        else if (heading && child.matches("details.s:not([hidden])")) heading.hidden = false;
      }
    }
    const told = form.querySelector("output");
    told.textContent = query || state || tag ? told.dataset.told.replace("{n}", count) : "";
  };

  // A link may lead into something folded or filtered away.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let one = target; one; one = one.parentElement) {
      if (one.tagName === "DETAILS") one.open = true;
      if (one.hidden) { form.reset(); show(); }
    }
    target.scrollIntoView();
  };

  if (form) {
    form.hidden = false;
    form.addEventListener("input", show);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("click", (event) => {
      const what = event.target.dataset.do;
      if (what) for (const one of all) if (!one.hidden) one.open = what === "open";
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.target.closest("input, select, textarea")) return;
      event.preventDefault();
      form.q.focus();
    });
  }
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();
})();
