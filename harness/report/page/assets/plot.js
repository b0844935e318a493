// One drill's timeline: what is in view, where rows lie, and how a person moves.
const NS = "http://www.w3.org/2000/svg";
const DATA = JSON.parse(document.getElementById("data").textContent);
const LEFT = 138, RIGHT = 14, SHORTEST = 20; // pixels, pixels, milliseconds
const pen = document.createElement("canvas").getContext("2d");
pen.font = "11px system-ui, sans-serif";

// node makes an element of HTML, or of SVG when its parent is one. Text is
// always set as text: nothing an app has written is ever parsed.
function node(parent, tag, attrs, text) {
  const svg = tag === "svg" || (parent && parent.namespaceURI === NS);
  const e = svg ? document.createElementNS(NS, tag) : document.createElement(tag);
  for (const k in attrs) e.setAttribute(k, attrs[k]);
  if (text !== undefined) e.textContent = text;
  if (parent) parent.appendChild(e);
  return e;
}

function widthOf(text) { return pen.measureText(text).width; }
function group(n) { return Number(n).toLocaleString("en"); }
function msecs(ms) { return ms < 1000 ? (ms < 10 ? ms.toFixed(1) : ms.toFixed(0)) + " ms" : (ms / 1000).toFixed(2) + " s"; }
function secs(ms, digits) { return (ms / 1000).toFixed(digits === undefined ? 3 : digits) + " s"; }

function Plot(host, d) {
  this.host = host;
  this.d = d;
  this.view = d.open.slice();
  this.pin = d.losses.length ? { at: d.focus, label: "first loss" } : null;
  this.hits = [];
  this.elements = elements(d);
  this.chosen = null; // row and place in it of the element that the keys have reached
  host.textContent = "";
  this.toolbar();
  this.svg = node(host, "svg", { tabindex: "0", role: "application", "aria-roledescription": "timeline", "aria-label": this.describe() });
  this.said = node(host, "p", { class: "said", role: "status" });
  this.over = node(host, "svg", { class: "overview", height: "40", "aria-hidden": "true" });
  legend(host, d);
  this.tip = node(host, "div", { class: "tip", hidden: "" });
  this.listen();
  new ResizeObserver(() => this.later()).observe(host);
  this.draw();
}

// describe says in words what the picture shows, for those who cannot see it.
Plot.prototype.describe = function () {
  const d = this.d, marks = d.marks.map((m) => m.name + " at " + secs(m.t, 1)).join(", ");
  const lanes = d.lanes.map((l) => l.name + ": " + l.dropped + " of " + l.owed + " lost").join(", ");
  return "Timeline of " + secs(d.end, 1) + ". " + marks + ". " + lanes + ". Left and right walk along a row, up and down between rows, Home and End to its ends; Shift with an arrow moves the view, plus and minus zoom, 0 shows the whole drill" + (d.losses.length ? ", L the first loss." : ".");
};

Plot.prototype.toolbar = function () {
  const head = node(this.host, "div", { class: "head" }), d = this.d;
  this.range = node(head, "span", { class: "range" });
  node(head, "span", { class: "hint" }, "drag, Ctrl+wheel · keys ← → ↑ ↓ walk, Shift+← → move, + − 0" + (d.losses.length ? ", L first loss" : ""));
  const button = (text, title, act) => {
    node(head, "button", { type: "button", title: title, "aria-label": title }, text).onclick = act;
  };
  button("−", "Zoom out", () => this.zoom(1.6));
  button("+", "Zoom in", () => this.zoom(1 / 1.6));
  if (d.losses.length) button("First loss", "Show the first lost request", () => this.go(d.focus, "first loss"));
  if (d.focus >= 0) button("Incident", "Show the incident", () => this.show(d.open[0], d.open[1]));
  button("Whole drill", "Show the whole drill", () => this.show(0, d.end));
};

Plot.prototype.width = function () { return Math.max(320, this.host.clientWidth); };
Plot.prototype.x = function (t) {
  return LEFT + ((t - this.view[0]) / (this.view[1] - this.view[0])) * (this.width() - LEFT - RIGHT);
};
Plot.prototype.time = function (x) {
  return this.view[0] + ((x - LEFT) / (this.width() - LEFT - RIGHT)) * (this.view[1] - this.view[0]);
};

// show puts a window in view, within the drill and no shorter than SHORTEST.
Plot.prototype.show = function (from, to) {
  const span = Math.min(Math.max(to - from, SHORTEST), Math.max(this.d.end, SHORTEST));
  from = Math.min(Math.max(0, from), Math.max(0, this.d.end - span));
  this.view = [from, from + span];
  this.later();
};

Plot.prototype.zoom = function (factor, at) {
  const [a, b] = this.view, c = at === undefined ? (a + b) / 2 : at;
  this.show(c - (c - a) * factor, c + (b - c) * factor);
};

Plot.prototype.pan = function (share) {
  const by = (this.view[1] - this.view[0]) * share;
  this.show(this.view[0] + by, this.view[1] + by);
};

// go pins a moment and brings it into view.
Plot.prototype.go = function (at, label) {
  const span = Math.min(this.view[1] - this.view[0], 8000);
  this.pin = { at: at, label: label };
  this.show(at - span * 0.35, at + span * 0.65);
  const box = this.host.getBoundingClientRect();
  if (box.top < 0 || box.top > innerHeight - 200) this.host.scrollIntoView({ block: "start", behavior: "auto" });
};

Plot.prototype.later = function () {
  if (this.queued) return;
  this.queued = true;
  requestAnimationFrame(() => { this.queued = false; this.draw(); });
};

Plot.prototype.listen = function () {
  const svg = this.svg;
  let drag = null;
  svg.addEventListener("pointerdown", (e) => {
    drag = { x: e.clientX, view: this.view.slice() };
    svg.setPointerCapture(e.pointerId);
    svg.classList.add("dragging");
    svg.focus({ preventScroll: true });
  });
  svg.addEventListener("pointermove", (e) => {
    if (!drag) return this.hover(e);
    const scale = (drag.view[1] - drag.view[0]) / (this.width() - LEFT - RIGHT), by = (drag.x - e.clientX) * scale;
    this.tip.hidden = true;
    this.show(drag.view[0] + by, drag.view[1] + by);
  });
  const end = () => { drag = null; svg.classList.remove("dragging"); };
  svg.addEventListener("pointerup", end);
  svg.addEventListener("pointercancel", end);
  svg.addEventListener("pointerleave", () => { this.tip.hidden = true; if (this.cross) this.cross.setAttribute("visibility", "hidden"); });
  svg.addEventListener("dblclick", (e) => this.zoom(0.4, this.time(this.local(e)[0])));
  svg.addEventListener("wheel", (e) => {
    if (Math.abs(e.deltaX) > Math.abs(e.deltaY)) { e.preventDefault(); return this.pan(e.deltaX / 600); }
    if (!e.ctrlKey && !e.metaKey && document.activeElement !== svg) return;
    e.preventDefault();
    this.zoom(Math.exp(Math.max(-1, Math.min(1, e.deltaY / 300))), this.time(this.local(e)[0]));
  }, { passive: false });
  svg.addEventListener("keydown", (e) => {
    const walk = (by) => (e.shiftKey ? this.pan(by * 0.2) : this.step(by, 0));
    const acts = {
      ArrowLeft: () => walk(-1), ArrowRight: () => walk(1), ArrowUp: () => this.step(0, -1), ArrowDown: () => this.step(0, 1),
      Home: () => this.step(-Infinity, 0), End: () => this.step(Infinity, 0), l: () => { if (this.d.losses.length) this.go(this.d.focus, "first loss"); }, "+": () => this.zoom(0.6), "=": () => this.zoom(0.6),
      "-": () => this.zoom(1.6), 0: () => this.show(0, this.d.end), Escape: () => svg.blur(),
    };
    if (!acts[e.key] || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    acts[e.key]();
  });
  this.brush();
};

// brush lets a person drag a window over the overview.
Plot.prototype.brush = function () {
  const over = this.over, at = (e) => {
    const box = over.getBoundingClientRect();
    return ((e.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT)) * this.d.end;
  };
  let drag = null;
  over.addEventListener("pointerdown", (e) => {
    const t = at(e), [a, b] = this.view, near = this.d.end / 100;
    over.setPointerCapture(e.pointerId);
    if (Math.abs(t - a) < near) drag = (u) => this.show(Math.min(u, b - SHORTEST), b);
    else if (Math.abs(t - b) < near) drag = (u) => this.show(a, Math.max(u, a + SHORTEST));
    else if (t > a && t < b && b - a < this.d.end * 0.98) drag = (u) => this.show(a + u - t, b + u - t);
    else drag = (u) => this.show(Math.min(t, u), Math.max(t, u));
  });
  over.addEventListener("pointermove", (e) => { if (drag) drag(at(e)); });
  over.addEventListener("pointerup", () => { drag = null; });
  over.addEventListener("pointercancel", () => { drag = null; });
};

Plot.prototype.local = function (e) {
  const box = this.svg.getBoundingClientRect();
  return [e.clientX - box.left, e.clientY - box.top];
};

// hover shows the time under the pointer and what lies there.
Plot.prototype.hover = function (e) {
  const [x, y] = this.local(e);
  if (x < LEFT || x > this.width() - RIGHT) { this.tip.hidden = true; return; }
  this.cross.setAttribute("visibility", "visible");
  this.cross.setAttribute("transform", "translate(" + x + " 0)");
  const hit = this.hits.findLast((h) => x >= h.x0 && x <= h.x1 && y >= h.y0 && y <= h.y1);
  const lines = hit ? (typeof hit.lines === "function" ? hit.lines(this.time(x)) : hit.lines) : [];
  this.tip.textContent = "";
  node(this.tip, "div", {}, "").appendChild(node(null, "b", {}, secs(this.time(x), this.view[1] - this.view[0] < 3000 ? 3 : 2)));
  for (const line of lines) node(this.tip, "div", {}, line);
  this.tip.hidden = false;
  const top = this.svg.getBoundingClientRect().top - this.host.getBoundingClientRect().top + y + 16, w = this.tip.offsetWidth, h = this.tip.offsetHeight;
  this.tip.style.left = (x + 14 + w > this.width() ? Math.max(0, x - w - 14) : x + 14) + "px";
  this.tip.style.top = Math.max(0, Math.min(top, this.host.clientHeight - h - 4)) + "px";
};

// hit remembers what a part of the picture says when a pointer is over it.
Plot.prototype.hit = function (x0, y0, x1, y1, lines) {
  this.hits.push({ x0: Math.max(x0, LEFT), y0: y0, x1: Math.min(x1, this.width() - RIGHT), y1: y1, lines: lines });
};
