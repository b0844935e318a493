// What the picture shows, as rows of elements in words: what a pointer reads when
// it rests on one, and what the arrow keys walk along. An element has the moments
// between which it lies.
const who = (id) => (id < 0 ? "a worker PM2 no longer lists" : "worker " + id);
const between = (from, to) => secs(from) + " to " + secs(to);

const WORDS = {
  mark: (m) => [(m.kind === "request" ? "asked" : m.name) + " at " + secs(m.t) + (m.kind ? " (" + m.kind + ")" : ""), m.note || ""].filter(Boolean),
  stretch: (id, [from, to, s, pid]) => [who(id) + (pid ? ", pid " + pid : ""), SAYS[DATA.states[s]], between(from, to)],
  exit: (id, [t, pid]) => [who(id) + ": pid " + pid + " exited", "at " + secs(t) + ", as the kernel reported it"],
  event: ([t, topic, event, id, text]) => [secs(t) + "  " + [event || topic, id >= 0 ? "worker " + id : "", text].filter(Boolean).join(" · ")],
  claim: ([t, type, text]) => [secs(t) + "  " + type + " · " + text],
  deed: ([from, to, action, id, failed]) => [action + (id >= 0 ? " of worker " + id : "") + (failed ? ": failed" : ""), between(from, to) + ", as the engine claims"],
  alert: ([t, status, cause]) => [secs(t) + "  alert: " + status + " " + cause],
  job: ([t, tick, pid, worker, again]) => ["the job ran" + (again ? " again" : "") + " for " + new Date(tick * 1000).toISOString().slice(11, 19) + " UTC",
    "worker " + worker + ", pid " + pid + ", at " + secs(t) + ", as its database has it"],
};

// took says how long answers took in the slices that lie in a stretch: the
// extremes, since percentiles cannot be added up.
function took(lane, from, to) {
  const in_ = lane.took.filter(([k]) => (k + 1) * DATA.slice > from && k * DATA.slice < to);
  if (!in_.length) return [];
  const say = (i) => { const v = in_.map((s) => s[i]), lo = Math.min(...v), hi = Math.max(...v); return msecs(lo) + (hi > lo ? " to " + msecs(hi) : ""); };
  return ["half of them within " + say(1) + ", 99 of 100 within " + say(2)];
}

// runs divides a lane into stretches with losses and stretches without.
function runs(lane) {
  const n = new Map(lane.ans.map((a, i) => [lane.from + i, { ans: a, lost: {} }]));
  for (const [i, c, k] of lane.lost) {
    if (!n.has(i)) n.set(i, { ans: 0, lost: {} });
    n.get(i).lost[DATA.classes[c]] = k;
  }
  const out = [];
  for (const i of [...n.keys()].sort((p, q) => p - q)) {
    const b = n.get(i), bad = Object.keys(b.lost).length > 0;
    let last = out[out.length - 1];
    if (!last || last.bad !== bad) out.push(last = { bad: bad, from: i * DATA.bucket, ans: 0, lost: {} });
    last.to = (i + 1) * DATA.bucket;
    last.ans += b.ans;
    for (const c in b.lost) last.lost[c] = (last.lost[c] || 0) + b.lost[c];
  }
  return out;
}

const sayRequests = (lane, s) => [lane.name + ", due " + secs(s.from, 1) + " to " + secs(s.to, 1), group(s.ans) + " answered"]
  .concat(Object.keys(s.lost).map((c) => group(s.lost[c]) + " " + c), took(lane, s.from, s.to));

function elements(d) {
  const rows = [], row = (name, items) => { if (items.length) rows.push({ name: name, items: items.sort((p, q) => p.from - q.from) }); };
  const at = (t, lines) => ({ from: t, to: t, lines: lines }), span = (from, to, lines) => ({ from: from, to: to, lines: lines });
  row("drill", d.marks.map((m) => at(m.t, WORDS.mark(m))));
  for (const w of d.workers) {
    row("worker " + w.id, w.levels.flat().map((s) => span(s[0], s[1], WORDS.stretch(w.id, s))).concat(w.exits.map((e) => at(e[0], WORDS.exit(w.id, e)))));
  }
  row("events", d.events.map((e) => at(e[0], WORDS.event(e))));
  row("engine", d.claims.filter((c) => c[1] !== "action").map((c) => at(c[0], WORDS.claim(c))));
  row("actions", d.deeds.map((x) => span(x[0], x[1], WORDS.deed(x))));
  row("alerts", d.alerts.map((a) => at(a[0], WORDS.alert(a))));
  row("job", d.jobs.map((j) => at(j[0], WORDS.job(j))));
  for (const lane of d.lanes) row("lane " + lane.name, runs(lane).map((s) => span(s.from, s.to, sayRequests(lane, s))));
  return rows;
}

// step walks by elements within a row, and by rows to the element nearest in time.
Plot.prototype.step = function (by, rows) {
  if (!this.elements.length) return;
  let [r, i] = this.chosen || [0, 0];
  if (rows && this.chosen) {
    const t = this.elements[r].items[i].from, to = Math.min(Math.max(0, r + rows), this.elements.length - 1);
    const gap = (it) => (t < it.from ? it.from - t : t > it.to ? t - it.to : 0), items = this.elements[to].items;
    if (to !== r) i = items.reduce((best, it, k) => (gap(it) < gap(items[best]) ? k : best), 0);
    r = to;
  } else if (this.chosen) i = Math.min(Math.max(0, i + by), this.elements[r].items.length - 1);
  this.choose(r, i);
};

// choose puts the ring around an element, names it and brings it into view.
Plot.prototype.choose = function (r, i) {
  this.chosen = [r, i];
  const row = this.elements[r], it = row.items[i], [a, b] = this.view, span = b - a;
  this.said.textContent = row.name + ", " + (i + 1) + " of " + row.items.length + ": " + it.lines.join(", ");
  if (it.from < a || it.from > b) this.show(it.from - span * 0.3, it.from + span * 0.7);
  this.ring();
};

Plot.prototype.ring = function () {
  if (this.halo) this.halo.remove();
  this.halo = null;
  if (!this.chosen) return;
  const row = this.elements[this.chosen[0]], it = row.items[this.chosen[1]], [y0, y1] = this.rows.get(row.name), end = this.width() - RIGHT;
  const x0 = Math.max(LEFT, this.x(it.from) - 7), x1 = Math.min(end, this.x(it.to) + 7);
  if (x1 > x0) this.halo = node(this.svg, "rect", { x: x0, y: y0, width: x1 - x0, height: y1 - y0, rx: 4, class: "ring" });
};
