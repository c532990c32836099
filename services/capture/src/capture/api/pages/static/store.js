// What this device keeps: its settings, and every scan until the server has it on disk.

const NAME = "baton-scanner";
const SHOWN = 20;
let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("settings");
      const scans = asked.result.createObjectStore("scans", { keyPath: "number", autoIncrement: true });
      scans.createIndex("state", "state");
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

// Runs `work` in one transaction; gives its result once the transaction is on disk.
async function within(store, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode, { durability: "strict" });
    const asked = work(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(asked?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

export const readSettings = () => within("settings", "readonly", (store) => store.get("device"));
export const keepSettings = (settings) => within("settings", "readwrite", (store) => store.put(settings, "device"));
export const readPairing = () => within("settings", "readonly", (store) => store.get("pairing"));
export const keepPairing = (drawn) => within("settings", "readwrite", (store) => store.put(drawn, "pairing"));
export const readEvents = () => within("settings", "readonly", (store) => store.get("events"));
export const keepEvents = (events) => within("settings", "readwrite", (store) => store.put(events, "events"));
export const keep = (scan) => within("scans", "readwrite", (store) => store.add({ ...scan, state: "waiting" }));
export const count = (state) => within("scans", "readonly", (store) => store.index("state").count(state));

// The scans that wait, in the order in which they were made.
export const waiting = (most) => within("scans", "readonly", (store) => store.index("state").getAll("waiting", most));

// The latest scans, newest first.
export async function latest() {
  const numbers = await within("scans", "readonly", (store) => store.getAllKeys());
  const from = numbers.at(-SHOWN) ?? 0;
  return (await within("scans", "readonly", (store) => store.getAll(IDBKeyRange.lowerBound(from)))).reverse();
}

// Writes down what became of scans. What was sent keeps no word of the person; a badge that names nobody stays to ask.
export const settle = (scans, verdicts) =>
  within("scans", "readwrite", (store) => {
    scans.forEach((scan, place) => {
      const { state, code } = verdicts[place];
      const { number, scan_id, occurred_at } = scan;
      if (state === "sent") store.put({ number, scan_id, occurred_at, state, ...(code && { code, badge: scan.badge }) });
      else store.put({ ...scan, state, code });
    });
  });
