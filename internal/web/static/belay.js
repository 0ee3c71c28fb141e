// What the pages do beyond plain forms: the countdown ticks, the page brings
// itself up to date without losing the focus, and an act answers in place.
// Without this file everything still works.
(() => {
  'use strict';
  const main = document.getElementById('main');
  if (!main) return;
  document.documentElement.classList.add('js');
  let skew = Number(main.dataset.now) - Date.now(); // how far the server's clock is ahead of ours
  let timer = 0;
  let busy = false;

  // 4:12, 1:04:12, 2 d 3:04; the same form that the server writes.
  function countdown(ms) {
    if (ms < 1000) return main.dataset.soon;
    const s = Math.floor(ms / 1000), two = n => String(n).padStart(2, '0');
    const d = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24, m = Math.floor(s / 60) % 60;
    if (d) return `${d} ${main.dataset.d} ${h}:${two(m)}`;
    return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
  }

  function tick() {
    const now = Date.now() + skew;
    let due = false;
    for (const el of main.querySelectorAll('[data-until]')) {
      const left = Number(el.dataset.until) - now;
      if (el.tagName === 'PROGRESS') { el.value = Math.max(0, Math.round(left / 1000)); continue; }
      const text = countdown(left);
      if (el.textContent !== text) el.textContent = text;
      el.classList.toggle('words', left < 1000);
      if (left < 0 && left > -3000) due = true;
    }
    return due;
  }

  // Times in the reader's own zone; the server only knows its own.
  const styles = {
    time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    full: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
    day: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  };
  function localTimes() {
    for (const el of main.querySelectorAll('time[data-local]')) {
      const style = styles[el.dataset.local];
      if (style) el.textContent = new Date(el.dateTime).toLocaleString(document.documentElement.lang, style);
    }
  }

  // A form's .id is its field of that name, where it has one.
  const idOf = node => node.nodeType === 1 ? node.getAttribute('id') : null;

  // change makes the children of one element those of another, keeping every
  // element that is still the same, and with it the focus and open details.
  function change(from, to) {
    const named = new Map();
    for (const el of from.children) if (idOf(el)) named.set(idOf(el), el);
    let at = from.firstChild;
    for (const want of [...to.childNodes]) {
      let have = idOf(want) ? named.get(idOf(want)) : at && !idOf(at) && at.nodeName === want.nodeName ? at : null;
      if (!have) { from.insertBefore(want, at); continue; }
      if (have === at) at = at.nextSibling; else from.insertBefore(have, at);
      if (have.isEqualNode(want)) continue;
      if (have.nodeType !== 1) { have.nodeValue = want.nodeValue; continue; }
      if (have.contains(document.activeElement) && /^(INPUT|TEXTAREA|SELECT)$/.test(have.nodeName)) continue;
      for (const a of [...have.attributes]) if (!want.hasAttribute(a.name) && a.name !== 'open') have.removeAttribute(a.name);
      for (const a of want.attributes) if (have.getAttribute(a.name) !== a.value) have.setAttribute(a.name, a.value);
      change(have, want);
    }
    while (at) { const next = at.nextSibling; at.remove(); at = next; }
  }

  async function take(response) {
    const now = Number(response.headers.get('Belay-Now'));
    const type = response.headers.get('Content-Type') || '';
    if (!now || !type.startsWith('text/html')) throw new Error('not one of our pages');
    const box = document.createElement('template');
    box.innerHTML = await response.text();
    skew = now - Date.now();
    main.dataset.reload = response.headers.get('Belay-Reload') || '0';
    change(main, box.content);
    tick(); localTimes(); chosen();
  }

  // How many mails are ticked; belongs to the bar that decides about them.
  const boxes = () => [...main.querySelectorAll('input[type=checkbox][form=bulk]')];
  function chosen() {
    const count = main.querySelector('[data-count]');
    if (!count) return;
    const text = count.dataset.count.replace('%', boxes().filter(b => b.checked).length);
    if (count.textContent !== text) count.textContent = text;
  }
  main.addEventListener('change', event => { if (event.target.matches('input[form=bulk]')) chosen(); });
  main.addEventListener('click', event => {
    const link = event.target.closest('a[data-all]');
    if (!link) return;
    event.preventDefault();
    for (const b of boxes()) b.checked = link.dataset.all === '1';
    chosen();
  });

  // Somebody who is filling in a form is left alone.
  const typing = () => main.contains(document.activeElement) && document.activeElement.matches('input, textarea, select')
    || document.getElementById('form');

  async function reload() {
    clearTimeout(timer);
    if (Number(main.dataset.reload) && !busy && !document.hidden && !typing()) {
      busy = true;
      try { await take(await fetch(location.href, { headers: { 'Belay-Part': 'main' } })); } catch { /* the next try may do */ }
      busy = false;
    }
    plan();
  }
  function plan() {
    clearTimeout(timer);
    const every = Number(main.dataset.reload);
    if (every) timer = setTimeout(reload, every * 1000);
  }

  document.addEventListener('submit', async event => {
    const form = event.target;
    if (!form.matches('form[data-act]') || busy) { if (busy && form.matches('form[data-act]')) event.preventDefault(); return; }
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    const buttons = [...form.querySelectorAll('button')];
    busy = true; clearTimeout(timer);
    for (const b of buttons) b.disabled = true;
    try {
      const response = await fetch(form.action, { method: 'POST', body, headers: { 'Belay-Part': 'main' } });
      if (response.ok && form.matches('.decide')) form.reset(); // what was said is said
      await take(response);
      if (response.redirected) history.replaceState(null, '', response.url);
      const answer = document.getElementById('answer');
      if (answer) answer.focus({ preventScroll: false });
    } catch {
      location.reload(); // the server tells what has become of it
    } finally {
      for (const b of buttons) b.disabled = false;
      busy = false; plan();
    }
  });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) reload(); });
  addEventListener('online', reload);
  setInterval(() => { if (tick()) reload(); }, 1000);
  tick(); localTimes(); chosen(); plan();
})();
