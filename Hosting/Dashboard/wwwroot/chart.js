// The values under the pointer.
document.addEventListener('pointermove', event => {
  const plot = event.target.closest?.('.plot[data-chart]');
  document.querySelectorAll('.chart-tip:not([hidden]), .chart-cursor:not([hidden])').forEach(shown => {
    if (!plot?.contains(shown)) shown.hidden = true;
  });
  if (!plot) return;
  const { times, lines } = JSON.parse(plot.dataset.chart);
  if (times.length < 2) return;
  const box = plot.getBoundingClientRect();
  const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  const at = Math.round(share * (times.length - 1));

  const cursor = plot.querySelector('.chart-cursor');
  cursor.hidden = false;
  cursor.style.left = `${at / (times.length - 1) * 100}%`;

  const tip = plot.querySelector('.chart-tip');
  const title = document.createElement('div');
  title.textContent = times[at];
  tip.replaceChildren(title, ...lines.map(line => {
    const row = document.createElement('div');
    const swatch = document.createElement('i');
    swatch.className = 'swatch';
    swatch.style.setProperty('--chip', line.color);
    row.append(swatch, `${line.name}: ${line.values[at] ?? '–'}`);
    return row;
  }));
  tip.hidden = false;
  const left = share < .5;
  tip.style.left = left ? `calc(${share * 100}% + 14px)` : 'auto';
  tip.style.right = left ? 'auto' : `calc(${(1 - share) * 100}% + 14px)`;
}, { passive: true });
