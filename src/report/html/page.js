"use strict";
(() => {
  // The pages are also files on a disk, where some browsers have no clipboard.
  for (const block of navigator.clipboard ? document.querySelectorAll(".plan pre") : []) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.textContent);
      button.textContent = "Copied";
    });
    block.before(button);
  }
  const form = document.querySelector(".filters");
  if (!form) return;
  const keys = [...document.querySelectorAll(".key")].map((key) => ({
    key,
    places: [...key.querySelectorAll(".places > li")],
  }));
  const total = form.querySelector("output");
  let words = null;
  const apply = () => {
    const chosen = (name) => new Set([...form.querySelectorAll(`[name=${name}]:checked`)].map((box) => box.value));
    const severities = chosen("severity");
    const reaches = chosen("reach");
    const alive = form.querySelector("[name=alive]:checked") !== null;
    const wanted = form.querySelector("[type=search]").value.trim().toLowerCase();
    if (wanted && !words) {
      words = new Map();
      for (const { key, places } of keys) {
        const head = key.querySelector("h3").textContent;
        for (const place of places) words.set(place, `${head}\n${place.textContent}`.toLowerCase());
      }
    }
    let shown = 0;
    for (const { key, places } of keys) {
      let here = 0;
      for (const place of places) {
        const fits =
          severities.has(place.dataset.severity) &&
          reaches.has(place.dataset.reach) &&
          (!alive || key.dataset.alive === "yes") &&
          (!wanted || words.get(place).includes(wanted));
        if (place.hidden === fits) place.hidden = !fits;
        if (fits) here += 1;
      }
      if (key.hidden !== (here === 0)) key.hidden = here === 0;
      shown += here;
    }
    total.textContent = `${shown.toLocaleString("en")} shown`;
  };
  const end = document.createComment("");
  keys.at(-1).key.after(end);
  const path = ({ key }) => key.querySelector(".where").textContent;
  const compare = {
    new: (one, other) => (one.key.dataset.created < other.key.dataset.created ? 1 : -1),
    path: (one, other) => (path(one) < path(other) ? -1 : 1),
  };
  form.querySelector("[name=sort]").addEventListener("change", (event) => {
    const by = compare[event.target.value];
    end.before(...(by ? [...keys].sort(by) : keys).map(({ key }) => key));
  });
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.reset();
  apply();
  addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details")) one.open = true;
  });
})();
