// Request lanes: answered above the line, lost below it, by when they were due.
const HALF = 26; // pixels above and below the line

// buckets sums a lane into steps at least two pixels wide. A slow lane gets
// wider ones, each of which owes about the same number of requests, so that an
// even rate looks even.
Plot.prototype.buckets = function (lane, from, to, px) {
  const unit = DATA.bucket, out = new Map(), smooth = Math.min(5000 / (Math.max(lane.rate, 1) * unit), 18 / px);
  const least = Math.max(1, Math.ceil(2 / px), Math.round(smooth)), uneven = (k) => Math.abs(((lane.rate * k * unit) / 1000 + 0.5) % 1 - 0.5);
  let k = least;
  for (let more = least; lane.rate < 30 && more <= Math.max(5, least * 2); more++) if (uneven(more) < uneven(k) - 0.01) k = more;
  const at = (i) => {
    const key = Math.floor(i / k);
    if (!out.has(key)) out.set(key, { from: key * k * unit, to: (key + 1) * k * unit, ans: 0, lost: {}, sum: 0 });
    return out.get(key);
  };
  const lo = Math.floor(from / unit) - k, hi = Math.ceil(to / unit) + k;
  for (let i = Math.max(lo, lane.from); i <= Math.min(hi, lane.from + lane.ans.length - 1); i++) at(i).ans += lane.ans[i - lane.from];
  for (const [i, c, n] of lane.lost) {
    if (i < lo || i > hi) continue;
    const b = at(i), name = DATA.classes[c];
    b.lost[name] = (b.lost[name] || 0) + n;
    b.sum += n;
  }
  return { list: [...out.values()].sort((p, q) => p.from - q.from), size: k };
};

Plot.prototype.lane = function (lane, y) {
  const [a, b] = this.view, px = ((this.width() - LEFT - RIGHT) * DATA.bucket) / (b - a), mid = y + HALF + 6;
  const { list, size } = this.buckets(lane, a, b, px);
  const owed = (lane.rate * size * DATA.bucket) / 1000, most = owed ? Math.max(1, owed * 1.15) : Math.max(1, ...list.map((s) => s.ans + s.sum));
  const paths = {}, rect = (x0, x1, y0, h) => "M" + x0.toFixed(1) + " " + y0.toFixed(1) + "H" + x1.toFixed(1) + "v" + h.toFixed(1) + "H" + x0.toFixed(1) + "Z";
  this.rule(y);
  for (const s of list) {
    const x0 = this.x(s.from), x1 = Math.max(x0 + 1, this.x(s.to) - (px * size > 13 ? 1 : 0)), up = Math.min(1, s.ans / most) * HALF;
    if (up) paths.answered = (paths.answered || "") + rect(x0, x1, mid - up, up);
    let low = mid + 1;
    for (const c of DATA.classes) {
      if (!s.lost[c]) continue;
      const h = Math.min(Math.max(4, (s.lost[c] / most) * HALF), Math.max(2, mid + 1 + HALF - low));
      paths[c] = (paths[c] || "") + rect(x0, Math.max(x1, x0 + 3), low, h);
      low += h;
    }
  }
  for (const c in paths) {
    node(this.body, "path", { d: paths[c], class: c === "answered" ? "answered" : "cl-" + c });
    if (PATTERN[c]) node(this.body, "path", { d: paths[c], fill: "url(#p-" + PATTERN[c] + ")" });
  }
  node(this.body, "line", { x1: LEFT, x2: this.width() - RIGHT, y1: mid + 0.5, y2: mid + 0.5, class: "base" });
  this.label(mid - 8, lane.name, (lane.rate ? lane.rate + "/s" : ""));
  node(this.labels, "text", { x: LEFT - 10, y: mid + 21, "text-anchor": "end", class: lane.dropped ? "bad" : "soft" },
    lane.dropped ? group(lane.dropped) + " of " + group(lane.owed) + " lost" : "none of " + group(lane.owed) + " lost");
  const below = this.latency(lane, y + 2 * HALF + 12);
  this.hit(LEFT, y, this.width(), below, (t) => {
    const s = list.find((s) => t >= s.from && t < s.to);
    return s ? sayRequests(lane, s) : [lane.name + ": nothing was due"];
  });
  this.rows.set("lane " + lane.name, [y + 1, below - 1]);
  return below;
};

// latency draws the median and the 99th percentile of a lane's answers as steps, on
// a scale in which each tenfold is as high as the next.
const DEEP = 34; // pixels
Plot.prototype.latency = function (lane, y) {
  if (!lane.took.length) return y;
  const p99 = lane.took.map((s) => s[2]), low = Math.floor(Math.log10(Math.max(0.1, Math.min(...lane.took.map((s) => s[1])))));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...p99)) - 1e-9)), foot = y + DEEP;
  const up = (v) => foot - ((Math.log10(Math.max(v, 10 ** low)) - low) / (high - low)) * (DEEP - 4);
  const line = (i, cls) => {
    let path = "", last = -2;
    for (const s of lane.took) {
      const x0 = this.x(s[0] * DATA.slice).toFixed(1), x1 = this.x((s[0] + 1) * DATA.slice).toFixed(1), h = up(s[i]).toFixed(1);
      path += (s[0] === last + 1 ? "L" : "M") + x0 + " " + h + "H" + x1;
      last = s[0];
    }
    node(this.body, "path", { d: path, class: cls });
  };
  for (let e = low; e <= high; e++) {
    const h = up(10 ** e);
    node(this.body, "line", { x1: LEFT, x2: this.width() - RIGHT, y1: h, y2: h, class: "grid" });
    if (e === low || e === high) node(this.labels, "text", { x: LEFT - 4, y: h + 4, "text-anchor": "end", class: "scale" }, e < 3 ? 10 ** e + " ms" : 10 ** (e - 3) + " s");
  }
  line(2, "p99");
  line(1, "p50");
  node(this.labels, "text", { x: 8, y: y + DEEP / 2 + 6, class: "soft" }, "p50, p99");
  return foot + 6;
};

// place works out where the pinned moment's name goes, for the axis to leave room.
Plot.prototype.place = function () {
  this.head = null;
  if (!this.pin) return;
  const x = this.x(this.pin.at), wide = widthOf(this.pin.label) + 18;
  if (x < LEFT - 1 || x > this.width() - RIGHT + 1) return;
  this.head = { at: x, wide: wide, x: Math.min(Math.max(LEFT, x - wide / 2), this.width() - RIGHT - wide) };
};

// cursor draws the pinned moment and the line under the pointer.
Plot.prototype.cursor = function (bottom) {
  this.cross = node(this.svg, "line", { x1: 0, x2: 0, y1: 18, y2: bottom, class: "cursor", visibility: "hidden" });
  if (!this.head) return;
  const h = this.head;
  node(this.svg, "line", { x1: h.at, x2: h.at, y1: 16, y2: bottom, class: "pin" });
  node(this.svg, "rect", { x: h.x, y: 1, width: h.wide, height: 17, rx: 8, class: "pinhead" });
  node(this.svg, "text", { x: h.x + h.wide / 2, y: 13.5, "text-anchor": "middle", class: "pintext" }, this.pin.label);
};

// overview is the whole drill in a strip, with the window in view on it.
Plot.prototype.overview = function () {
  const svg = this.over, d = this.d, w = this.width() - LEFT - RIGHT, x = (t) => LEFT + (t / Math.max(1, d.end)) * w;
  svg.textContent = "";
  const step = Math.max(1, Math.ceil((2 * d.end) / w / DATA.bucket)), ans = {}, lost = {};
  for (const lane of d.lanes) {
    if (lane.name === "noise") continue;
    lane.ans.forEach((n, i) => { const k = Math.floor((lane.from + i) / step); ans[k] = (ans[k] || 0) + n; });
    for (const [i, , n] of lane.lost) { const k = Math.floor(i / step); lost[k] = (lost[k] || 0) + n; }
  }
  const most = Math.max(1, ...Object.keys(ans).concat(Object.keys(lost)).map((k) => (ans[k] || 0) + (lost[k] || 0)));
  const bars = (of, cls, least, y, dir) => {
    let path = "";
    for (const k in of) {
      const h = of[k] ? Math.max(least, (of[k] / most) * 16) : 0, x0 = x(k * step * DATA.bucket), x1 = Math.max(x0 + 1.2, x((+k + 1) * step * DATA.bucket));
      if (h) path += "M" + x0.toFixed(1) + " " + y + "H" + x1.toFixed(1) + "v" + (dir * h).toFixed(1) + "H" + x0.toFixed(1) + "Z";
    }
    node(svg, "path", { d: path, class: cls });
  };
  bars(ans, "answered", 0, 21, -1);
  bars(lost, "cl-reset", 4, 22, 1);
  for (const m of d.marks) node(svg, "line", { x1: x(m.t), x2: x(m.t), y1: 3, y2: 37, class: "mark " + m.name });
  const x0 = x(this.view[0]), x1 = x(this.view[1]);
  node(svg, "rect", { x: LEFT, y: 0, width: Math.max(0, x0 - LEFT), height: 40, class: "shade" });
  node(svg, "rect", { x: x1, y: 0, width: Math.max(0, LEFT + w - x1), height: 40, class: "shade" });
  node(svg, "rect", { x: x0, y: 1, width: Math.max(2, x1 - x0), height: 38, class: "view" });
  for (const at of [x0, x1]) node(svg, "rect", { x: at - 2, y: 12, width: 4, height: 16, rx: 2, class: "handle" });
  node(svg, "text", { x: LEFT - 10, y: 24, "text-anchor": "end", class: "soft" }, "whole drill");
};
