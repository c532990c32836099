// Keeps the pages of a rep's leads, so that they can be read without a network. Newer ones are taken when there is one.
"use strict";

const KEPT = "baton-pages-1";
const PATIENCE_MS = 10_000;
const RENEWED_MS = 30 * 60 * 1000;
const LONGEST_MS = 12 * 60 * 60 * 1000; // a working day: older than that nobody should act on it
const ALONE = "/offline";
const FILES = [
  "/static/pages.css",
  "/static/pages.js",
  "/static/offline.js",
  "/static/htmx.min.js",
  "/static/htmx-sse.min.js",
  "/static/icon.svg",
];
const PAGE = /^\/(leads|people\/[0-9a-f-]{36})$/;
const LATER = /^\/leads\/[0-9a-f-]{36}\/(accept|touch|book|confirm|return)$/;

const install = async () => {
  const cache = await caches.open(KEPT);
  await cache.addAll([...FILES, ALONE].map((path) => new Request(path, { cache: "reload" })));
  await self.skipWaiting();
};
self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// A network that is there and does not answer is none.
const tooLong = () => new Promise((_, reject) => setTimeout(reject, PATIENCE_MS));

async function keep(path, answer) {
  const headers = new Headers(answer.headers);
  headers.set("kept-at", new Date().toISOString());
  for (const name of ["content-encoding", "content-length"]) headers.delete(name);
  await (await caches.open(KEPT)).put(path, new Response(await answer.blob(), { headers }));
}

async function forgetPages(except = []) {
  const cache = await caches.open(KEPT);
  for (const request of await cache.keys()) {
    const path = new URL(request.url).pathname;
    if (PAGE.test(path) && !except.includes(path)) await cache.delete(request);
  }
}

// What is kept says so itself, and since when.
async function marked(found, more = "") {
  const text = await found.text();
  const at = found.headers.get("kept-at") ?? "";
  return new Response(text.replace("<body", `<body data-offline="${at}" ${more}`), { headers: found.headers });
}

// Of people only those are kept whom the list has.
async function renew(path, answer) {
  if (path === "/leads" || (await (await caches.open(KEPT)).match(path))) await keep(path, answer);
}

const age = (found) => Date.now() - Date.parse(found?.headers.get("kept-at") ?? "");

async function page(event, path) {
  try {
    const answer = await Promise.race([fetch(event.request), tooLong()]);
    if (answer.ok && PAGE.test(path)) event.waitUntil(renew(path, answer.clone()));
    if ([403, 404, 410].includes(answer.status)) event.waitUntil(caches.open(KEPT).then((cache) => cache.delete(path)));
    if (answer.type === "opaqueredirect" && PAGE.test(path)) event.waitUntil(forgetPages()); // signed out meanwhile
    return answer;
  } catch {
    const cache = await caches.open(KEPT);
    const found = await cache.match(path);
    const shown = age(found) < LONGEST_MS ? found : await cache.match(ALONE);
    return shown ? marked(shown) : Response.error();
  }
}

// A form of ours that did not get through is handed to the page that keeps it.
async function post(request) {
  if (!request.referrer || new URL(request.referrer).origin !== self.location.origin) return fetch(request);
  const copy = request.clone();
  try {
    return await fetch(request);
  } catch {
    const alone = await (await caches.open(KEPT)).match(ALONE);
    const fields = encodeURIComponent(JSON.stringify([...new URLSearchParams(await copy.text())]));
    return alone ? marked(alone, `data-unsent="${fields}"`) : Response.error();
  }
}

async function signOut(request) {
  await forgetPages();
  await (await caches.open(KEPT)).delete(ALONE);
  return fetch(request);
}

async function file(request) {
  try {
    const answer = await Promise.race([fetch(request), tooLong()]);
    if (answer.ok) await (await caches.open(KEPT)).put(request, answer.clone());
    return answer;
  } catch {
    return (await caches.match(request, { ignoreSearch: true })) ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) return;
  if (request.mode === "navigate" && request.method === "GET") event.respondWith(page(event, address.pathname));
  else if (request.mode === "navigate" && LATER.test(address.pathname)) event.respondWith(post(request));
  else if (request.mode === "navigate" && address.pathname === "/sign-out") event.respondWith(signOut(request));
  else if (FILES.includes(address.pathname)) event.respondWith(file(request));
});

async function renewAlone() {
  const answer = await fetch(ALONE, { cache: "no-store", headers: { accept: "text/html" } });
  if (answer.ok && !answer.redirected) await keep(ALONE, answer);
}

// The list says whose pages are to be kept; those of leads that are not there any more go, and another user's all do.
async function keepPeople(paths) {
  const cache = await caches.open(KEPT);
  await forgetPages(paths);
  for (const path of paths) {
    if (age(await cache.match(path)) < RENEWED_MS) continue;
    const answer = await fetch(path, { headers: { accept: "text/html" } });
    if (answer.ok && !answer.redirected) await keep(path, answer);
    else await cache.delete(path);
  }
}

async function follow({ user, keep: paths }) {
  const alone = await (await caches.open(KEPT)).match(ALONE);
  const isTheirs = alone && (await alone.text()).includes(`data-user="${user}"`);
  if (!isTheirs) await forgetPages();
  if (paths || !isTheirs) await renewAlone();
  if (paths) await keepPeople(paths);
}
self.addEventListener("message", (event) => event.waitUntil(follow(event.data).catch(() => {})));
