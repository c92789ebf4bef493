'use strict';
(() => {
  const STORE = 'gemini-edge-admin-key';
  const MOST = { attempts: 200, events: 100, minutes: 60 };
  const $ = (id) => document.getElementById(id);
  const state = { keys: [], minutes: [], events: [], attempts: [], models: [], sandbox: false };
  let stop = null;
  let lastStart = null;

  // What is written: texts alone, never markup.
  const el = (tag, className, ...children) => {
    const node = document.createElement(tag);
    if (className) { node.className = className; }
    node.append(...children.filter((child) => child !== null && child !== undefined).map((child) => (child instanceof Node ? child : String(child))));
    return node;
  };
  const svg = (tag, attributes, text) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes)) { node.setAttribute(name, value); }
    if (text !== undefined) { node.textContent = text; }
    return node;
  };
  const say = (node, text) => { if (node.textContent !== text) { node.textContent = text; } };
  const two = (number) => String(number).padStart(2, '0');
  const clock = (text) => { const at = new Date(text); return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`; };
  const when = (text) => (text ? new Date(text).toLocaleString() : '');
  const age = (text) => {
    const seconds = Math.max(0, Math.round((Date.now() - new Date(text)) / 1000));
    return seconds < 90 ? `${seconds} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`;
  };
  const time = (text) => { const node = el('time', '', clock(text)); node.dateTime = text; node.title = when(text); return node; };
  const many = (count, one) => `${count} ${one}${count === 1 ? '' : 's'}`;
  const spoken = (name) => (name ?? '').replaceAll('_', ' ');
  const STATES = { healthy: '✓ healthy', unknown: '? unknown, not used yet', cooling_down: '◔ cooling down', rejected: '✕ rejected' };
  const stateOf = (name) => STATES[name] ?? spoken(name);

  // A key's last hour, small.
  const sparkline = (key) => {
    const now = Math.floor(Date.now() / 60000);
    const hour = (key.minutes ?? []).map((minute) => ({ ...minute, i: Math.floor(new Date(minute.time) / 60000) - now + MOST.minutes - 1 })).filter(({ i }) => i >= 0);
    const top = Math.max(1, ...hour.map((minute) => minute.attempts));
    const [all, failed] = [hour.reduce((sum, minute) => sum + minute.attempts, 0), hour.reduce((sum, minute) => sum + minute.failures, 0)];
    const plot = svg('svg', { class: 'spark', viewBox: '0 0 240 28', role: 'img', 'aria-label': `${many(all, 'attempt')} in the last hour, ${failed} failed` });
    plot.append(svg('line', { class: 'grid', x1: 0, x2: 240, y1: 27.5, y2: 27.5 }));
    for (const { i, attempts, failures } of hour) {
      const height = (count) => 27 * count / top;
      if (attempts > failures) { plot.append(svg('rect', { class: 'b-ok', x: i * 4, width: 3, y: 27 - height(attempts - failures), height: height(attempts - failures) })); }
      if (failures > 0) { plot.append(svg('rect', { class: 'b-bad', x: i * 4, width: 3, y: 27 - height(attempts), height: height(failures) })); }
    }
    return plot;
  };

  // Once a frame, however much has come.
  const dirty = new Set();
  const draw = (...names) => {
    if (dirty.size === 0) { setTimeout(() => { const now = [...dirty]; dirty.clear(); now.forEach((name) => drawings[name]()); }, 60); }
    names.forEach((name) => dirty.add(name));
  };

  const drawings = {
    keys() {
      const rows = state.keys.map((key) => {
        const facts = el('dl');
        const fact = (name, value) => { if (value) { facts.append(el('dt', '', name), el('dd', '', value)); } };
        fact('Why', spoken(key.verdict));
        fact('Tried again', key.until ? `${clock(key.until)}` : key.state === 'rejected' && key.leaked ? 'never: replace it' : '');
        fact('Attempts', `${key.attempts}, ${key.failures} failed`);
        fact('Last used', key.last_attempt && key.attempts ? clock(key.last_attempt) : '');
        fact('Version', key.version);
        fact('Written', key.created ? `${age(key.created)} ago` : '');
        fact('Expires', key.expires ? when(key.expires) : '');
        for (const trouble of key.troubles.filter((one) => one.scope !== 'key')) {
          fact('Not for', `${[trouble.model, trouble.kinds.join(', ')].filter(Boolean).join(' · ')}: ${spoken(trouble.verdict)}${trouble.until ? ` until ${clock(trouble.until)}` : ''}`);
        }
        const partly = key.state !== 'rejected' && key.state !== 'cooling_down' && key.troubles.length > 0;
        return el('li', partly ? 'cooling_down' : key.state, el('h3', '', key.slot, el('code', '', `…${key.key_id}`)),
          el('p', 'pill', stateOf(key.state) + (key.leaked ? ', leaked' : partly ? ', resting for some calls' : '')), facts, sparkline(key));
      });
      $('keys').replaceChildren(...(rows.length ? rows : [el('li', 'rejected', 'No key is known. Set GEMINI_API_KEY_PRIMARY or GEMINI_KEYVAULT_URI.')]));
      const chosen = $('sandbox-slot').value;
      const slots = state.keys.map((key) => key.slot).join();
      if ($('sandbox-slot').dataset.slots !== slots) {
        $('sandbox-slot').dataset.slots = slots;
        $('sandbox-slot').replaceChildren(...state.keys.map((key) => el('option', '', key.slot)));
        if (slots.split(',').includes(chosen)) { $('sandbox-slot').value = chosen; }
      }
    },

    minutes() {
      const now = Math.floor(Date.now() / 60000);
      const byMinute = new Map(state.minutes.map((minute) => [Math.floor(new Date(minute.time) / 60000), minute]));
      const last = Math.max(now, ...byMinute.keys());
      const hour = Array.from({ length: MOST.minutes }, (_, i) => byMinute.get(last - MOST.minutes + 1 + i));
      const x = (i) => 54 + i * 5.75;
      const frame = (plot, top, unit) => {
        plot.replaceChildren();
        for (const share of [0, 0.5, 1]) {
          const y = 125 - 110 * share;
          plot.append(svg('line', { class: 'grid', x1: 52, x2: 398, y1: y, y2: y }), svg('text', { x: 48, y: y + 4, 'text-anchor': 'end' }, unit(top * share)));
        }
        for (const i of [0, 20, 40, 59]) {
          plot.append(svg('text', { x: x(i) + (i === 59 ? 5 : 2), y: 145, 'text-anchor': i === 59 ? 'end' : i === 0 ? 'start' : 'middle' }, i === 59 ? 'now' : `−${59 - i} min`));
        }
      };
      const nice = (most) => { const step = 10 ** Math.floor(Math.log10(Math.max(1, most))); return Math.max(2, Math.ceil(most / step) * step); };
      const number = (value) => (value >= 1000 ? `${Math.round(value / 100) / 10}k` : value < 10 ? `${Math.round(value * 10) / 10}` : `${Math.round(value)}`);

      const requests = $('plot-requests');
      const top = nice(Math.max(0, ...hour.map((minute) => Math.max(minute?.requests ?? 0, minute?.failovers ?? 0))));
      frame(requests, top, number);
      let [all, failed, over, began] = [0, 0, 0, []];
      hour.forEach((minute, i) => {
        if (!minute) { return; }
        const good = minute.requests - minute.failures;
        [all, failed, over] = [all + minute.requests, failed + minute.failures, over + minute.failovers];
        const height = (count) => 110 * count / top;
        if (good > 0) { requests.append(svg('rect', { class: 'b-ok', x: x(i), width: 4.75, y: 125 - height(good), height: height(good) })); }
        if (minute.failures > 0) { requests.append(svg('rect', { class: 'b-bad', x: x(i), width: 4.75, y: 125 - height(minute.requests), height: height(minute.failures) })); }
        if (minute.failovers > 0) { requests.append(svg('circle', { class: 'dot', cx: x(i) + 2.4, cy: 125 - height(minute.failovers), r: 3 })); }
      });
      say($('plot-requests-text'), `${many(all, 'request')}, ${failed} failed, ${many(over, 'failover')} in the last hour.`);

      const latency = $('plot-latency');
      const most = nice(Math.max(0, ...hour.map((minute) => minute?.p95_ms ?? 0)));
      frame(latency, most, (value) => (value >= 1000 ? `${Math.round(value / 100) / 10} s` : `${Math.round(value)} ms`));
      for (const [name, kind] of [['p50_ms', 'l-ok'], ['p95_ms', 'l-over']]) {
        const points = hour.flatMap((minute, i) => (minute && minute[name] !== null ? [`${x(i) + 2.4},${125 - 110 * minute[name] / most}`] : []));
        if (points.length > 0) {
          // A line of one point would not be seen.
          const [px, py] = points[points.length - 1].split(',').map(Number);
          latency.append(svg('polyline', { class: kind, points: points.length > 1 ? points.join(' ') : `${px - 2.4},${py} ${px + 2.4},${py}` }));
        }
        if (name === 'p50_ms') { began = hour.filter((minute) => minute && minute.p50_ms !== null); }
      }
      const newest = began[began.length - 1];
      say($('plot-latency-text'), newest ? `In the last minute with answers half began within ${newest.p50_ms} ms, 95 % within ${newest.p95_ms} ms.` : 'No answer yet.');
    },

    events() {
      $('events').replaceChildren(...(state.events.length
        ? [...state.events].reverse().map((event) => el('li', kindOf(event), time(event.time), el('span', '', sentenceOf(event))))
        : [el('li', '', '', 'Nothing has changed yet.')]));
    },

    models() {
      $('models').replaceChildren(...(state.models.length ? state.models.map((model) => {
        const name = el('th', '', model.model);
        name.scope = 'row';
        return el('tr', '', name, el('td', '', model.versions.map((version) => `${version.version} (${clock(version.seen)})`).join(', ') || 'not said'), el('td', '', model.pin ?? '–'), el('td', '', clock(model.answered)));
      }) : [emptyRow(4, 'No model has answered yet.')]));
    },

    attempts() {
      const shown = $('only-failed').checked ? state.attempts.filter((attempt) => attempt.event === 'gemini_fail') : state.attempts;
      $('attempts').replaceChildren(...(shown.length ? [...shown].reverse().map(rowOf) : [emptyRow(10, 'No attempt yet.')]));
    },

    fleet() {
      const { fleet, rotation } = state;
      $('fleet').hidden = !fleet && !rotation;
      say($('rotation'), rotation ? `Under way: ${nameOf(rotation)} since ${clock(rotation.began)}.` : 'No rotation is under way.');
      if (!fleet) { say($('fleet-says'), 'No fleet register is configured.'); return; }
      const active = fleet.instances.filter((one) => one.active);
      say($('fleet-says'), fleet.trouble ?? `${active.length} of ${fleet.instances.length} instances were active in the last two minutes; ${fleet.same_ring ? 'all of them hold the same keys.' : 'they do not all hold the same keys yet.'}`);
      $('fleet-rows').replaceChildren(...(fleet.instances.length ? fleet.instances.map((one) => {
        const name = el('th', '', one.instance + (one.instance === state.instance ? ' (this one)' : ''));
        name.scope = 'row';
        const keys = el('td');
        one.keys.forEach((key, i) => keys.append(...(i ? [el('br')] : []), el('span', key.state, el('span', 'pill', `${key.slot} …${key.key_id} ${stateOf(key.state)}${key.verdict ? `: ${spoken(key.verdict)}` : ''}`))));
        return el('tr', '', name, el('td', '', `${age(one.last_seen)} ago${one.active ? '' : ', idle'}`), el('td', '', one.active_slot ? `${one.active_slot} …${one.active_key}` : 'none'), keys,
          el('td', '', one.ring_swapped ? `${age(one.ring_swapped)}` : ''), el('td', '', `${one.requests}, ${one.failures} failed`), el('td', '', one.version));
      }) : [emptyRow(7, 'The register holds no instance yet.')]));
    },

    head() {
      say($('instance'), `Instance ${state.instance}, version ${state.edge_version.split('+')[0]}, started ${when(state.started)}`);
      $('sandbox').hidden = !state.sandbox;
    },
  };

  const emptyRow = (columns, text) => { const cell = el('td', '', text); cell.colSpan = columns; return el('tr', '', cell); };
  const rowOf = (attempt) => {
    const at = el('th', '', time(attempt.time));
    at.scope = 'row';
    const took = (value) => (value === null || value === undefined ? '' : `${value} ms`);
    return el('tr', attempt.event === 'gemini_ok' ? 'ok' : attempt.event === 'gemini_fail' ? 'bad' : '', at, el('td', '', `${attempt.slot} …${attempt.key_id}`), el('td', 'verdict', spoken(attempt.verdict)),
      el('td', '', attempt.status ?? ''), el('td', '', spoken(attempt.next)), el('td', '', attempt.model ?? ''), el('td', '', attempt.kind), el('td', '', took(attempt.duration_ms)), el('td', '', took(attempt.ttft_ms)),
      el('td', 'mono', `${attempt.request_id} · ${attempt.attempt}`));
  };
  const kindOf = (event) => (event.event === 'key_state_changed' ? event.to : event.event === 'ring_changed' ? 'ring' : event.event.startsWith('model') ? 'model' : '');
  const sentenceOf = (event) => {
    switch (event.event) {
      case 'key_state_changed': {
        const where = !['kind', 'model'].includes(event.scope) ? '' : ` for ${[event.model, event.kind].filter(Boolean).join(', ')}`;
        return `${event.slot} …${event.key_id} is ${spoken(event.to)}${where}: ${spoken(event.verdict)} (was ${spoken(event.from)})`;
      }
      case 'ring_changed': return `The keys are now ${event.keys.replaceAll('=', ' …') || 'none'}`;
      case 'model_changed': return `${event.model} was ${event.from} and is ${event.to} now`;
      case 'model_pin_broken': return `${event.model} is pinned to ${event.pinned}, but ${event.version} answered`;
      case 'model_retiring': return `Google says that ${event.model} goes (${event.stage ?? 'soon'})`;
      case 'model_retired': return `${event.model} is gone${event.fallback ? `; ${event.fallback} is asked instead` : ''}`;
      default: return event.text ?? spoken(event.event);
    }
  };

  const upsert = (list, item, name) => { const at = list.findIndex((one) => one[name] === item[name]); if (at < 0) { list.push(item); } else { list[at] = { ...list[at], ...item }; } };
  const append = (name, item) => {
    const list = state[name];
    if (list.some((one) => one.n === item.n)) { return false; }
    list.push(item);
    if (list.length > MOST[name]) { list.splice(0, list.length - MOST[name]); }
    return true;
  };
  const heard = {
    status(snapshot) {
      Object.assign(state, snapshot);
      if (lastStart && lastStart !== snapshot.started) {
        state.events.push({ n: -1, time: snapshot.started, event: 'restart', text: 'The edge has started again' });
      }
      lastStart = snapshot.started;
      draw('head', 'keys', 'minutes', 'events', 'models', 'attempts', 'fleet');
    },
    attempt(item) {
      const key = state.keys.find((one) => one.slot === item.slot && one.key_id === item.key_id);
      if (append('attempts', item) && key) {
        const at = `${item.time.slice(0, 16)}:00Z`;
        key.minutes ??= [];
        let minute = key.minutes.find((one) => one.time === at);
        if (!minute) { key.minutes.push(minute = { time: at, attempts: 0, failures: 0 }); key.minutes.splice(0, key.minutes.length - MOST.minutes); }
        minute.attempts++;
        minute.failures += item.event === 'gemini_fail' ? 1 : 0;
      }
      draw('attempts', 'keys');
    },
    change(item) { append('events', item); draw('events'); },
    key(item) { upsert(state.keys, item, 'slot'); draw('keys'); },
    ring(items) { state.keys = items; draw('keys'); },
    model(item) { upsert(state.models, item, 'model'); draw('models'); },
    minute(item) { upsert(state.minutes, item, 'time'); state.minutes.splice(0, state.minutes.length - MOST.minutes); draw('minutes'); },
    stop() { throw new Error('The edge is shutting down.'); },
  };

  // The Functions host takes its key in one header, the edge alone in the other.
  const keyed = (key) => (key ? { 'x-goog-api-key': key, 'x-functions-key': key } : {});
  const told = async (response) => {
    const text = await response.text();
    try { const problem = JSON.parse(text); return problem.detail ?? problem.title ?? text; } catch { return text || `The answer was ${response.status}.`; }
  };
  const connection = (kind, text) => { $('connection').className = `pill ${kind}`; say($('connection'), text); };
  const wait = (ms, signal) => new Promise((resolve) => { const timer = setTimeout(resolve, ms); signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true }); });

  async function read(body, signal) {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let [rest, silence] = ['', null];
    // The edge says something every 15 s: a line that is silent for longer leads nowhere.
    const watch = () => { clearTimeout(silence); silence = setTimeout(() => reader.cancel().catch(() => {}), 40000); };
    try {
      for (watch(); ;) {
        const { done, value } = await reader.read();
        if (done || signal.aborted) { return; }
        watch();
        rest += decoder.decode(value, { stream: true });
        for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
          const lines = rest.slice(0, end).split('\n');
          rest = rest.slice(end + 2);
          const name = lines.find((line) => line.startsWith('event: '))?.slice(7);
          const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6)).join('\n');
          if (name && Object.hasOwn(heard, name)) { heard[name](JSON.parse(data)); }
        }
      }
    } finally {
      clearTimeout(silence);
    }
  }

  async function follow(key) {
    const control = new AbortController();
    stop?.abort();
    stop = control;
    for (let failures = 0; !control.signal.aborted; failures++) {
      try {
        if (failures === 0) { connection('', 'Connecting …'); }
        const response = await fetch('/api/admin/status/events', { headers: { accept: 'text/event-stream', ...keyed(key) }, cache: 'no-store', signal: control.signal });
        if (response.status === 401 || response.status === 403) {
          leave(response.status === 403 ? 'This key may not read the status.' : await told(response).then((text) => text || 'This key is not the admin key.'));
          return;
        }
        if (!response.ok) { throw new Error(await told(response)); }
        failures = 0;
        enter();
        connection('ok', 'Live');
        await read(response.body, control.signal);
        throw new Error('The connection ended.');
      } catch (fault) {
        if (control.signal.aborted) { return; }
        const seconds = Math.min(15, 2 ** failures);
        const why = fault instanceof TypeError ? 'The edge can’t be reached.' : fault.message;
        connection('warn', `${why} It may be starting again; trying again within ${seconds} s.`);
        if (!$('door').hidden) { say($('door-says'), why); }
        await wait(seconds * (700 + 300 * Math.random()), control.signal);
      }
    }
  }

  function enter() {
    say($('door-says'), '');
    if ($('board').hidden) {
      const hadFocus = $('door').contains(document.activeElement);
      $('door').hidden = true;
      $('board').hidden = false;
      $('leave').hidden = false;
      if (hadFocus) { $('main').focus(); }
    }
  }

  function leave(why) {
    stop?.abort();
    stop = null;
    lastStart = null;
    sessionStorage.removeItem(STORE);
    Object.assign(state, { keys: [], minutes: [], events: [], attempts: [], models: [], fleet: null, rotation: null });
    $('board').hidden = true;
    $('leave').hidden = true;
    $('door').hidden = false;
    connection('', 'Not connected');
    say($('instance'), '');
    say($('door-says'), why);
    $('key').focus();
  }

  // A rotation is another's doing: the edge learns of it when somebody looks.
  const nameOf = (rotation) => `${rotation.command}${rotation.slot ? ` of ${rotation.slot}` : ''} by ${rotation.operator ?? 'somebody'}`;
  function noteRotation(after, at) {
    const before = state.rotation;
    const isSame = before && after && before.began === after.began;
    const tell = (text) => { state.events.push({ n: -1, time: at, event: 'rotation', text }); draw('events'); };
    if (before && !isSame) { tell(`${nameOf(before)} has ended`); }
    if (after && !isSame) { tell(`${nameOf(after)} is under way`); }
  }

  // What the register and the vault tell comes by no event.
  async function lookAround() {
    const key = sessionStorage.getItem(STORE);
    if (key === null || document.hidden) { return; }
    try {
      const response = await fetch('/api/admin/status', { headers: keyed(key), cache: 'no-store' });
      if (response.ok) { const { fleet, rotation, now } = await response.json(); noteRotation(rotation, now); Object.assign(state, { fleet, rotation }); draw('fleet'); }
    } catch { /* The events' connection says it. */ }
  }

  async function act(button, path, tell, body) {
    button.disabled = true;
    say($('done'), 'Working …');
    try {
      const response = await fetch(path, { method: 'POST', headers: { ...keyed(sessionStorage.getItem(STORE)), ...(body ? { 'content-type': 'application/json' } : {}) }, body, cache: 'no-store' });
      say($('done'), response.ok ? `${clock(Date.now())} ${tell(await response.json())}` : await told(response));
    } catch {
      say($('done'), 'The edge can’t be reached.');
    } finally {
      button.disabled = false;
    }
  }

  const DONE = {
    kill: 'has expired. Send a prompt: the next key answers.',
    exhaust: 'is out of quota until Revive. Send a prompt: the next key answers.',
    slow: 'takes three seconds for each answer.',
    leak: 'is reported as leaked. Send a prompt: this edge uses it never again until it is replaced or restarted.',
    revive: 'works again. A probe proves it at once; else the edge finds out when it tries it.',
  };
  $('key-form').addEventListener('submit', (event) => {
    event.preventDefault();
    sessionStorage.setItem(STORE, $('key').value.trim());
    $('key').value = '';
    say($('door-says'), '');
    follow(sessionStorage.getItem(STORE));
  });
  $('leave').addEventListener('click', () => leave(''));
  $('probe').addEventListener('click', () => act($('probe'), '/api/admin/probe', ({ keys }) => `Probed: ${keys.map((key) => `${key.slot} …${key.key_id} ${spoken(key.verdict)}`).join(', ') || 'no key'}.`));
  $('refresh').addEventListener('click', () => act($('refresh'), '/api/admin/refresh', ({ changed, keys }) => `Read: ${many(keys.length, 'key')}, ${changed ? 'they have changed' : 'nothing has changed'}.`));
  $('prompt').addEventListener('click', () => act($('prompt'), '/api/generate', ({ text }) => `Answered: “${text}”`, JSON.stringify({ prompt: 'Say hello' })));
  for (const button of document.querySelectorAll('[data-act]')) {
    button.addEventListener('click', () => act(button, `/api/admin/sandbox/${button.dataset.act}?slot=${encodeURIComponent($('sandbox-slot').value)}`, (done) => `${done.slot} …${done.key_id} ${DONE[done.action]}`));
  }
  $('only-failed').addEventListener('change', () => draw('attempts'));
  setInterval(lookAround, 15000);
  // Ages and the plots' last minute move on by themselves.
  setInterval(() => { if (!$('board').hidden && !document.hidden) { draw('keys', 'minutes', 'fleet'); } }, 30000);

  const kept = sessionStorage.getItem(STORE);
  if (kept === null) { $('key').focus(); } else { follow(kept); }
})();
