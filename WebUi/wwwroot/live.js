// What the gallery and the large view have in common: the stream of news, and what it changes on a card.
export const cardOf = id => document.getElementById(`g-${id}`);

export function paragraph(text, className = '') {
  const element = document.createElement('p');
  element.textContent = text;
  element.className = className;
  return element;
}

export function notices(texts) {
  document.getElementById('notices').replaceChildren(...texts.map(text => paragraph(text, 'notice')));
}

export function progress({ id, value, text, preview }) {
  const card = cardOf(id);
  const bar = card?.querySelector('progress');
  if (!bar) return;
  bar.value = value;
  card.querySelector('.progress-text').textContent = text;
  if (preview) card.querySelector('.preview').src = preview;
}

export function places(lines) {
  for (const [id, place] of Object.entries(lines)) {
    const element = cardOf(id)?.querySelector('.place');
    if (element) element.textContent = place;
  }
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' });

export function makeTimesRelative(root = document) {
  for (const time of root.querySelectorAll('time')) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    const [value, unit] = seconds < 60 ? [0, 'second'] : seconds < 3600 ? [seconds / 60, 'minute']
      : seconds < 86400 ? [seconds / 3600, 'hour'] : [seconds / 86400, 'day'];
    time.title ||= new Date(time.dateTime).toLocaleString();
    time.textContent = relative.format(-Math.floor(value), unit);
  }
}

// Three signs of life.
const longestSilence = 45_000;

// One stream. While nobody looks at the page it is closed; what was missed comes when somebody does again.
export class News {
  #since;
  #query;
  #handlers;
  #stream;
  #heardAt;

  // query: what else the address says, asked for anew whenever the stream begins.
  constructor(since, query, handlers) {
    this.#since = since;
    this.#query = query;
    this.#handlers = { notices: news => notices(news.notices), ...handlers };
    document.addEventListener('visibilitychange', () => (document.hidden ? this.close() : this.listen()));
    addEventListener('pageshow', event => event.persisted && this.listen());
    // Whether the house can still be reached is another question, which the new stream answers.
    for (const change of ['online', 'offline']) addEventListener(change, () => this.listen());
    // A line that is cut somewhere on the way says nothing, nor does a machine that slept.
    setInterval(() => this.#stream && Date.now() - this.#heardAt > longestSilence && this.listen(), 5000);
    if (!document.hidden) this.listen();
  }

  listen() {
    this.close();
    this.#heardAt = Date.now();
    const stream = new EventSource(`/gallery/events?${new URLSearchParams({ since: this.#since, ...this.#query() })}`);
    this.#stream = stream;
    for (const [name, handle] of Object.entries(this.#handlers)) {
      stream.addEventListener(name, event => handle(JSON.parse(event.data)));
    }
    stream.addEventListener('ping', event => {
      this.#since = event.lastEventId;
      this.#heardAt = Date.now();
    });
    stream.addEventListener('error', () => {
      if (stream !== this.#stream) return;
      notices(['The connection was lost. Trying again …']);
      // The browser tries again by itself, except after an answer that is no stream.
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => stream === this.#stream && this.#listenAgain(), 3000);
    });
  }

  close() {
    this.#stream?.close();
    this.#stream = null;
  }

  async #listenAgain() {
    // A stream does not say why it was refused. Without a login the page leads to it.
    const answer = await fetch('/api/generations?limit=1').catch(() => null);
    if (answer?.status === 401) location.reload();
    else this.listen();
  }
}
