// The page: timelines are drawn when they come into view, because a run may
// have dozens; those that are there at once need not wait for a frame.
const byKey = new Map(DATA.drills.map((d) => [d.key, d]));
const plots = new Map();

function plotOf(key) {
  const host = document.querySelector('.plot[data-drill="' + key + '"]'), d = byKey.get(key);
  if (!host || !d) return null;
  if (!plots.has(key)) {
    const plot = new Plot(host, d), table = document.querySelector('.losstable[data-drill="' + key + '"]');
    plots.set(key, plot);
    if (table) losses(table, d, plot);
  }
  return plots.get(key);
}

function reveal() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === "DETAILS") {
    target.open = true;
    target.scrollIntoView();
  }
}

function copy(button) {
  const text = button.getAttribute("data-copy"), say = (s) => {
    button.textContent = s;
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  };
  const byHand = () => {
    const area = node(document.body, "textarea", { style: "position:fixed;opacity:0" });
    area.value = text;
    area.select();
    say(document.execCommand("copy") ? "Copied" : "Select and copy");
    area.remove();
  };
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(() => say("Copied"), byHand);
  else byHand();
}

patterns();
const AHEAD = 600; // pixels below the view that count as in it
const watch = new IntersectionObserver((entries) => {
  for (const e of entries) {
    if (!e.isIntersecting) continue;
    watch.unobserve(e.target);
    plotOf(e.target.getAttribute("data-drill"));
  }
}, { rootMargin: AHEAD + "px" });
for (const host of document.querySelectorAll(".plot")) {
  if (host.checkVisibility() && host.getBoundingClientRect().top < innerHeight + AHEAD) plotOf(host.getAttribute("data-drill"));
  else watch.observe(host);
}

document.addEventListener("click", (e) => {
  const b = e.target.closest("button");
  if (!b) return;
  if (b.classList.contains("copy")) return copy(b);
  if (!b.hasAttribute("data-at")) return;
  const plot = plotOf(b.getAttribute("data-drill"));
  if (plot) plot.go(+b.getAttribute("data-at"), "here");
});
for (const box of document.querySelectorAll("details.events")) {
  box.addEventListener("toggle", () => {
    const host = box.querySelector("div"), d = byKey.get(box.getAttribute("data-drill"));
    if (box.open && d && !host.firstChild) busEvents(host, d);
  });
}
const all = (open) => { for (const box of document.querySelectorAll("details.drill")) box.open = open; };
document.getElementById("expand").onclick = () => all(true);
document.getElementById("collapse").onclick = () => all(false);
addEventListener("beforeprint", () => {
  all(true);
  for (const key of byKey.keys()) plotOf(key).draw();
});
addEventListener("hashchange", reveal);
reveal();
