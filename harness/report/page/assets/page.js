// The page: a timeline is unpacked and drawn when it comes near the view, and the
// others of open drills when the browser has time, so that a print has them.
const plots = new Map(); // a drill's key to the promise of its plot

async function unpack(key) {
  const bytes = Uint8Array.from(atob(document.getElementById("data-" + key).textContent), (c) => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

function plotOf(key) {
  if (!plots.has(key)) plots.set(key, unpack(key).then((d) => {
    const plot = new Plot(document.querySelector('.plot[data-drill="' + key + '"]'), d);
    const table = document.querySelector('.losstable[data-drill="' + key + '"]');
    if (table) losses(table, d, plot);
    return plot;
  }));
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
  for (const e of entries) if (e.isIntersecting) {
    watch.unobserve(e.target);
    plotOf(e.target.dataset.drill);
  }
}, { rootMargin: AHEAD + "px" });
const hosts = [...document.querySelectorAll(".plot")];
for (const host of hosts) watch.observe(host);

// ahead draws one timeline of an open drill that is still missing, and comes back for the next.
function ahead() {
  const host = hosts.find((h) => !plots.has(h.dataset.drill) && h.closest("details").open);
  if (host) plotOf(host.dataset.drill).then(() => requestIdleCallback(ahead));
}

document.addEventListener("click", (e) => {
  const b = e.target.closest("button");
  if (!b) return;
  if (b.classList.contains("copy")) return copy(b);
  if (!b.dataset.at) return;
  document.getElementById(b.dataset.drill).open = true;
  plotOf(b.dataset.drill).then((plot) => plot.go(+b.dataset.at, b.dataset.label || "here"));
});
for (const box of document.querySelectorAll("details.events")) {
  box.addEventListener("toggle", () => {
    const host = box.querySelector("div");
    if (box.open && !host.firstChild) plotOf(box.dataset.drill).then((plot) => busEvents(host, plot.d));
  });
}
const all = (open) => { for (const box of document.querySelectorAll("details.drill")) box.open = open; };
document.getElementById("expand").onclick = () => { all(true); ahead(); };
document.getElementById("collapse").onclick = () => all(false);
addEventListener("hashchange", reveal);
addEventListener("load", () => requestIdleCallback(ahead));
reveal();
