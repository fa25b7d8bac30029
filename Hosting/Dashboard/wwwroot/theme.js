// Runs before anything is painted, so that a dark page does not flash white.
(() => {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const read = () => { try { return localStorage.getItem('theme'); } catch { return null; } };
  const apply = () => {
    const choice = read() ?? 'system';
    document.documentElement.dataset.theme = choice === 'system' ? (system.matches ? 'dark' : 'light') : choice;
    document.documentElement.dataset.themeChoice = choice;
  };
  system.addEventListener('change', apply);
  addEventListener('storage', apply);
  window.dashboardTheme = {
    get: () => read() ?? 'system',
    set: choice => { try { localStorage.setItem('theme', choice); } catch { /* kept for this page only */ } apply(); },
  };
  apply();
})();
