"use strict";
(() => {
  const box = document.getElementById("find");
  const form = box.closest("search");
  const said = form.querySelector(".said");
  const rows = [...document.querySelectorAll(box.dataset.rows)];
  const list = document.getElementById("found");
  const choices = [...form.querySelectorAll("select")];
  const most = Number(box.dataset.most || rows.length);
  const update = () => {
    const wanted = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const asked = wanted.length > 0 || choices.some((one) => one.value);
    let found = 0;
    for (const row of rows) {
      const fits =
        wanted.every((word) => row.dataset.keys.includes(word)) &&
        choices.every((one) => !one.value || row.dataset[one.dataset.by] === one.value);
      found += fits ? 1 : 0;
      row.hidden = !fits || found > most;
    }
    if (list) list.hidden = !asked || !found;
    said.textContent = !asked ? "" : found ? box.dataset.count.replace("{n}", found) : box.dataset.none;
  };
  const shown = () => rows.filter((row) => !row.hidden).map((row) => row.querySelector("a"));
  form.addEventListener("keydown", (event) => {
    if (event.target.matches("select")) return;
    if (event.key === "Escape") {
      box.value = "";
      update();
      box.focus();
    } else if (list && !list.hidden && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const links = [box, ...shown()];
      const place = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      (links[place] || box).focus();
      event.preventDefault();
    }
  });
  box.addEventListener("input", update);
  choices.forEach((one) => one.addEventListener("change", update));
  form.hidden = false;
  update();
})();
