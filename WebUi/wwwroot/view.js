// The large view: keys, copying, and what becomes of it. Without this module it works by reloading.
import { News, makeTimesRelative, places, progress } from './live.js';

const view = () => document.querySelector('.view');
const live = document.getElementById('live');

function prepare() {
  document.getElementById('copy').hidden = !navigator.clipboard;
  makeTimesRelative(view());
}

// The page as the server makes it now.
async function renew() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok || answer.redirected) {
    location.reload();
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const hadFocus = view().contains(document.activeElement);
  for (const part of ['.view', '.turn']) document.querySelector(part).replaceWith(page.querySelector(part));
  prepare();
  if (hadFocus) view().querySelector('.actions a')?.focus();
  live.textContent = view().dataset.status;
}

document.addEventListener('click', async event => {
  if (!event.target.closest('#copy')) return;
  await navigator.clipboard.writeText(document.getElementById('prompt').textContent);
  live.textContent = 'The prompt was copied.';
  event.target.textContent = 'Copied';
  setTimeout(() => { event.target.textContent = 'Copy prompt'; }, 2000);
});

const links = { ArrowLeft: 'prev', ArrowRight: 'next', Escape: 'up' };
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.target.closest('input, textarea, select')) return;
  document.querySelector(`.turn a[rel=${links[event.key] ?? 'none'}]`)?.click();
});

// One after another: the last one is the newest.
let renewed = Promise.resolve();

prepare();
const { id, since } = view().dataset;
new News(since, () => ({ only: id }), {
  card: () => { renewed = renewed.then(renew); },
  progress,
  house: ({ lines }) => places(lines),
  removed: news => news.id === id && location.assign('/'),
});
