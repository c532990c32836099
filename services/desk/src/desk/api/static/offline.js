// What is done without a network is kept on this device, and sent in its order when there is one again.
"use strict";

(() => {
  const shown = document.getElementById("waiting");
  if (!shown || !("serviceWorker" in navigator)) return;

  const KEPT = "baton-waiting";
  const SENT = "baton-sent";
  const AGAIN_MS = 20_000;
  const MOST_PAGES = 25;
  const REFUSED = [404, 409, 410, 422];
  const LATER = /^\/leads\/[0-9a-f-]{36}\/(accept|touch|book|confirm|return)$/;
  const body = document.body;
  const me = body.dataset.user;
  const isOld = "offline" in body.dataset;
  const load = (store, name) => JSON.parse(store.getItem(name) ?? "[]");
  const save = (store, name, entries) => store.setItem(name, JSON.stringify(entries));
  const own = () => load(localStorage, KEPT).filter((each) => each.user === me); // a device may have several users
  const parsed = (html) => new DOMParser().parseFromString(html, "text/html");

  const replace = (id, entry) => {
    const entries = load(localStorage, KEPT).map((each) => (each.id === id ? entry : each));
    save(localStorage, KEPT, entries.filter(Boolean));
    draw();
  };

  const line = (text) => Object.assign(document.createElement("li"), { textContent: text });
  const refusal = (action) => {
    const note = new Map(action.fields).get("note");
    const item = line(`${action.label}: ${action.refused}${note ? ` \u201c${note}\u201d` : ""} `);
    const button = Object.assign(document.createElement("button"), { textContent: shown.dataset.remove });
    button.addEventListener("click", () => replace(action.id, null));
    item.append(button);
    return item;
  };

  const draw = () => {
    const [waiting, sent] = [own().filter((each) => !each.refused), load(sessionStorage, SENT)];
    const refused = own().filter((each) => each.refused);
    const at = Date.parse(body.dataset.offline);
    const since = Number.isNaN(at) ? "" : new Date(at).toLocaleString(document.documentElement.lang);
    const heading = shown.querySelector("p");
    if (waiting.length) heading.textContent = shown.dataset.waits;
    else if (isOld && since) heading.textContent = shown.dataset.asOf.replace("{at}", since);
    else heading.textContent = sent.length || refused.length ? shown.dataset.sent : "";
    const lines = [...waiting.map((each) => line(each.label)), ...sent.map(line), ...refused.map(refusal)];
    shown.querySelector("ul").replaceChildren(...lines);
    shown.hidden = !heading.textContent;
  };

  const keep = (url, fields, label) => {
    try {
      const action = { id: `${Date.now()}-${Math.random()}`, user: me, url, fields, label, at: Date.now() };
      save(localStorage, KEPT, [...load(localStorage, KEPT), action]);
    } catch {
      return false; // the browser keeps nothing: let it say itself that there is no network
    }
    draw();
    return true;
  };

  // Who signs out leaves nothing of theirs on the device; what a colleague has waiting stays.
  const leave = (event) => {
    if (own().length && !confirm(shown.dataset.lost)) event.preventDefault();
    else save(localStorage, KEPT, load(localStorage, KEPT).filter((each) => each.user !== me));
    sessionStorage.removeItem(SENT);
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const path = new URL(form.action).pathname;
    if (path === "/sign-out") leave(event);
    if ((navigator.onLine && !isOld) || !LATER.test(path)) return;
    const fields = [...new FormData(form, event.submitter)];
    const who = form.closest("[data-lead]")?.querySelector("a.name") ?? document.querySelector("h1");
    if (!keep(path, fields, `${who.textContent.trim()}: ${event.submitter?.textContent.trim() ?? ""}`)) return;
    event.preventDefault();
    form.elements.once.value = `again-${Date.now()}`; // what is done next from this page is another deed
    form.closest("details")?.removeAttribute("open");
    shown.scrollIntoView({ block: "nearest" });
  });

  // The token of whoever is signed in now, if that is still the one whose page this is.
  const tokenNow = async () => {
    const answer = await fetch("/offline", { cache: "no-store", headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) return null;
    const page = parsed(await answer.text());
    return page.body.dataset.user === me ? page.querySelector("input[name=token]").value : null;
  };

  const answerOf = (html) => {
    const page = parsed(html);
    const found = page.querySelector("[role=alert]") ?? page.querySelector(".notice:not(#waiting)");
    return (found ?? page.querySelector("h1"))?.textContent.trim() ?? "";
  };

  const send = async () => {
    const token = await tokenNow();
    if (token === null) return false;
    for (const action of own().filter((each) => !each.refused)) {
      const form = new URLSearchParams(action.fields);
      form.set("token", token);
      form.set("waited", String(Math.ceil(Math.max(0, Date.now() - action.at) / 1000)));
      const answer = await fetch(action.url, { method: "POST", body: form, headers: { accept: "text/html" } });
      const isDone = answer.redirected && answer.ok && new URL(answer.url).pathname !== "/sign-in";
      const isLater = answer.headers.has("retry-after") || !REFUSED.includes(answer.status);
      if (!isDone && isLater) return false;
      const sentence = answerOf(await answer.text());
      if (isDone) save(sessionStorage, SENT, [...load(sessionStorage, SENT), `${action.label}: ${sentence}`]);
      replace(action.id, isDone ? null : { ...action, refused: sentence });
    }
    return true;
  };

  let again;
  const isWriting = () => [...document.querySelectorAll("textarea")].some((each) => each.value);
  const sendAll = async () => {
    clearTimeout(again);
    if (!navigator.onLine) return;
    const done = await navigator.locks
      .request("baton-waiting", { ifAvailable: true }, (lock) => lock !== null && send())
      .catch(() => false);
    if (!done) again = setTimeout(sendAll, AGAIN_MS);
    else if (isOld && !isWriting()) location.reload();
  };

  if (body.dataset.unsent) {
    const fields = JSON.parse(decodeURIComponent(body.dataset.unsent));
    keep(location.pathname, fields, location.pathname.split("/").pop());
    history.replaceState(null, "", new Map(fields).get("back") ?? "/leads");
  }
  draw();
  if (!isOld) sessionStorage.removeItem(SENT);
  window.addEventListener("online", sendAll);
  if (isOld || own().some((each) => !each.refused)) sendAll();

  if (!isOld) {
    const people = [...document.querySelectorAll("[data-lead] a.name")].slice(0, MOST_PAGES);
    const paths = people.map((each) => new URL(each.href).pathname);
    navigator.serviceWorker.register("/worker.js").then(async () => {
      const { active } = await navigator.serviceWorker.ready;
      active.postMessage({ user: me, keep: location.pathname === "/leads" ? ["/leads", ...paths] : null });
    }).catch(() => {}); // without it the pages work as long as there is a network
  }
})();
