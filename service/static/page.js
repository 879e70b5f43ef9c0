// What a script adds to a page that works without it: answers in place, keys, brushing, copying.
// Every answer is the same page as the service sends without a script; its regions are swapped.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const ask = $("#ask");
const IN_PLACE = new Set(["/", "/similar"]);

function say(text) {
  $("#status").textContent = "";
  setTimeout(() => { $("#status").textContent = text; }, 50);
}

// --- answers in place ---

// of each kind of request only the last one counts
const pending = {};

async function fetchPage(address, kind) {
  pending[kind]?.abort();
  pending[kind] = new AbortController();
  const response = await fetch(address, { signal: pending[kind].signal, headers: { Accept: "text/html" } });
  if (!response.headers.get("content-type")?.startsWith("text/html")) throw new Error("no page");
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

let shown = location.pathname + location.search;

async function visit(address, { push = true, to = "stay", scroll = 0 } = {}) {
  document.body.setAttribute("aria-busy", "true");
  try {
    const next = await fetchPage(address, "answer");
    const regions = $$("[data-swap]");
    if (regions.length !== $$("[data-swap]", next).length) throw new Error("another page");
    if (push) {
      history.replaceState({ scroll: window.scrollY }, "");
      history.pushState({ scroll: 0 }, "", address);
    }
    shown = location.pathname + location.search;
    swap(regions, next, to);
    if (to === "top") window.scrollTo(0, 0);
    if (to === "back") window.scrollTo(0, scroll);
  } catch (error) {
    if (error.name === "AbortError") return;
    // whatever cannot be shown in place is shown as a page of its own
    location.assign(address);
    return;
  }
  document.body.removeAttribute("aria-busy");
}

function swap(regions, next, to) {
  const focused = placeOf(document.activeElement);
  const scrolled = $$(".values").map((list) => [list.id, list.scrollTop]);
  for (const region of regions) region.replaceWith(document.adoptNode($(`#${region.id}`, next)));
  document.title = next.title;
  for (const link of $$('head link[rel="alternate"]')) link.remove();
  document.head.append(...$$('head link[rel="alternate"]', next));
  if ($("#q") && (to === "back" || document.activeElement !== $("#q"))) $("#q").value = $("#q", next).value;
  for (const [id, top] of scrolled) {
    const list = document.getElementById(id);
    if (list) list.scrollTop = top;
  }
  refocus(focused, to);
  say($("#count")?.textContent.replace(/\s+/g, " ").trim() ?? $('[role="alert"]')?.textContent.trim() ?? "");
}

// where the focus is, in words that outlive the element
function placeOf(element) {
  if (!element || element === document.body) return null;
  if (element.id) return `#${CSS.escape(element.id)}`;
  const hit = element.closest(".hit");
  if (hit) {
    const kind = [...element.classList].find((name) => name === "like" || name === "unlike");
    return `.hit:nth-child(${$$(".hit").indexOf(hit) + 1}) ${kind ? `.${kind}` : "h2 a"}`;
  }
  if (element.name) return `[name="${element.name}"][value="${CSS.escape(element.value)}"]`;
  return element.isConnected && element.closest("[data-swap]") ? "#count" : null;
}

function refocus(place, to) {
  if (to === "top" && document.activeElement !== $("#q")) $("#count")?.focus({ preventScroll: true });
  else if (place) ($(place) ?? $("#count"))?.focus({ preventScroll: true });
}

// the address of what the form asks now, without its blanks
function asked(changes = {}) {
  const data = new FormData(ask);
  for (const [name, value] of Object.entries(changes)) data.set(name, value);
  data.delete("find_author");
  data.delete("find_journal");
  if (data.get("duration") !== "custom") { data.delete("from"); data.delete("to"); }
  if (data.get("duration") === "any") data.delete("duration");
  const kept = [...data].filter(([, value]) => value.trim());
  const query = new URLSearchParams(kept).toString();
  return ask.getAttribute("action") + (query && `?${query}`);
}

if (ask) {
  ask.addEventListener("submit", (event) => {
    event.preventDefault();
    visit(asked(), { to: "top" });
  });
  document.addEventListener("change", (event) => {
    const { target } = event;
    if (target.id === "duration" && target.value === "custom") return $("#from").focus();
    if (target.type === "range") return brushByRange();
    if (target.form === ask && target.closest("#filters") && target.type !== "search") return visit(asked());
    if (target.id === "diversity") return visit(asked());
  });
  addEventListener("popstate", (event) => {
    // a way to another place of the same page is none of ours
    if (shown === location.pathname + location.search) return;
    visit(location.href, { push: false, to: "back", scroll: event.state?.scroll ?? 0 });
  });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!ask || !link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const address = new URL(link.getAttribute("href"), location.href);
  const stays = address.origin === location.origin && address.pathname === location.pathname;
  if (!stays || !IN_PLACE.has(address.pathname) || address.hash || !link.closest("main")) return;
  event.preventDefault();
  const keeps = link.matches(".like, .unlike, .out") && location.pathname === "/";
  visit(address.href, { to: keeps ? "stay" : "top" });
});

// --- the beginning of a name ---

let typing = 0;
document.addEventListener("input", (event) => {
  const finder = event.target;
  if (finder.type === "range") return paintRange();
  if (!finder.dataset?.finds) return;
  clearTimeout(typing);
  typing = setTimeout(async () => {
    const address = new URL(asked(), location.href);
    address.searchParams.set(finder.name, finder.value);
    address.searchParams.set("limit", "1");
    try {
      const found = $(`#${finder.dataset.finds}`, await fetchPage(address, "names"));
      $(`#${finder.dataset.finds}`).replaceWith(document.adoptNode(found));
      say(`${$$("input", found).length} names`);
    } catch (error) {
      if (error.name !== "AbortError") say("The names could not be had.");
    }
  }, 150);
});

// --- the years ---

let brushing = null;

function barAt(svg, x) {
  const bars = $$("a", svg);
  const box = svg.getBoundingClientRect();
  const place = Math.floor(((x - box.left) / box.width) * bars.length);
  return bars[Math.max(0, Math.min(bars.length - 1, place))];
}

function paint(first, last) {
  for (const bar of $$(".years a")) bar.classList.toggle("off", bar.dataset.last < first || bar.dataset.first > last);
  $("#years-chosen").textContent = first === last ? first : `${first} – ${last}`;
}

const chooseYears = (first, last) => visit(asked({ duration: "custom", from: first, to: last }));

document.addEventListener("pointerdown", (event) => {
  const svg = event.target.closest(".years svg");
  if (!svg || event.button) return;
  svg.setPointerCapture(event.pointerId);
  brushing = { svg, from: barAt(svg, event.clientX) };
});
function brushed(event) {
  const bars = [brushing.from, barAt(brushing.svg, event.clientX)].sort((a, b) => a.dataset.first - b.dataset.first);
  return [bars[0].dataset.first, bars[1].dataset.last];
}
document.addEventListener("pointermove", (event) => { if (brushing) paint(...brushed(event)); });
document.addEventListener("pointerup", (event) => {
  if (!brushing) return;
  const years = brushed(event);
  brushing = null;
  chooseYears(...years);
});
document.addEventListener("pointercancel", () => { brushing = null; });
document.addEventListener("click", (event) => { if (event.target.closest(".years svg")) event.preventDefault(); }, true);
document.addEventListener("dragstart", (event) => { if (event.target.closest?.(".years svg")) event.preventDefault(); });

function rangeYears() {
  return [$("#first-year").value, $("#last-year").value].sort((a, b) => a - b);
}
const paintRange = () => paint(...rangeYears());
let sliding = 0;
function brushByRange() {
  clearTimeout(sliding);
  sliding = setTimeout(() => chooseYears(...rangeYears()), 350);
}

// --- what is ticked ---

document.addEventListener("change", (event) => {
  if (!event.target.matches(".tick")) return;
  const n = $$(".tick:checked").length;
  $("#ticked").textContent = n ? `The ${n} that you ticked:` : "All that match, or those that you tick:";
  $("#export").closest("details").querySelector("summary").textContent = n ? `Export ${n}` : "Export";
});

// --- keys ---

const STORED = "cognate.keys";
const isTyping = (element) => element.matches?.("textarea, select, [contenteditable], input:not([type=checkbox])");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const { key, target } = event;
  if (key === "Escape") return $$("details.menu[open]").forEach((menu) => closeMenu(menu));
  const links = $$(".hit h2 a");
  if (key === "ArrowDown" || key === "ArrowUp") {
    if (isTyping(target) && !(target.id === "q" && key === "ArrowDown")) return;
    if (!links.length) return;
    const at = links.indexOf(target.closest?.(".hit")?.querySelector("h2 a"));
    const to = key === "ArrowDown" ? Math.min(at + 1, links.length - 1) : at - 1;
    event.preventDefault();
    if (to < 0) return ($("#q") ?? links[0]).focus();
    links[to].focus();
    return links[to].closest(".hit").scrollIntoView({ block: "nearest" });
  }
  if (isTyping(target) || localStorage.getItem(STORED) === "off") return;
  if (key === "/" && $("#q, #draft")) { event.preventDefault(); $("#q, #draft").focus(); $("#q")?.select(); }
  const kind = { m: ".like", l: ".unlike" }[key];
  if (kind) target.closest?.(".hit")?.querySelector(kind)?.click();
});

function closeMenu(menu) {
  const held = menu.contains(document.activeElement);
  menu.open = false;
  if (held) $("summary", menu).focus();
}
document.addEventListener("click", (event) => {
  for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

// who speaks to the computer, or touches a key by chance, can turn the letters off
function offerKeys() {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  const show = () => { button.textContent = localStorage.getItem(STORED) === "off" ? "Turn keys on" : "Turn keys off"; };
  button.addEventListener("click", () => {
    localStorage.setItem(STORED, localStorage.getItem(STORED) === "off" ? "on" : "off");
    show();
  });
  show();
  $(".keys").append(" ", button);
}
if ($(".keys")) offerKeys();

// --- copying and citing ---

async function copy(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    const words = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = words; }, 1500);
    say("Copied");
  } catch {
    say("This browser does not let the page copy.");
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-address]");
  if (button) return copy(button, button.dataset.copy ? $(`#${button.dataset.copy}`).textContent : location.href);
  const format = event.target.closest("[data-cite]");
  if (!format || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  if (!await cite(format)) location.assign(format.href);
});

async function cite(format) {
  const response = await fetch(format.href).catch(() => null);
  if (!response?.ok) return false;
  $("#citation").textContent = (await response.text()).trim();
  $(".cited").hidden = false;
  for (const one of $$("[data-cite]")) one.removeAttribute("aria-current");
  format.setAttribute("aria-current", "true");
  return true;
}

if (location.hash === "#cite" && $("[data-cite]")) cite($("[data-cite]"));

// --- files of a draft ---

const BIBLIOGRAPHY = /\.(bib|ris|json)$/i;

async function readFiles(files, dropped) {
  for (const file of files) {
    const area = BIBLIOGRAPHY.test(file.name) ? $("#bibliography") : (dropped ?? $("#draft"));
    area.value = await file.text();
    if (area.id === "bibliography") area.closest("details").open = true;
    else $("#name").value = file.name;
    say(`${file.name} read`);
  }
}

for (const area of $$("[data-drop]")) {
  area.addEventListener("dragover", (event) => { event.preventDefault(); area.classList.add("over"); });
  area.addEventListener("dragleave", () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    area.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    readFiles(event.dataTransfer.files, area);
  });
}
$("#file")?.addEventListener("change", (event) => readFiles(event.target.files));
