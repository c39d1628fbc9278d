"use strict";
// The page's own tools: search, fold, filter, rules, routes, records, copies. It reads what the page holds and asks
// nobody anything; without it the page is whole. Text is set as text alone, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("board").textContent);
  const words = data.words;
  const $ = (query, from = document) => [...from.querySelectorAll(query)];
  const say = (key, slots = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => slots[name]);

  function make(tag, props = {}, ...inside) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value);
    }
    element.append(...inside);
    return element;
  }

  const button = (text, onclick, props = {}) => make("button", { type: "button", onclick, ...props }, text);

  // What was said last, for the eye and for a reader of screens.
  const said = make("output", { class: "said", "aria-live": "polite" });
  let quiet = 0;
  function tell(text) {
    // Under an open box it would be out of sight.
    (document.querySelector("dialog[open]") || document.body).append(said);
    said.textContent = text;
    clearTimeout(quiet);
    quiet = setTimeout(() => { said.textContent = ""; }, 4000);
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // From a stick some browsers offer no clipboard but the old way.
      const area = make("textarea", { class: "away" });
      area.value = text;
      (document.querySelector("dialog[open]") || document.body).append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    tell(say("copied", { text }));
  }

  // A cell's identifier: its first line.
  const first = (cell) => (cell.querySelector("bdi") || cell).textContent.trim();

  // Sections fold by their headings.
  const sections = $("main > section");
  function folded(section, shut) {
    section.classList.toggle("folded", shut);
    section.querySelector("h2 button").setAttribute("aria-expanded", String(!shut));
  }
  for (const section of sections) {
    const title = section.querySelector("h2");
    const turn = () => folded(section, !section.classList.contains("folded"));
    title.append(button("", turn, { class: "fold", "aria-expanded": "true", "aria-label": title.textContent.trim() }));
  }
  const all = (shut) => { for (const section of sections) folded(section, shut); };
  function reveal(element) {
    const section = element.closest("main > section");
    if (section && section.classList.contains("folded")) folded(section, false);
  }

  // Search: each row, heading, caption, fact, point, paragraph and picture that has the text is one place.
  const field = make("input", { type: "search", placeholder: say("search"), "aria-label": say("search") });
  const count = make("span", { class: "count", "aria-live": "polite" });
  let hits = [];
  let at = -1;
  let waiting = 0;
  const texts = new Map();
  const PARTS = { TR: "th, td", FIGURE: "text, title, desc, figcaption" };
  function places() {
    if (!texts.size) {
      for (const one of $("main :is(h1, h2, p, li, dt, dd, caption, tr, figure)")) {
        const within = (one.matches("tr, figure, caption") ? one.parentElement : one).closest("tr, figure, caption");
        if (within || one.closest(".board")) continue;
        const parts = PARTS[one.tagName] ? $(PARTS[one.tagName], one) : [one];
        texts.set(one, parts.map((part) => part.textContent).join(" ").toLowerCase());
      }
    }
    return texts;
  }
  function search() {
    for (const one of hits) one.classList.remove("hit", "current");
    const wanted = field.value.trim().toLowerCase();
    hits = [];
    at = -1;
    if (wanted) for (const [one, text] of places()) if (text.includes(wanted) && !one.hidden) hits.push(one);
    for (const one of hits) one.classList.add("hit");
    count.textContent = wanted && !hits.length ? say("none") : "";
    if (hits.length) go(1);
  }
  function go(step) {
    if (!hits.length) return;
    if (at >= 0) hits[at].classList.remove("current");
    at = (at + step + hits.length) % hits.length;
    hits[at].classList.add("current");
    reveal(hits[at]);
    hits[at].scrollIntoView({ block: "center" });
    count.textContent = say("found", { at: at + 1, count: hits.length });
  }
  field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 60); });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      clearTimeout(waiting);
      if (!hits.length) search();
      else go(event.shiftKey ? -1 : 1);
    }
  });

  // Choices of loss, service and rule.
  function select(name, options, chosen = "") {
    const box = make("select", { "aria-label": say(name), onchange: apply });
    for (const [value, text] of options) box.append(make("option", { value }, text));
    box.value = chosen;
    return box;
  }
  const services = Object.keys(data.services).sort();
  const losses = data.losses.map(([id, label]) => [id, label ? `${id} ${label}` : id]);
  const loss = select("loss", [["", `${say("loss")}: ${say("all")}`], ...losses]);
  const service = select("service", [["", `${say("service")}: ${say("all")}`], ...services.map((name) => [name, name])]);
  const named = (rule) => (rule === data.declared ? say("declared", { rule }) : rule);
  const rule = select("rule", data.rules.map((one) => [one, named(one)]), data.declared);
  // Not disabled where there is nothing to do: that would drop the focus.
  const reset = button(say("reset"), () => { loss.value = service.value = ""; rule.value = data.declared; apply(); });
  const state = make("p", { class: "state", role: "status" });

  // Tables with a column of losses or services show the rows of the choice alone, and say so.
  const tables = $("main section table").map((table) => {
    const heads = $("thead th", table).map((th) => th.textContent.trim());
    const where = (names) => heads.findIndex((head) => names.includes(head));
    return { table, loss: where(data.heads.loss), service: where(data.heads.service), note: null };
  }).filter((one) => one.loss >= 0 || one.service >= 0);

  function filter(one) {
    const rows = [...one.table.tBodies[0].rows];
    const names = data.services[service.value] || [];
    const above = {};
    // An empty cell goes on with what stands above it.
    const cell = (row, name) => (above[name] = first(row.cells[one[name]]) || above[name] || "");
    let shown = 0;
    for (const row of rows) {
      const byLoss = one.loss < 0 || cell(row, "loss").split(/[\s,]+/).includes(loss.value) || !loss.value;
      const byService = one.service < 0 || names.includes(cell(row, "service")) || !service.value;
      row.hidden = !(byLoss && byService);
      if (!row.hidden) shown += 1;
    }
    const part = shown < rows.length;
    if (part && !one.note) {
      one.note = make("p", { class: "state" });
      one.table.closest(".table").before(one.note);
    }
    if (one.note) {
      one.note.hidden = !part;
      one.note.textContent = say("shown", { count: shown, all: rows.length });
    }
  }

  // The board: one row for each credited address and place, under the chosen rule.
  const PAGE = 200;
  let limit = PAGE;
  const body = make("tbody");
  const under = make("th", { scope: "col", class: "number" });
  const [to, credited, address, grade, declared] = data.heads.cells;
  const beside = make("th", { scope: "col", class: "number" }, declared);
  const head = make("tr", {}, ...[to, address].map((text) => make("th", { scope: "col" }, text)),
    make("th", { scope: "col", class: "number" }, credited), under, beside, make("th", { scope: "col" }, grade));
  const more = button(say("more"), () => { limit += PAGE; draw(); });
  const warned = make("p", { class: "warning" }, say("exposure"));
  const empty = make("p", { class: "note" }, say("nothing"));
  const routes = new Map();
  for (const one of data.routes) routes.set(one.key, [...(routes.get(one.key) || []), one]);

  function draw() {
    const wanted = data.rows.filter((row) => (!service.value || row.to === service.value)
      && (!loss.value || Object.values(row.sums).some((sums) => loss.value in sums)));
    const figure = (row, by) => ((row.sums[by] || {})[loss.value]) || row.zero;
    body.replaceChildren(...wanted.slice(0, limit).map((row) => {
      const ways = (routes.get(row.key) || []).filter((one) => !loss.value || one.loss === loss.value);
      const same = rule.value === data.declared;
      // Routes are those of the declared rule, whichever rule the figures are under.
      const under = say("under", { rule: named(data.declared) });
      const turn = () => open(`${say("routes")} · ${under}`, ways.flatMap(way));
      const follow = ways.length ? [button(same ? say("route") : `${say("route")} · ${under}`, turn)] : [];
      const other = same ? [] : [make("td", { class: "number" }, figure(row, data.declared))];
      return make("tr", {}, make("td", { class: "text" }, row.to, " ", ...follow),
        make("td", { class: "mono address" }, make("bdi", {}, row.through), ...(row.memo ? [make("small", {}, row.memo)] : [])),
        make("td", { class: "number" }, row.credited), make("td", { class: "number" }, figure(row, rule.value)),
        ...other, make("td", { class: "text" }, row.grade));
    }));
    beside.hidden = rule.value === data.declared;
    under.textContent = say("under", { rule: named(rule.value) });
    more.hidden = wanted.length <= limit;
    empty.hidden = wanted.length > 0;
    warned.hidden = rule.value !== "poison";
  }
  const way = (one) => [make("p", { class: "lead" }, one.head),
    make("ol", {}, ...one.hops.map((hop) => make("li", {}, ...marked(hop))))];

  // Identifiers in a sentence can be copied too.
  function marked(text) {
    return text.split(/([0-9A-Za-z:]{26,})/).map((part, n) => (n % 2 ? make("code", { tabindex: "0" }, part) : part));
  }

  function apply() {
    limit = PAGE;
    for (const one of tables) filter(one);
    const chosen = [[loss, "loss"], [service, "service"]].filter(([box]) => box.value)
      .map(([box, name]) => `${say(name)} ${box.value}`);
    state.textContent = chosen.length ? say("filtered", { what: chosen.join(", ") }) : "";
    reset.setAttribute("aria-disabled", String(!chosen.length && rule.value === data.declared));
    draw();
    if (field.value.trim()) search();
  }

  // A box over the page: a route, or the record of an exhibit.
  const title = make("h2");
  const content = make("div");
  const box = make("dialog", { "aria-labelledby": "boxed" }, make("form", { method: "dialog" },
    title, make("button", { type: "submit" }, say("close"))), content);
  title.id = "boxed";
  function open(name, parts) {
    title.textContent = name;
    content.replaceChildren(...parts);
    box.showModal();
    content.scrollTop = 0;
  }
  function record(link) {
    const row = document.getElementById(link.hash.slice(1));
    if (!row || !row.cells) return false;
    const heads = $("thead th", row.closest("table"));
    const facts = make("dl");
    [...row.cells].forEach((cell, n) => {
      const value = make("dd", { class: cell.className });
      value.append(...[...cell.childNodes].map((node) => node.cloneNode(true)));
      facts.append(make("dt", {}, heads[n].textContent), value);
    });
    open(say("record", { number: link.textContent }), [facts]);
    return true;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      if (link.hash.startsWith("#exhibit-") && !link.closest("dialog") && record(link)) event.preventDefault();
      else { const target = document.getElementById(link.hash.slice(1)); if (target) reveal(target); }
      return;
    }
    const cell = event.target.closest("td.mono, dd.mono, dialog code");
    if (cell && !String(getSelection())) copy(first(cell));
  });

  // The keyboard: a cell of the table that has the focus is current.
  let current = null;
  function stand(cell) {
    if (current) current.classList.remove("at");
    current = cell;
    if (cell) {
      cell.classList.add("at");
      cell.scrollIntoView({ block: "nearest", inline: "nearest" });
      if (cell.matches(".mono")) tell(say("copy"));
    }
  }
  const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  function inTable(event, table) {
    const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden);
    if (event.key in MOVES && rows.length) {
      const [down, right] = MOVES[event.key];
      const here = current && table.contains(current) ? [rows.indexOf(current.parentElement), current.cellIndex] : [-1, 0];
      const y = Math.min(Math.max(here[0] + (here[0] < 0 ? 1 : down), 0), rows.length - 1);
      const x = Math.min(Math.max(here[1] + (here[0] < 0 ? 0 : right), 0), rows[y].cells.length - 1);
      stand(rows[y].cells[x]);
      return true;
    }
    if (event.key === "Enter" && current && table.contains(current)) {
      const inner = current.querySelector("a, button");
      if (inner) inner.click();
      else copy(first(current));
      return true;
    }
    return false;
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const focus = document.activeElement;
    if (focus.matches("code, dd.mono") && event.key === "Enter") { copy(first(focus)); return; }
    if (focus.matches(".table") && inTable(event, focus.querySelector("table"))) { event.preventDefault(); return; }
    if (box.open || focus.matches("input, select, textarea")) {
      if (event.key === "Escape" && focus === field) { field.value = ""; search(); field.blur(); }
      return;
    }
    if (event.key === "/") { event.preventDefault(); field.focus(); }
    if (event.key === "n") go(1);
    if (event.key === "p") go(-1);
    if (event.key === "Escape") stand(null);
  });
  document.addEventListener("focusout", (event) => { if (event.target.matches(".table")) stand(null); });

  for (const one of $("main dd.mono")) one.tabIndex = 0;
  addEventListener("hashchange", () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target) { reveal(target); target.scrollIntoView(); }
  });

  const bar = make("div", { class: "tools", role: "toolbar", "aria-label": say("title") },
    make("span", { class: "find" }, field, button("↑", () => go(-1), { "aria-label": say("previous") }),
      button("↓", () => go(1), { "aria-label": say("next") }), count),
    loss, service, rule, reset,
    button(say("fold"), () => all(true)), button(say("unfold"), () => all(false)), button(say("print"), () => print()));
  document.querySelector(".bar").append(bar);
  const board = make("aside", { class: "board", "aria-label": say("title") }, make("h2", {}, say("title")),
    make("p", { class: "note" }, say("intro")), make("p", { class: "note" }, say("keys")), state, warned,
    make("div", { class: "table", tabindex: "0" }, make("table", {}, make("thead", {}, head), body)), empty, more);
  if (data.rows.length) (document.querySelector(".cover") || document.querySelector("main header")).after(board);
  else state.classList.add("alone");
  document.body.append(said, box);
  document.documentElement.classList.add("tooled");
  apply();
  if (location.hash) dispatchEvent(new Event("hashchange"));
})();
