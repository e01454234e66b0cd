// The diary page: signs in (by the link's fragment, or as a widget by the client's OpenID token) and
// shows the views that the server draws. The session is kept in memory, by link also in this tab's
// storage, so that it outlives a reload.
"use strict";
(() => {
  const page = document.getElementById("page");
  const state = document.getElementById("state");
  const again = document.getElementById("again");
  const words = document.body.dataset;
  const query = new URLSearchParams(location.search);
  const inFrame = window.parent !== window;
  const KEPT = "school-spaces-diary";
  let session = null;
  let shown = { view: "today", of: "", week: 0, span: "" };
  let turn = 0;

  class Failed extends Error {
    constructor(status, text) { super(text); this.status = status; }
  }

  const kept = {
    get() { try { return sessionStorage.getItem(KEPT); } catch { return null; } },
    set(value) {
      try {
        if (value === null) sessionStorage.removeItem(KEPT); else sessionStorage.setItem(KEPT, value);
      } catch { /* a frame may have no storage */ }
    },
  };

  function tell(text, { retry = null } = {}) {
    state.textContent = text;
    again.hidden = retry === null;
    again.onclick = retry;
  }

  function closed(text) {
    session = null;
    kept.set(null);
    page.replaceChildren();
    tell(text);
  }

  async function call(path, body, method = "POST") {
    const headers = { "Content-Type": "application/json" };
    if (/^[a-z]{2}\b/i.test(query.get("lang") || "")) headers["Accept-Language"] = query.get("lang");
    if (session) headers.Authorization = `Bearer ${session}`;
    let answer;
    try {
      answer = await fetch(path, {
        method, headers, body: JSON.stringify(body), cache: "no-store", credentials: "omit",
        redirect: "error", referrerPolicy: "no-referrer",
      });
    } catch { throw new Failed(0, words.away); }
    const text = await answer.text();
    if (answer.ok) return text;
    let said = "";
    try { said = JSON.parse(text).error || ""; } catch { /* not one of our answers */ }
    throw new Failed(answer.status, said || words.away);
  }

  async function signIn(proof) {
    session = null;
    session = JSON.parse(await call("session", proof)).session;
    if (!inFrame) kept.set(session);
  }

  // As a widget: MSC2762's transport, and MSC1960 to learn who is there. No capabilities.
  const client = (() => {
    const allowed = (words.clients || "").split(" ").filter(Boolean);
    const waiting = new Map();
    const asked = new Map();
    let origin = null;
    let asks = 0;
    const originOf = (address) => { try { return new URL(address).origin; } catch { return ""; } };
    const ancestors = location.ancestorOrigins ? Array.from(location.ancestorOrigins).slice(0, 1) : [];
    for (const one of [...ancestors, originOf(query.get("parentUrl")), originOf(document.referrer)]) {
      if (origin === null && allowed.includes(one)) origin = one;
    }

    function ask(action, data) {
      const requestId = `school-spaces-${Date.now()}-${++asks}`;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => { waiting.delete(requestId); reject(new Failed(0, words.away)); }, 20000);
        waiting.set(requestId, (response) => { clearTimeout(timer); resolve({ requestId, response }); });
        window.parent.postMessage(
          { api: "fromWidget", action, requestId, widgetId: query.get("widgetId"), data }, origin);
      });
    }

    const replies = {
      capabilities: () => ({ capabilities: [] }),
      supported_api_versions: () => ({ supported_versions: ["0.0.1", "0.0.2"] }),
      notify_capabilities: () => ({}),
      visibility: () => ({}),
      theme_change: (data) => { dress(data && data.name); return {}; },
      openid_credentials: (data) => {
        const found = data && asked.get(data.original_request_id);
        if (found) { asked.delete(data.original_request_id); found(data); }
        return {};
      },
    };

    window.addEventListener("message", (event) => {
      const message = event.data;
      if (!origin || event.origin !== origin || event.source !== window.parent || !message) return;
      if (message.api === "fromWidget" && message.response && waiting.has(message.requestId)) {
        const found = waiting.get(message.requestId);
        waiting.delete(message.requestId);
        found(message.response);
      } else if (message.api === "toWidget" && !message.response) {
        const reply = Object.hasOwn(replies, message.action) ? replies[message.action] : null;
        const response = reply ? reply(message.data) : { error: { message: "Unknown action" } };
        window.parent.postMessage({ ...message, response }, origin);
      }
    });

    async function credentials() {
      const { requestId, response } = await ask("get_openid", {});
      let found = response;
      if (found.state === "request") {
        found = await new Promise((resolve) => asked.set(requestId, resolve));
      }
      if (found.state !== "allowed" || !found.access_token) throw new Failed(403, words.blocked);
      return { token: found.access_token, server_name: found.matrix_server_name };
    }

    return {
      get isKnown() { return origin !== null; },
      loaded() { ask("content_loaded", {}).catch(() => {}); },
      credentials,
    };
  })();

  function dress(theme) {
    const name = String(theme || "");
    if (/dark|black/i.test(name)) document.documentElement.dataset.theme = "dark";
    else if (/light/i.test(name)) document.documentElement.dataset.theme = "light";
  }

  async function asWidget() {
    if (!client.isKnown) { tell(words.strangeClient); return false; }
    await signIn({ openid: await client.credentials() });
    return true;
  }

  function draw(html, { focus }) {
    page.innerHTML = html;
    const diary = page.querySelector(".diary");
    document.title = diary.dataset.title;
    document.documentElement.lang = diary.dataset.language;
    shown = { ...shown, view: diary.dataset.view, of: diary.dataset.of };
    tell("");
    if (focus) {
      const heading = page.querySelector("main h2") || page.querySelector("main");
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
  }

  async function show(wanted, { focus = true, secondTry = false } = {}) {
    const mine = ++turn;
    const next = { ...shown, week: 0, span: "", ...wanted };
    page.setAttribute("aria-busy", "true");
    try {
      const html = await call("view", next);
      if (mine !== turn) return;
      shown = next;
      draw(html, { focus });
    } catch (error) {
      if (mine !== turn) return;
      if (error.status === 401 && inFrame && !secondTry) {
        try {
          if (await asWidget()) await show(wanted, { focus, secondTry: true });
        } catch (refused) { closed(refused.message); }
      } else if (error.status === 401) closed(error.message || words.over);
      else tell(error.message, { retry: () => show(wanted, { focus }) });
    } finally {
      page.removeAttribute("aria-busy");
    }
  }

  page.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { view, of, week, span } = button.dataset;
    if ("end" in button.dataset) {
      call("session", {}, "DELETE").catch(() => {}).finally(() => closed(words.ended));
    } else if (view || of !== undefined) {
      show({
        view: view || shown.view, ...(of === undefined ? {} : { of }), week: Number(week || 0),
        span: span || "",
      });
    }
  });

  page.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = event.target.querySelector(".said");
    const wishes = Object.fromEntries(new FormData(event.target));
    said.textContent = "";
    try {
      const html = await call("wishes", { of: shown.of, wishes });
      draw(html, { focus: false });
      page.querySelector("button.main").focus();
      const status = page.querySelector(".said");
      status.textContent = status.dataset.saved;
    } catch (error) {
      if (error.status === 401) closed(error.message); else said.textContent = error.message;
    }
  });

  function linkInAddress() {
    const link = new URLSearchParams(location.hash.slice(1)).get("link");
    if (link !== null) history.replaceState(null, "", location.pathname + location.search);
    return link;
  }

  async function start(link) {
    tell(words.opening);
    try {
      if (link !== null) {
        kept.set(null);
        await signIn({ link });
      } else if (inFrame) {
        if (client.isKnown) client.loaded();
        if (!await asWidget()) return;
      } else if (kept.get()) {
        session = kept.get();
      } else {
        tell(words.noLink);
        return;
      }
    } catch (error) {
      const worthIt = error.status === 0 || error.status >= 429;
      tell(error.message, { retry: worthIt ? () => start(link) : null });
      return;
    }
    await show({}, { focus: false });
  }

  window.addEventListener("hashchange", () => {
    const link = linkInAddress();
    if (link !== null) start(link);
  });

  dress(query.get("theme"));
  start(linkInAddress());
})();
