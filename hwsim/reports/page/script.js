"use strict";
(() => {
  const all = (what, where = document) => [...where.querySelectorAll(what)];
  const root = document.documentElement;
  const tip = document.getElementById("tip");

  document.getElementById("theme").addEventListener("click", () => {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const now = root.dataset.theme || system;
    root.dataset.theme = now === "dark" ? "light" : "dark";
  });

  // The exact figure of whatever is under the pointer.
  const place = (x, y) => {
    const box = tip.getBoundingClientRect();
    tip.style.left = Math.max(4, Math.min(x + 12, innerWidth - box.width - 8)) + "px";
    tip.style.top = (y + 18 + box.height > innerHeight ? y - box.height - 10 : y + 18) + "px";
  };
  const say = (words, x, y) => { tip.textContent = words; tip.hidden = false; place(x, y); };
  document.addEventListener("pointermove", (event) => {
    const over = event.target.closest && event.target.closest("[data-v]");
    if (over) say(over.dataset.v, event.clientX, event.clientY); else tip.hidden = true;
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });

  // The same with arrow keys, part by part of a figure.
  for (const figure of all("figure[tabindex]")) {
    let at = -1;
    const leave = () => { all(".here", figure).forEach((each) => each.classList.remove("here")); };
    figure.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step || event.target !== figure) return;
      event.preventDefault();
      const parts = all(".track i[data-v], .mark[data-v]", figure);
      at = Math.max(0, Math.min(parts.length - 1, at + step));
      leave();
      const part = parts[at];
      part.classList.add("here");
      part.scrollIntoView({ block: "nearest" });
      const row = part.closest("tr");
      const whose = row ? [row.querySelector("th").textContent, row.querySelector(".name").textContent].filter(Boolean).join(", ") + ": " : "";
      const box = part.getBoundingClientRect();
      say(whose + part.dataset.v, box.left, box.bottom);
    });
    figure.addEventListener("blur", () => { leave(); tip.hidden = true; });
  }

  for (const button of all(".share")) {
    button.addEventListener("click", () => {
      const on = button.closest("figure").classList.toggle("shares");
      button.setAttribute("aria-pressed", on);
    });
  }

  for (const choice of all(".switch input")) {
    choice.addEventListener("change", () => {
      for (const part of all(".priced", choice.closest(".result"))) part.hidden = part.dataset.table !== choice.value;
    });
  }

  for (const block of all(".data")) {
    const body = block.querySelector("tbody");
    const rows = [...body.rows];
    const heads = all("th", block);
    const find = block.querySelector("input[type=search]");
    const chosen = all("select", block);
    const filter = () => {
      const words = find ? find.value.toLowerCase().split(/\s+/).filter(Boolean) : [];
      let shown = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        const fits = words.every((word) => text.includes(word)) &&
          chosen.every((each) => !each.value || row.cells[each.dataset.column].textContent === each.value);
        row.hidden = !fits;
        shown += fits;
      }
      const count = block.querySelector(".shown");
      count.textContent = (shown === rows.length ? "" : shown + " of ") + rows.length + " rows";
    };
    if (find) find.addEventListener("input", filter);
    chosen.forEach((each) => each.addEventListener("change", filter));
    heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((each) => each.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const number = rows.some((row) => row.cells[column].classList.contains("n"));
      const key = (row) => row.cells[column].dataset.k;
      const compare = (one, other) => {
        const a = key(one), b = key(other);
        if (a === "" || b === "") return (a === "") - (b === "");
        const order = number ? Number(a) - Number(b) : a.localeCompare(b, undefined, { numeric: true });
        return up ? order : -order;
      };
      [...rows].sort(compare).forEach((row) => body.append(row));
    }));
  }
})();
