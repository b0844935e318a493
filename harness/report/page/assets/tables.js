// Tables under a timeline, the legend, and the patterns that carry what colour
// alone must not.
const PAGE = 100; // rows of losses shown at first

function legend(host, d) {
  const box = node(host, "div", { class: "legend" });
  const row = (title) => { const g = node(box, "div", { class: "group" }); node(g, "b", {}, title); return g; };
  const key = (to, cls, pattern, text) => {
    const s = node(to, "span"), svg = node(s, "svg", { viewBox: "0 0 18 12", "aria-hidden": "true" });
    node(svg, "rect", { width: 18, height: 12, rx: 2, class: cls });
    if (pattern) node(svg, "rect", { width: 18, height: 12, fill: "url(#p-" + pattern + ")" });
    node(s, "span", {}, text);
  };
  const glyph = (to, shape, cls, text) => {
    const s = node(to, "span"), svg = node(s, "svg", { viewBox: "-9 -7 18 14", "aria-hidden": "true" });
    node(svg, "path", { d: GLYPH[shape], class: cls });
    node(s, "span", {}, text);
  };
  const workers = row("Workers"), seen = new Set(d.workers.flatMap((w) => w.levels.flat().map((s) => DATA.states[s[2]])));
  for (const s of DATA.states) if (seen.has(s)) key(workers, "st-" + s, PATTERN[s], SAYS[s]);
  if (d.workers.some((w) => w.exits.length)) glyph(workers, "cross", "died", "process exited");
  const requests = row("Requests, by when due");
  key(requests, "answered", "", "answered, above the line");
  const lost = new Set(d.lanes.flatMap((l) => l.lost.map((x) => DATA.classes[x[1]])));
  for (const c of DATA.classes) if (lost.has(c)) key(requests, "cl-" + c, PATTERN[c], c + ", below it");
  key(requests, "k-p50", "", "latency: half within");
  key(requests, "k-p99", "", "99 of 100 within");
  const rest = row("PM2 and engine");
  glyph(rest, "up", "ev online", "start, online");
  glyph(rest, "diamond", "ev exit", "exit, gave up");
  glyph(rest, "star", "ev exception", "exception");
  glyph(rest, "tick", "ev log", "error log");
  if (d.claims.length) {
    glyph(rest, "diamond", "claim", "detected");
    glyph(rest, "check", "claim", "verified");
    glyph(rest, "bar", "claim", "withheld");
    key(rest, "deed", "", "action, begin to done");
  }
  if (d.alerts.length) glyph(rest, "bell", "alert", "alert");
}

function patterns() {
  const svg = node(document.body, "svg", { width: 0, height: 0, "aria-hidden": "true", style: "position:absolute" }), defs = node(svg, "defs");
  const add = (id, d) => node(node(defs, "pattern", { id: "p-" + id, width: 6, height: 6, patternUnits: "userSpaceOnUse" }), "path", { d: d, class: "hatch" });
  add("diag", "M-1 1l2-2M0 6l6-6M5 7l2-2");
  add("back", "M-1 5l2 2M0 0l6 6M5-1l2 2");
  add("cross", "M0 6l6-6M0 0l6 6");
  add("rows", "M0 2H6");
  add("dots", "M2 2h1.6M5 5h1.6");
}

// losses tables every lost request; a click on one moves the timeline there.
function losses(host, d, plot) {
  const w = (i) => d.words[i] || "", causes = new Map();
  for (const l of d.losses) causes.set(w(l[6]), (causes.get(w(l[6])) || 0) + 1);
  let only = "", limit = PAGE;
  const chips = node(host, "div", { class: "chips", role: "group", "aria-label": "Filter by cause" });
  const scroll = node(host, "div", { class: "scroll", tabindex: "0" }), note = node(host, "p", { class: "note" });
  const chip = (name, text) => {
    const b = node(chips, "button", { type: "button", "aria-pressed": String(name === only) }, text);
    b.onclick = () => {
      only = name;
      limit = PAGE;
      for (const c of chips.children) c.setAttribute("aria-pressed", String(c === b));
      fill();
    };
  };
  if (causes.size > 1) {
    chip("", "all " + group(d.losses.length));
    for (const [name, n] of causes) chip(name, name + " " + group(n));
  }
  const fill = () => {
    const rows = d.losses.filter((l) => !only || w(l[6]) === only);
    scroll.textContent = "";
    const table = node(scroll, "table"), head = node(node(table, "thead"), "tr"), body = node(table, "tbody");
    for (const h of ["request", "lane", "how it ended", "due", "waited", "worker", "attributed to", "what became of it"]) node(head, "th", { scope: "col" }, h);
    for (const l of rows.slice(0, limit)) lossRow(body, l, w, plot);
    note.textContent = "";
    if (rows.length > limit) {
      note.textContent = group(limit) + " of " + group(rows.length) + " shown. ";
      node(note, "button", { type: "button" }, "Show all").onclick = () => { limit = Infinity; fill(); };
    }
    if (d.untold) node(note, "span", {}, " " + group(d.untold) + " more are in the evidence file.");
  };
  fill();
}

function lossRow(body, l, w, plot) {
  const [id, due, waited, lane, cls, phase, cause, story, worker, pid, status] = l;
  const tr = node(body, "tr");
  const open = node(node(tr, "td", { class: "id" }), "button", { type: "button", class: "goto", title: "Show in the timeline" }, id);
  node(tr, "td", { class: "nowrap" }, w(lane));
  const how = node(tr, "td", { class: "nowrap" });
  node(how, "i", { class: "class bg-" + w(cls) });
  node(how, "span", {}, w(cls) + (status ? " " + status : "") + (w(phase) ? " (" + w(phase) + ")" : ""));
  node(tr, "td", { class: "n" }, secs(due));
  node(tr, "td", { class: "n" }, waited >= 1000 ? secs(waited, 2) : waited + " ms");
  node(tr, "td", { class: "nowrap" }, pid ? (worker >= 0 ? worker + " · " : "") + "pid " + pid : "–");
  node(tr, "td", {}).appendChild(node(null, "span", { class: "cause " + w(cause) }, w(cause)));
  node(tr, "td", { class: "why" }, w(story));
  tr.onclick = () => {
    for (const x of body.querySelectorAll(".chosen")) x.classList.remove("chosen");
    tr.classList.add("chosen");
    plot.go(due, id);
  };
  open.onclick = (e) => { e.stopPropagation(); tr.onclick(); };
}

// busEvents tables what PM2's bus said.
function busEvents(host, d) {
  const body = node(node(node(host, "div", { class: "scroll", tabindex: "0" }), "table"), "tbody");
  for (const [t, topic, event, id, text] of d.events) {
    const tr = node(body, "tr");
    node(tr, "td", { class: "nowrap n" }, secs(t));
    node(tr, "td", { class: "nowrap" }, topic);
    node(tr, "td", { class: "nowrap" }, event);
    node(tr, "td", { class: "nowrap" }, id >= 0 ? "worker " + id : "");
    node(tr, "td", {}, text);
  }
  if (d.cut) node(host, "p", { class: "soft" }, group(d.cut) + " more are in the evidence file.");
}
