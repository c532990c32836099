// Lets a form bring along which pages its visitor looked at. Nothing is sent before somebody fills in a form:
//   <script src="https://capture.example/static/visits.js" data-consent="given" data-domain="example.org"></script>
// Without consent (`data-consent="given"`, or `batonVisits.consent()` once somebody agreed) nothing is stored, and a
// form brings the page that it stands on and no other. `batonVisits.withdraw()` forgets at once.
(function () {
  "use strict";
  const NAME = "baton_visits";
  const MOST = 20;
  const LONGEST = 3500;
  const SECONDS = 30 * 24 * 3600;
  const settings = (document.currentScript || { dataset: {} }).dataset;
  const here = `${Math.floor(Date.now() / 1000)}.${encodeURIComponent(location.pathname.slice(0, 200))}`;
  const number = Array.from(crypto.getRandomValues(new Uint8Array(8)), (each) =>
    each.toString(16).padStart(2, "0"),
  ).join("");
  let agreed = false;

  function kept() {
    const found = document.cookie.split("; ").find((each) => each.startsWith(`${NAME}=`));
    return found ? found.slice(NAME.length + 1).split("|") : [];
  }

  function keep(text, seconds) {
    const where = settings.domain ? `; domain=${settings.domain}` : "";
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `${NAME}=${text}; path=/; max-age=${seconds}; samesite=lax${secure}${where}`;
  }

  function consent() {
    if (agreed || navigator.globalPrivacyControl) return;
    agreed = true;
    const [first, ...before] = kept();
    const pages = [...before, here].slice(-MOST);
    while (pages.join("|").length > LONGEST) pages.shift();
    keep([first || number, ...pages].join("|"), SECONDS);
  }

  function withdraw() {
    agreed = false;
    keep("", 0);
  }

  function text() {
    const stored = agreed ? kept().join("|") : "";
    return stored || `${number}|${here}`;
  }

  function bring(event) {
    const form = event.target;
    if (!/\/f\/[a-z][a-z0-9-]*$/.test(new URL(form.action, location.href).pathname)) return;
    let field = form.querySelector("input[name=visits]");
    if (!field) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = "visits";
      form.append(field);
    }
    field.value = text();
  }

  window.batonVisits = { consent, withdraw, text };
  document.addEventListener("submit", bring, true);
  if (settings.consent === "given") consent();
})();
