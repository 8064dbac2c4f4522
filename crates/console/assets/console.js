// Comfort on top of pages that work without it: live parts, keys, running times.
"use strict";
(() => {
  const body = document.body;

  // Running times: spans since or until an instant, in the words of the server.
  const words = (seconds) => {
    const s = Math.max(0, Math.floor(seconds)), m = Math.floor(s / 60), h = Math.floor(m / 60), d = Math.floor(h / 24);
    const two = (a, unit, b, rest) => (b ? `${a} ${unit} ${b} ${rest}` : `${a} ${unit}`);
    if (s < 60) return `${s} s`;
    if (m < 60) return `${m} min`;
    return h < 24 ? two(h, "h", m % 60, "min") : two(d, "d", h % 24, "h");
  };
  // The server's clock counts: the difference to this machine's clock is measured once per page.
  let skew = 0;
  const measure = () => {
    const served = Date.parse(body.dataset.now || "");
    skew = Number.isNaN(served) ? 0 : served - Date.now();
  };
  const tick = () => {
    const now = Date.now() + skew;
    for (const time of document.querySelectorAll("time[data-rel]")) {
      const at = Date.parse(time.dateTime);
      const text = words((time.dataset.rel === "until" ? at - now : now - at) / 1000);
      if (time.textContent !== text) time.textContent = text;
    }
  };

  // Live parts: when the server says that something changed, the page is read again and every
  // part that differs is replaced, unless a person is just using it. A slow server is asked less.
  const busy = (part) =>
    part.contains(document.activeElement) && document.activeElement !== body ||
    part.querySelector("details.menu[open]") !== null;
  const replace = (fresh) => {
    for (const part of document.querySelectorAll("[data-live][id]")) {
      const next = fresh.getElementById(part.id);
      if (!next || busy(part)) continue;
      const open = [...part.querySelectorAll("details")].map((d) => d.open);
      if (part.innerHTML === next.innerHTML && part.className === next.className) continue;
      const scrolled = part.scrollLeft;
      part.className = next.className;
      part.replaceChildren(...next.childNodes);
      const details = part.querySelectorAll("details");
      if (details.length === open.length) details.forEach((d, n) => { d.open = open[n]; });
      part.scrollLeft = scrolled;
    }
    const asOf = document.getElementById("asof"), newAsOf = fresh.getElementById("asof");
    if (asOf && newAsOf) asOf.replaceWith(newAsOf);
    body.dataset.now = fresh.body.dataset.now || "";
    measure();
    tick();
  };
  let waiting = null, reading = false, again = false, took = 0;
  const read = async () => {
    waiting = null;
    if (reading) { again = true; return; }
    reading = true;
    const began = performance.now();
    try {
      const reply = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error" });
      if (reply.ok) replace(new DOMParser().parseFromString(await reply.text(), "text/html"));
    } catch { /* the stream says when the server is back */ }
    reading = false;
    took = performance.now() - began;
    if (again) { again = false; soon(); }
  };
  const soon = () => { if (!waiting && !document.hidden) waiting = setTimeout(read, Math.max(700, 5 * took)); };
  const listen = () => {
    const on = body.dataset.liveOn;
    const badge = document.getElementById("live");
    if (!window.EventSource || on === "none" || !badge) return;
    let stream = null;
    const open = () => {
      stream = new EventSource("/live");
      stream.onopen = () => { badge.classList.add("on"); badge.title = "This page follows what happens"; };
      stream.onerror = () => { badge.classList.remove("on"); badge.title = "The server does not answer; this page stands still"; };
      stream.addEventListener("changed", (event) => { if (!on || !event.data || event.data === on) soon(); });
    };
    // A page nobody looks at holds no connection: browsers have few of them per server.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) { if (stream) stream.close(); stream = null; }
      else if (!stream) { open(); soon(); }
    });
    badge.hidden = false;
    open();
  };

  // Keys.
  const rooms = { h: "/", o: "/orders", w: "/holds", t: "/trail", s: "/system" };
  const rows = (step) => {
    const links = [...document.querySelectorAll("table.rows tbody th a")];
    if (!links.length) return;
    const now = links.indexOf(document.activeElement);
    const next = links[Math.min(links.length - 1, Math.max(0, now + step))];
    next.focus();
  };
  let went = 0;
  const keys = () => {
    const dialog = document.getElementById("keys");
    const button = document.querySelector("[data-keys]");
    if (button) { button.hidden = false; button.addEventListener("click", () => dialog.showModal()); }
    document.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (event.key === "Escape" && typing) event.target.blur();
      if (event.key === "Escape") for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
      if (typing || event.ctrlKey || event.metaKey || event.altKey || (dialog && dialog.open)) return;
      if (event.timeStamp - went < 1200 && rooms[event.key]) { location.href = rooms[event.key]; return; }
      went = event.key === "g" ? event.timeStamp : 0;
      if (event.key === "/") { event.preventDefault(); document.getElementById("q").select(); document.getElementById("q").focus(); }
      else if (event.key === "?" && dialog) dialog.showModal();
      else if (event.key === "j") rows(1);
      else if (event.key === "k") rows(-1);
    });
    // A menu closes when a person turns elsewhere.
    document.addEventListener("click", (event) => {
      for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    });
    // A form is sent once.
    document.addEventListener("submit", (event) => {
      for (const b of event.target.querySelectorAll("button[type=submit]:not([name])")) setTimeout(() => { b.disabled = true; });
    });
    window.addEventListener("pageshow", () => { for (const b of document.querySelectorAll("button:disabled")) b.disabled = false; });
  };

  measure();
  tick();
  setInterval(tick, 1000);
  keys();
  listen();
})();
