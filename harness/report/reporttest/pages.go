package reporttest

// FaintTexts lists texts whose contrast to what is behind them is less than the 4.5
// to 1 that WCAG asks for. Colours that are partly transparent are left out.
const FaintTexts = `(() => {
  const rgb = (s) => { const m = s.match(/^rgb\((\d+), (\d+), (\d+)\)$/); return m && m.slice(1).map(Number); };
  const light = (c) => c.map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
  const out = new Set();
  for (const e of document.querySelectorAll("main *")) {
    if (e.closest("svg") || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
    let back = null;
    for (let p = e; p && !back; p = p.parentElement) back = rgb(getComputedStyle(p).backgroundColor);
    const ink = rgb(getComputedStyle(e).color);
    if (!ink || !back) continue;
    const [a, b] = [light(ink), light(back)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) out.add(e.tagName + "." + e.className + " " + ratio.toFixed(2) + ": " + e.textContent.trim().slice(0, 40));
  }
  return [...out];
})()`
