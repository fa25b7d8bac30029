// Keys, clipboard, files and scrolling; everything else is drawn by the server.
(() => {
  const pages = { r: '/', c: '/consolelogs', s: '/structuredlogs', t: '/traces', m: '/metrics' };
  const isTyping = target => target.closest('input, textarea, select, [contenteditable="true"]') !== null;
  const keys = () => document.getElementById('keys');

  const closeTopmost = () => {
    if (keys().open) return false;
    if (document.querySelector('.mud-popover-open, .mud-dialog, .mud-overlay')) return false;
    const close = document.querySelector('[data-close]');
    close?.click();
    return close !== null;
  };

  document.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      if (isTyping(event.target) && event.target.value) return;
      if (closeTopmost()) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (keys().open || document.querySelector('.mud-popover-open, .mud-dialog')) return;
    if (event.key === '?') { keys().showModal(); event.preventDefault(); }
    else if (event.key === '/') {
      const field = document.querySelector('[data-search]');
      if (field) { field.focus(); field.select?.(); event.preventDefault(); }
    }
    else if (!event.shiftKey && pages[event.key.toLowerCase()]) Blazor.navigateTo(pages[event.key.toLowerCase()]);
  });

  document.addEventListener('click', event => {
    if (event.target.closest('[data-keys]')) keys().showModal();
    else if (event.target.closest('[data-reconnect]')) reconnect();
    else if (event.target.closest('[data-skip]')) { document.getElementById('content')?.focus(); event.preventDefault(); }
  });

  const notice = document.getElementById('components-reconnect-modal');
  const reconnect = async () => {
    try { if (await Blazor.reconnect() === false) location.reload(); } catch { /* Blazor goes on trying and says so. */ }
  };
  notice.addEventListener('components-reconnect-state-changed', event => {
    if (event.detail.state === 'rejected') location.reload();
  });

  // The page may be left while a word of it is still on its way.
  const tell = (server, method, value) => server.invokeMethodAsync(method, value).catch(() => { });

  // A list that may follow its end, and tells when it does and how wide it is.
  const logs = new WeakMap();
  const watchLog = (element, server) => {
    const probe = element.querySelector('.probe');
    let columns = 0, atEnd = true, expected = false;
    const measure = () => {
      if (!element.isConnected) { observer.disconnect(); return; }
      const character = probe.getBoundingClientRect().width / probe.textContent.length;
      const taken = parseFloat(getComputedStyle(element).getPropertyValue('--taken')) || 0;
      const now = Math.max(20, Math.floor((element.clientWidth - taken - 20) / character));
      if (now !== columns) { columns = now; tell(server, 'OnColumns', columns); }
    };
    const observer = new ResizeObserver(() => { measure(); if (atEnd) toEnd(); });
    const toEnd = () => { expected = true; element.scrollTop = element.scrollHeight; };
    element.addEventListener('scroll', () => {
      const now = element.scrollHeight - element.scrollTop - element.clientHeight < 30;
      if (expected) { expected = false; if (now) { atEnd = true; return; } }
      if (now !== atEnd) { atEnd = now; tell(server, 'OnFollow', now); }
    }, { passive: true });
    observer.observe(element);
    logs.set(element, { toEnd: () => { atEnd = true; toEnd(); }, measure });
    measure();
  };

  // Tells the server whether a list of the newest is at its beginning: while it is not, nothing is put in above.
  const watchTop = (element, server) => {
    let atTop = true;
    element.addEventListener('scroll', () => {
      const now = element.scrollTop < 8;
      if (now !== atTop) { atTop = now; tell(server, 'OnTop', now); }
    }, { passive: true });
  };

  window.dashboard = {
    copy: async text => {
      try { await navigator.clipboard.writeText(text); }
      catch {
        const area = Object.assign(document.createElement('textarea'), { value: text });
        document.body.append(area);
        area.select();
        document.execCommand('copy');
        area.remove();
      }
    },
    download: (name, text) => {
      const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
      Object.assign(document.createElement('a'), { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    },
    watchLog,
    watchTop,
    measureLog: element => logs.get(element)?.measure(),
    toEnd: element => logs.get(element)?.toEnd(),
    toTop: element => { element.scrollTop = 0; },
    toRow: (element, row, height) => { element.scrollTop = Math.max(0, row * height - element.clientHeight / 2); },
  };
})();
