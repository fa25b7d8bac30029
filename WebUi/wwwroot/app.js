// Keeps the gallery up to date and sends the form without leaving the page. Without this module the page works by reloading.
import { News, cardOf, makeTimesRelative, paragraph, places, progress } from './live.js';

const gallery = document.getElementById('gallery');
const form = document.getElementById('ask');
const prompt = document.getElementById('prompt');
const live = document.getElementById('live');
const pageSize = Number(gallery.dataset.pageSize);
const showsNewest = gallery.dataset.newest === 'true';
const model = document.getElementById('model');
const settings = { model: String, negativePrompt: String, count: Number, steps: Number, guidanceScale: Number, seed: Number,
  scheduler: String, width: Number, height: Number };
const seed = form.elements.seed;
const lock = document.querySelector('#lock input');
// A line that is cut on the way gives no answer at all.
const patience = 60_000;
const older = document.querySelector('.pages a[rel=next]');
let most = pageSize;

// --- the gallery ---------------------------------------------------------------------------------------------------

function show({ id, html }) {
  const template = document.createElement('template');
  template.innerHTML = html.trim();
  const card = template.content.firstElementChild;
  makeTimesRelative(card);
  const shown = cardOf(id);
  if (shown) {
    if (shown.dataset.status !== card.dataset.status) announce(card);
    const hadFocus = shown.contains(document.activeElement);
    shown.replaceWith(card);
    if (hadFocus) card.querySelector('button, a')?.focus();
    return;
  }
  // Ids sort by time: the newest is the greatest.
  const next = [...gallery.children].find(other => other.dataset.id < id);
  if (!showsNewest || (!next && gallery.children.length >= most)) return;
  card.classList.add('new');
  gallery.insertBefore(card, next ?? null);
  if (gallery.children.length <= most) return;
  while (gallery.children.length > most) gallery.lastElementChild.remove();
  // What was taken away is the first of the older ones.
  older.search = new URLSearchParams({ before: gallery.lastElementChild.dataset.id });
  older.hidden = false;
  nearEnd.observe(older);
}

function announce(card) {
  const what = card.querySelector('.prompt').textContent;
  const status = card.dataset.status;
  if (status === 'done') live.textContent = `Done: ${what}`;
  if (status === 'failed') live.textContent = `Failed: ${what}`;
  if (status === 'cancelled') live.textContent = `Cancelled: ${what}`;
}

// --- the form ------------------------------------------------------------------------------------------------------

async function submit(event) {
  event.preventDefault();
  const button = document.getElementById('paint');
  if (button.ariaBusy === 'true') return;
  button.ariaBusy = 'true';
  try {
    const fields = new FormData(form);
    const body = { prompt: fields.get('prompt').replace(/\s*[\r\n]+\s*/g, ' '), client: 'web' };
    for (const [name, read] of Object.entries(settings)) {
      if (fields.get(name)) body[name] = read(fields.get(name));
    }
    if (fields.get('parallel') && body.count > 1) body.parallel = true;
    const response = await fetch('/api/generations', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patience),
    });
    if (response.ok) {
      errors([]);
      const made = await response.json();
      seed.value = lock.checked ? (made.items?.[0] ?? made).seed : '';
      if (!showsNewest) location.assign('/');
      live.textContent = 'Queued';
      prompt.select();
    } else if (response.status === 401) {
      location.assign('/login');
    } else {
      const problem = await response.json().catch(() => ({}));
      errors(problem.errors ? Object.values(problem.errors).flat() : [problem.title ?? 'That did not work; please try again.']);
      prompt.focus();
    }
  } catch {
    errors(['The service cannot be reached; please try again.']);
  } finally {
    button.ariaBusy = 'false';
  }
}

function errors(texts) {
  document.getElementById('errors').replaceChildren(...texts.map(text => paragraph(text)));
}

// The buttons of the cards. What becomes of it is told by the stream.
async function act(event) {
  event.preventDefault();
  const button = event.submitter;
  if (button.ariaBusy === 'true') return;
  button.ariaBusy = 'true';
  let error = 'The service cannot be reached; please try again.';
  try {
    const response = await fetch(button.dataset.url, { method: button.dataset.method, signal: AbortSignal.timeout(patience) });
    if (response.ok) return;
    if (response.status === 401) location.assign('/login');
    const problem = await response.json().catch(() => ({}));
    error = problem.title ?? 'That did not work; please try again.';
  } catch {
    // Said already.
  } finally {
    button.ariaBusy = 'false';
  }
  const about = button.closest('.about');
  if (!about) return;
  about.querySelector('.errors')?.remove();
  const said = paragraph(error, 'errors');
  said.setAttribute('role', 'alert');
  about.append(said);
}

// What the chosen model does where the form says nothing.
function followModel() {
  if (!model) return;
  const { steps, guidance, facts, placeholder, width, height, scheduler } = model.selectedOptions[0].dataset;
  form.elements.steps.placeholder = steps;
  form.elements.guidanceScale.placeholder = guidance;
  form.elements.width.placeholder = width;
  form.elements.height.placeholder = height;
  form.elements.scheduler.options[0].textContent = `${scheduler} (the model's)`;
  prompt.placeholder = placeholder;
  document.getElementById('model-facts').textContent = facts;
  for (const examples of form.querySelectorAll('.examples')) examples.hidden = examples.dataset.model !== model.value;
}

function drawSeed() {
  seed.value = crypto.getRandomValues(new Uint32Array(1))[0];
  lock.checked = true;
}

function fit() {
  prompt.style.height = 'auto';
  prompt.style.height = `${prompt.scrollHeight}px`;
}

// --- older ones ----------------------------------------------------------------------------------------------------

const nearEnd = new IntersectionObserver(seen => seen.some(entry => entry.isIntersecting) && loadOlder(), { rootMargin: '600px' });

async function loadOlder() {
  nearEnd.disconnect();
  const answer = await fetch(older.href).catch(() => null);
  // The link is still there, to be clicked.
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const card of page.querySelectorAll('#gallery > li')) {
    if (!cardOf(card.dataset.id)) gallery.append(card);
  }
  most = Math.max(pageSize, gallery.children.length);
  makeTimesRelative(gallery);
  const next = page.querySelector('.pages a[rel=next]');
  if (next) {
    older.href = next.getAttribute('href');
    nearEnd.observe(older);
  } else {
    older.hidden = true;
  }
  // The stream has to tell of these, too.
  news.listen();
}

// --- the house -----------------------------------------------------------------------------------------------------

const shownFor = 300_000;
const chart = document.getElementById('chart');
let samples = [];

function house({ house: figures, lines, past }) {
  for (const element of document.querySelectorAll('[data-figure]')) element.textContent = figures[element.dataset.figure];
  places(lines);
  if (past) samples = past.map(({ secondsAgo, ...sample }) => ({ at: Date.now() - secondsAgo * 1000, ...sample }));
  samples.push({ at: Date.now(), queued: figures.queued, jobs: figures.jobs });
  draw();
}

function draw() {
  if (samples.length === 0) return;
  const now = Date.now();
  // The last one before the window says how it was at its beginning.
  const first = samples.findLastIndex(sample => sample.at < now - shownFor);
  samples = samples.slice(Math.max(0, first));
  const highest = Math.max(4, ...samples.map(sample => Math.max(sample.queued, sample.jobs)));
  document.getElementById('highest').textContent = highest;
  const x = at => Math.max(0, 300 - (now - at) / shownFor * 300).toFixed(1);
  const y = value => (58 - value / highest * 56).toFixed(1);
  for (const [selector, of] of [['.queue', sample => sample.queued], ['.jobs', sample => sample.jobs]]) {
    const points = samples.flatMap((sample, i) => [
      ...(i ? [`${x(sample.at)},${y(of(samples[i - 1]))}`] : []), `${x(sample.at)},${y(of(sample))}`]);
    chart.querySelector(selector).setAttribute('points', [...points, `300,${y(of(samples.at(-1)))}`].join(' '));
  }
}

form.addEventListener('submit', submit);
document.getElementById('act').addEventListener('submit', act);
model?.addEventListener('change', followModel);
prompt.addEventListener('input', fit);
prompt.addEventListener('keydown', event => {
  if (event.key !== 'Enter' || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
document.addEventListener('click', event => {
  const link = event.target.closest('a[data-prompt]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  prompt.value = link.dataset.prompt;
  const itsModel = model && [...model.options].find(option => option.value === link.dataset.model);
  if (itsModel) {
    model.value = itsModel.value;
    followModel();
  }
  fit();
  prompt.focus();
  window.scrollTo({ top: 0, behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
});
seed.addEventListener('input', () => { lock.checked = seed.value !== ''; });
lock.addEventListener('change', () => { if (!lock.checked) seed.value = ''; });
document.getElementById('dice').addEventListener('click', drawSeed);
for (const id of ['dice', 'lock']) document.getElementById(id).hidden = false;
chart.closest('figure').hidden = false;
if (!older.hidden) nearEnd.observe(older);
fit();
followModel();
makeTimesRelative();
setInterval(makeTimesRelative, 30_000);
setInterval(draw, 2000);
const news = new News(
  gallery.dataset.since,
  () => ({ from: gallery.lastElementChild && gallery.children.length >= most ? gallery.lastElementChild.dataset.id : '' }),
  { card: show, progress, house, removed: ({ id }) => cardOf(id)?.remove() });
