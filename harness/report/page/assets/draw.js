// The picture itself, row by row from the top. Each row function takes the y it
// may start at and returns the y below it.
const PATTERN = { silent: "diag", waiting: "back", frozen: "cross", leaving: "rows", booting: "dots", errored: "cross",
  reset: "diag", "timed-out": "back", truncated: "dots", "wrong-status": "cross", unsent: "rows" };
const SAYS = { up: "up, no load", booting: "up, has not answered yet", serving: "serving", silent: "up, answers nothing", frozen: "stopped by a signal",
  leaving: "being stopped", waiting: "waiting to restart, no process", stopped: "stopped, no process", errored: "errored, no process", gone: "no process" };
const SHORT = { up: "up", booting: "booting", silent: "silent", frozen: "frozen", leaving: "stopping", waiting: "waiting to restart", stopped: "stopped", errored: "errored", gone: "no process" };
const LIGHT = { up: 1, booting: 1, silent: 1, frozen: 1, waiting: 1, stopped: 1, gone: 1, leaving: 1 };
const GLYPH = { up: "M0-5L5 4H-5Z", cross: "M-4-4L4 4M4-4L-4 4", dot: "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0Z", tick: "M-1-5H1V5H-1Z", diamond: "M0-6L5 0L0 6L-5 0Z",
  check: "M-5 0L-3-2L-1 1L4-5L6-3L-1 5Z", bar: "M-5-1.6H5V1.6H-5Z", bell: "M0-6L6 5H-6Z", star: "M0-6L2-2L6 0L2 2L0 6L-2 2L-6 0L-2-2Z" };

Plot.prototype.draw = function () {
  const svg = this.svg, d = this.d, w = this.width();
  svg.textContent = "";
  this.hits = [];
  this.rows = new Map(); // of each row of elements, where it lies: y from and to
  this.range.textContent = secs(this.view[0], 2) + " to " + secs(this.view[1], 2) + " of " + secs(d.end, 2);
  const back = node(svg, "g"), clip = "clip-" + d.key;
  const area = node(node(node(svg, "defs"), "clipPath", { id: clip }), "rect", { x: LEFT, y: 0, width: w - LEFT - RIGHT, height: 4000 });
  this.body = node(svg, "g", { "clip-path": "url(#" + clip + ")" });
  this.labels = node(svg, "g");
  this.place();
  let y = this.flags(24);
  const top = y;
  for (const row of d.workers) y = this.worker(row, y + 3);
  y = this.events(y + 6);
  y = this.engine(y);
  y = this.alerts(y) + 4;
  y = this.jobs(y);
  for (const lane of d.lanes) y = this.lane(lane, y);
  svg.setAttribute("height", y + 6);
  svg.setAttribute("viewBox", "0 0 " + w + " " + (y + 6)); // for print, where the width changes under it
  area.setAttribute("height", y + 6);
  this.backdrop(back, top, y + 2);
  this.cursor(y + 2);
  this.ring();
  this.overview();
};

// label names a row in the left margin.
Plot.prototype.label = function (y, text, sub, bad) {
  node(this.labels, "text", { x: LEFT - 10, y: y, "text-anchor": "end", class: "label" }, text);
  if (sub) node(this.labels, "text", { x: LEFT - 10, y: y + 14, "text-anchor": "end", class: bad ? "bad" : "soft" }, sub);
};

Plot.prototype.rule = function (y) { node(this.labels, "line", { x1: 0, x2: this.width(), y1: y, y2: y, class: "rule" }); };

// backdrop is the time axis, and the stretch in which the fault was on.
Plot.prototype.backdrop = function (g, top, bottom) {
  const [a, b] = this.view, w = this.width();
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 3e4, 6e4, 12e4, 3e5].find((s) => ((w - LEFT) * s) / (b - a) > 74) || 6e5;
  const on = this.d.marks.find((m) => m.name === "inject" && m.kind !== "request"), off = this.d.marks.find((m) => m.name === "lifted") || this.d.marks.find((m) => m.name === "recovered");
  if (on) {
    const x0 = Math.max(LEFT, this.x(on.t)), x1 = Math.min(w - RIGHT, this.x(off ? off.t : this.d.end));
    if (x1 > x0) node(g, "rect", { x: x0, y: top, width: x1 - x0, height: bottom - top, class: "fault" });
  }
  for (let t = Math.ceil(a / step) * step; t <= b; t += step) {
    const x = this.x(t);
    node(g, "line", { x1: x, x2: x, y1: 18, y2: bottom, class: "grid" });
    const say = secs(t, step < 10 ? 3 : step < 100 ? 2 : step < 1000 ? 1 : 0), half = widthOf(say) / 2 + 4;
    if (this.head && x + half > this.head.x && x - half < this.head.x + this.head.wide) continue;
    node(g, "text", { x: x, y: 13, "text-anchor": "middle", class: "soft" }, say);
  }
};

// flags are the drill's marks, on as many levels as keep their names apart.
Plot.prototype.flags = function (y) {
  const ends = [], lines = [];
  let levels = 1;
  for (const m of this.d.marks) {
    const name = m.kind === "request" ? "asked" : m.name, x = this.x(m.t), wide = widthOf(name) + 12;
    if (x < LEFT - 1 || x > this.width() - RIGHT + 1) continue;
    const at = x + wide > this.width() - RIGHT ? x - wide : x;
    let level = ends.findIndex((e) => e + 3 < at);
    if (level < 0) level = ends.length;
    ends[level] = Math.max(ends[level] || 0, at + wide);
    levels = Math.max(levels, level + 1);
    lines.push([m, x, at, wide, y + level * 19, name]);
  }
  const below = y + levels * 19 + 2;
  for (const [m, x] of lines) node(this.body, "line", { x1: x, x2: x, y1: y, y2: 4000, class: "mark " + m.name });
  for (const [m, , at, wide, top, name] of lines) {
    node(this.body, "rect", { x: at, y: top, width: wide, height: 16, rx: 3, class: "flag " + m.name });
    node(this.body, "text", { x: at + 6, y: top + 12 }, name);
    this.hit(at, top, at + wide, top + 16, WORDS.mark(m));
  }
  this.rows.set("drill", [y - 2, below - 1]);
  this.label(y + 12, "drill");
  this.rule(below);
  return below;
};

Plot.prototype.worker = function (row, y) {
  const h = 17, [a, b] = this.view;
  row.levels.forEach((segs, level) => {
    const top = y + level * (h + 2);
    for (const [from, to, s, pid] of segs) {
      if (to < a || from > b) continue;
      const x0 = Math.max(this.x(from), LEFT), x1 = Math.min(this.x(to), this.width() - RIGHT), name = DATA.states[s], wide = Math.max(x1 - x0, 1.2);
      const box = { x: x0, y: pid ? top : top + 4, width: wide, height: pid ? h : h - 8 };
      node(this.body, "rect", Object.assign({ class: "st st-" + name }, box));
      if (PATTERN[name] && wide > 3) node(this.body, "rect", Object.assign({ fill: "url(#p-" + PATTERN[name] + ")" }, box));
      const say = [SHORT[name], pid ? "pid " + pid : ""].filter(Boolean).join(" · ");
      const text = [say, pid ? String(pid) : SHORT[name]].find((s) => widthOf(s) + 22 < wide);
      if (text && pid) node(this.body, "text", { x: x0 + 7, y: top + 12.5, class: "in" + (LIGHT[name] ? " dark" : "") }, text);
      this.hit(x0 - 1, top, x0 + wide + 1, top + h, WORDS.stretch(row.id, [from, to, s, pid]));
    }
  });
  for (const [t, pid, level] of row.exits) {
    const x = this.x(t), top = y + level * (h + 2);
    if (t < a || t > b) continue;
    node(this.body, "path", { d: "M" + (x - 4) + " " + (top + 4.5) + "l8 8m0-8l-8 8", class: "died" });
    this.hit(x - 5, top, x + 5, top + h, WORDS.exit(row.id, [t, pid]));
  }
  this.rows.set("worker " + row.id, [y - 1, y + row.levels.length * (h + 2) - 1]);
  this.label(y + 12.5, row.id < 0 ? "no id" : "worker " + row.id);
  return y + row.levels.length * (h + 2);
};

// glyphs puts marks on one line; those closer than a few pixels share one.
Plot.prototype.glyphs = function (y, items, named) {
  const [a, b] = this.view, clusters = [];
  for (const it of items) {
    if (it.t < a || it.t > b) continue;
    const x = this.x(it.t), last = clusters[clusters.length - 1];
    if (last && x - last.x < 9) last.items.push(it);
    else clusters.push({ x: x, items: [it] });
  }
  clusters.forEach((c, i) => {
    const top = c.items.reduce((p, q) => (q.weight > p.weight ? q : p));
    node(this.body, "path", { d: GLYPH[top.glyph], transform: "translate(" + c.x + " " + y + ")", class: top.class, stroke: top.glyph === "cross" ? "currentColor" : "none" });
    const next = i + 1 < clusters.length ? clusters[i + 1].x - 8 : this.width() - RIGHT, more = c.items.length > 1 ? " +" + (c.items.length - 1) : "";
    if (named) {
      const text = [top.name + more, top.short + more].find((s) => c.x + 9 + widthOf(s) < next);
      if (text) node(this.body, "text", { x: c.x + 9, y: y + 4 }, text);
    }
    const lines = c.items.slice(0, 8).flatMap((it) => it.lines);
    if (c.items.length > 8) lines.push("and " + (c.items.length - 8) + " more");
    this.hit(c.x - 6, y - 9, c.x + 8, y + 9, lines);
  });
};

Plot.prototype.events = function (y) {
  this.rule(y - 2);
  const items = this.d.events.map((e) => {
    const [t, topic, event] = e;
    const it = { t: t, lines: WORDS.event(e), name: event || topic, short: "", glyph: "dot", class: "ev", weight: 1 };
    if (event === "online" || event === "start") Object.assign(it, { glyph: "up", class: "ev online", weight: 3 });
    else if (event === "exit" || event === "restart overlimit") Object.assign(it, { glyph: "diamond", class: "ev exit", weight: 4 });
    else if (topic === "process:exception") Object.assign(it, { glyph: "star", class: "ev exception", weight: 3 });
    else if (!event) Object.assign(it, { glyph: "tick", class: topic === "log:err" ? "ev log" : "ev", weight: topic === "log:err" ? 2 : 0 });
    return it;
  });
  this.glyphs(y + 10, items, false);
  this.label(y + 14, "PM2's bus");
  this.rows.set("events", [y, y + 20]);
  return y + 22;
};

Plot.prototype.engine = function (y) {
  const d = this.d;
  this.rule(y - 1);
  this.label(y + 15, "engine");
  if (!d.claims.length) node(this.labels, "text", { x: LEFT + 8, y: y + 14, class: "soft" }, "none ran, or it said nothing");
  const looks = { detected: ["diamond", 4], verified: ["check", 3], withheld: ["bar", 2], incident: ["dot", 1], ready: ["tick", 0] };
  const items = d.claims.filter((c) => c[1] !== "action").map((c) => {
    const [t, type, text] = c, [glyph, weight] = looks[type] || ["dot", 1];
    return { t: t, lines: WORDS.claim(c), name: type === "detected" ? text.split(" · ")[0] : type, short: type, glyph: glyph, class: "claim", weight: weight };
  });
  this.glyphs(y + 11, items, true);
  this.rows.set("engine", [y + 1, y + 21]);
  y += 22;
  if (d.deeds.length) node(this.labels, "text", { x: LEFT - 10, y: y + 11, "text-anchor": "end", class: "soft" }, "its actions");
  const free = [];
  for (const deed of d.deeds) {
    const [from, to, action, id, failed] = deed;
    let level = free.findIndex((t) => t <= from);
    if (level < 0) level = free.length;
    free[level] = to;
    if (to < this.view[0] || from > this.view[1]) continue;
    const x0 = Math.max(LEFT, this.x(from)), x1 = Math.max(x0 + 3, Math.min(this.x(to), this.width() - RIGHT)), top = y + level * 18;
    node(this.body, "rect", { x: x0, y: top, width: x1 - x0, height: 15, rx: 3, class: "deed" + (failed ? " failed" : "") });
    const names = [action + (id >= 0 ? " " + id : "") + (failed ? " failed" : ""), id >= 0 ? String(id) : ""];
    const text = names.find((s) => s && widthOf(s) + 8 < x1 - x0);
    if (text) node(this.body, "text", { x: x0 + 5, y: top + 11.5, class: "in" }, text);
    this.hit(x0 - 2, top, x1 + 2, top + 15, WORDS.deed(deed));
  }
  this.rows.set("actions", [y - 2, y + free.length * 18]);
  return y + free.length * 18 + (free.length ? 4 : 0);
};

Plot.prototype.alerts = function (y) {
  const items = this.d.alerts.map((a) => ({ t: a[0], lines: WORDS.alert(a), name: a[1] + " " + a[2], short: a[1], glyph: "bell", class: "alert", weight: 1 }));
  this.rule(y - 1);
  this.label(y + 15, "alerts");
  if (!items.length) node(this.labels, "text", { x: LEFT + 8, y: y + 14, class: "soft" }, "none");
  this.glyphs(y + 11, items, true);
  this.rows.set("alerts", [y + 1, y + 21]);
  return y + 22;
};

// jobs shows when the app's scheduled job ran; a run of a tick that had been run
// stands out, below the line.
Plot.prototype.jobs = function (y) {
  const runs = this.d.jobs, over = runs.filter((r) => r[4]).length;
  if (!runs.length) return y;
  this.rule(y - 1);
  this.label(y + 15, "job", over ? over + " runs too many" : "", true);
  for (const run of runs) {
    const [t, , , , again] = run, x = this.x(t), top = again ? y + 17 : y + 4;
    if (t < this.view[0] || t > this.view[1]) continue;
    node(this.body, "rect", { x: x - 1.5, y: top, width: 3, height: 11, class: "job" + (again ? " again" : "") });
    this.hit(x - 4, top, x + 4, top + 11, WORDS.job(run));
  }
  this.rows.set("job", [y, y + 32]);
  return y + 34;
};
