// Keeps the gallery up to date and sends the form without leaving the page. Without this module the page works by reloading.
const gallery = document.getElementById('gallery');
const form = document.getElementById('ask');
const prompt = document.getElementById('prompt');
const live = document.getElementById('live');
const pageSize = Number(gallery.dataset.pageSize);
const showsNewest = gallery.dataset.newest === 'true';
const model = document.getElementById('model');
const settings = { model: String, negativePrompt: String, count: Number, steps: Number, guidanceScale: Number, seed: Number };

// --- the gallery ---------------------------------------------------------------------------------------------------

const cardOf = id => document.getElementById(`g-${id}`);

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
  const older = [...gallery.children].find(other => other.dataset.id < id);
  if (!showsNewest || (!older && gallery.children.length >= pageSize)) return;
  card.classList.add('new');
  gallery.insertBefore(card, older ?? null);
  while (gallery.children.length > pageSize) gallery.lastElementChild.remove();
}

function announce(card) {
  const what = card.querySelector('.prompt').textContent;
  const status = card.dataset.status;
  if (status === 'done') live.textContent = `Done: ${what}`;
  if (status === 'failed') live.textContent = `Failed: ${what}`;
  if (status === 'cancelled') live.textContent = `Cancelled: ${what}`;
}

function progress({ id, value, text, preview }) {
  const card = cardOf(id);
  const bar = card?.querySelector('progress');
  if (!bar) return;
  bar.value = value;
  card.querySelector('.progress-text').textContent = text;
  if (preview) card.querySelector('.preview').src = preview;
}

function notices(texts) {
  document.getElementById('notices').replaceChildren(...texts.map(text => paragraph(text, 'notice')));
}

function paragraph(text, className = '') {
  const element = document.createElement('p');
  element.textContent = text;
  element.className = className;
  return element;
}

function listen() {
  const oldest = gallery.lastElementChild && gallery.children.length >= pageSize ? gallery.lastElementChild.dataset.id : '';
  const query = new URLSearchParams({ since: gallery.dataset.since, from: oldest });
  const stream = new EventSource(`/gallery/events?${query}`);
  const on = (name, handle) => stream.addEventListener(name, event => handle(JSON.parse(event.data)));
  on('card', show);
  on('progress', progress);
  on('removed', ({ id }) => cardOf(id)?.remove());
  on('notices', news => notices(news.notices));
  stream.addEventListener('error', () => {
    notices(['The connection was lost. Trying again …']);
    // The browser tries again by itself, except after an answer that is no stream.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listenAgain, 3000);
  });
}

async function listenAgain() {
  // A stream does not say why it was refused. Without a login the page leads to it.
  const answer = await fetch('/api/generations?limit=1').catch(() => null);
  if (answer?.status === 401) location.reload();
  else listen();
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
    const response = await fetch('/api/generations', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (response.ok) {
      errors([]);
      if (!showsNewest) location.assign('/');
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
    const response = await fetch(button.dataset.url, { method: button.dataset.method });
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
  const { steps, guidance, facts, placeholder } = model.selectedOptions[0].dataset;
  form.elements.steps.placeholder = steps;
  form.elements.guidanceScale.placeholder = guidance;
  prompt.placeholder = placeholder;
  document.getElementById('model-facts').textContent = facts;
  for (const examples of form.querySelectorAll('.examples')) examples.hidden = examples.dataset.model !== model.value;
}

function fit() {
  prompt.style.height = 'auto';
  prompt.style.height = `${prompt.scrollHeight}px`;
}

// --- times ---------------------------------------------------------------------------------------------------------

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' });

function makeTimesRelative(root = document) {
  for (const time of root.querySelectorAll('time')) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    const [value, unit] = seconds < 60 ? [0, 'second'] : seconds < 3600 ? [seconds / 60, 'minute']
      : seconds < 86400 ? [seconds / 3600, 'hour'] : [seconds / 86400, 'day'];
    time.title ||= new Date(time.dateTime).toLocaleString();
    time.textContent = relative.format(-Math.floor(value), unit);
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
fit();
followModel();
makeTimesRelative();
setInterval(makeTimesRelative, 30_000);
listen();
