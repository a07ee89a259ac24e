// The reading room's convenience: keys, times in the reader's zone, one film at a time. Every page works without it.
// It makes no request, reads no word of the archive but the times, and writes text only.
'use strict';
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const one = (selector) => document.querySelector(selector);

  // What the reader chose, kept by the browser if it lets us.
  const kept = (name) => { try { return localStorage.getItem('embalm.' + name); } catch { return null; } };
  const keep = (name, value) => {
    try {
      if (value) localStorage.setItem('embalm.' + name, value); else localStorage.removeItem('embalm.' + name);
    } catch { /* Private windows forget; the choice holds for this page. */ }
  };

  // Times. The server writes UTC, to the day, the minute or the second; the same precision is kept in any zone, and the
  // exact UTC stays in the title.
  const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const written = new Map(all('time[datetime*="T"]').map((time) => [time, time.textContent]));
  const formatter = (zone) => new Intl.DateTimeFormat('en-GB', {
    timeZone: zone, timeZoneName: 'short', year: 'numeric', month: 'numeric', day: 'numeric',
    hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
  });
  const inZone = (format, instant, utc) => {
    const part = {};
    for (const { type, value } of format.formatToParts(instant)) part[type] = value;
    const day = /^\d{4}-/.test(utc)
      ? `${part.year}-${part.month.padStart(2, '0')}-${part.day.padStart(2, '0')}`
      : `${Number(part.day)} ${MONTHS[part.month - 1]} ${part.year}`;
    const clock = /(^|\D)\d{1,2}:\d\d(:\d\d)?/.exec(utc);
    if (!clock) return day;
    const time = `${part.hour}:${part.minute}${clock[2] ? ':' + part.second : ''}`;
    const zone = / (UTC|Z)$|\dZ$/.test(utc) ? ' ' + part.timeZoneName : '';
    if (!/\d{4}/.test(utc)) return time + zone;
    return day + (utc.includes(', ') ? ', ' : ' ') + time + zone;
  };
  const showTimes = (choice) => {
    const format = choice === 'UTC' ? null : formatter(choice || undefined);
    for (const [time, utc] of written) {
      const instant = new Date(time.dateTime);
      if (format && !isNaN(instant)) {
        if (!time.title) time.title = utc;
        time.textContent = inZone(format, instant, utc);
      } else time.textContent = utc;
    }
  };
  const known = (zone) => {
    try { return zone === '' || Boolean(new Intl.DateTimeFormat('en', { timeZone: zone })); } catch { return false; }
  };
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
  let zone = kept('zone') || '';
  if (!known(zone)) zone = '';
  showTimes(zone);

  // The reader's choices, in the dialog of the shell.
  const dialog = one('#choices');
  const open = () => { if (dialog && !dialog.open) dialog.showModal(); };
  if (dialog) {
    for (const button of all('[data-opens="choices"]')) {
      button.addEventListener('click', open);
    }
    // A press beside the dialog closes it, as Escape does.
    dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
    for (const radio of all('[name="theme"]', dialog)) {
      radio.checked = radio.value === (root.dataset.theme || '');
      radio.addEventListener('change', () => {
        if (radio.value) root.dataset.theme = radio.value; else delete root.dataset.theme;
        keep('theme', radio.value);
      });
    }
    const field = one('#zone-name');
    const said = one('#zone-said');
    const radios = all('[name="zone"]', dialog);
    const choose = (value) => {
      zone = value;
      keep('zone', value);
      showTimes(value);
      said.textContent = `Times are shown in ${value || own}.`;
    };
    for (const name of all('[data-own-zone]', dialog)) name.textContent = `, ${own.replaceAll('_', ' ')}`;
    if (zone && zone !== 'UTC') field.value = zone;
    if (Intl.supportedValuesOf) {
      const names = Intl.supportedValuesOf('timeZone').map((name) => {
        const option = document.createElement('option');
        option.value = name;
        return option;
      });
      one('#zone-names').replaceChildren(...names);
    }
    for (const radio of radios) {
      radio.checked = radio.value === (zone === '' || zone === 'UTC' ? zone : 'other');
      radio.addEventListener('change', () => {
        if (radio.value === 'other') field.focus(); else choose(radio.value);
      });
    }
    field.addEventListener('change', () => {
      const name = field.value.trim().replaceAll(' ', '_');
      if (!name) return;
      const right = known(name);
      field.setAttribute('aria-invalid', String(!right));
      if (!right) { said.textContent = `No time zone is called ${name}.`; return; }
      radios.forEach((radio) => { radio.checked = radio.value === 'other'; });
      choose(name);
    });
  }

  // Keys: from entry to entry, from post to post.
  const STEPS = '.entry, .embed, .post';
  const steps = () => all(STEPS, one('main') || document).filter((step) =>
    !(step.parentElement && step.parentElement.closest(STEPS)) && step.getClientRects().length > 0);
  const step = (by) => {
    const list = steps();
    if (!list.length) return;
    let at = list.findIndex((entry) => entry.contains(document.activeElement));
    if (at < 0) {
      // From where the reader's eye is: the first one that begins on the screen, or the last before it.
      const below = list.findIndex((entry) => entry.getBoundingClientRect().top > -8);
      at = by > 0 ? (below < 0 ? list.length : below) : (below < 0 ? list.length : below) - 1;
    } else at += by;
    const next = list[at];
    if (!next) return;
    const target = next.querySelector('.title a[href]') || (next.matches('.embed') && next.querySelector('.post')) || next;
    if (!target.matches('a')) target.tabIndex = -1;
    target.focus({ preventScroll: true });
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    next.scrollIntoView({ block: next.offsetHeight > innerHeight * .8 ? 'start' : 'center', behavior: calm ? 'auto' : 'smooth' });
  };
  const typing = (target) => target instanceof Element
    && target.closest('input, textarea, select, [contenteditable]') !== null;
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (typing(event.target)) {
      if (event.key === 'Escape' && event.target.type === 'search' && !event.target.value) event.target.blur();
      return;
    }
    if (dialog && dialog.open) return;
    const search = one('input[type="search"]');
    if (event.key === '/' && search) { search.focus(); search.select(); }
    else if (event.key === 'j') step(1);
    else if (event.key === 'k') step(-1);
    else if (event.key === '?') open();
    else if (event.key === 'Enter' && event.target instanceof Element && event.target.matches(STEPS)) {
      const link = event.target.querySelector('.title a[href], a.permalink[href], .facts a[href]');
      if (!link) return;
      link.click();
    }
    else return;
    event.preventDefault();
  });

  // One film or sound at a time.
  document.addEventListener('play', (event) => {
    for (const player of all('video, audio')) if (player !== event.target) player.pause();
  }, true);

  // Buttons that copy an address or a digest.
  if (navigator.clipboard) {
    for (const button of all('button[data-copy]')) {
      const words = button.textContent;
      button.hidden = false;
      button.addEventListener('click', async () => {
        try {
          await navigator.clipboard.writeText(new URL(button.dataset.copy, location.href).href);
          button.textContent = 'Copied';
        } catch { button.textContent = 'Not copied'; }
        setTimeout(() => { button.textContent = words; }, 2000);
      });
    }
  }
})();
