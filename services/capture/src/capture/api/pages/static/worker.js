// Keeps the scanner's own files, so that the page opens without a network. Newer files are taken when there is one.

const PATIENCE_MS = 4000;
const KEPT = "baton-scanner-1";
const FILES = [
  "/scan",
  "/static/baton.css",
  "/static/scan.js",
  "/static/store.js",
  "/static/pair.js",
  "/static/camera.js",
  "/static/vendor/qr/decode.js",
  "/static/vendor/qr/index.js",
  "/static/scan.webmanifest",
  "/static/icon.svg",
];

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(KEPT).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })))),
  );
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const old = async () => {
    for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(old());
});

// A network that is there and does not answer is none.
function tooLong() {
  return new Promise((_, reject) => setTimeout(reject, PATIENCE_MS));
}

async function fresh(request) {
  const cache = await caches.open(KEPT);
  try {
    const answer = await Promise.race([fetch(request), tooLong()]);
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  } catch {
    return (await cache.match(request, { ignoreSearch: true })) ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method === "GET" && FILES.includes(address.pathname)) event.respondWith(fresh(event.request));
});
