// How the page talks to its server: a hidden box is told a value, and the change is an event.
// The time makes a second click on the same thing a change, too.
const boxOf = (id) => document.querySelector(`#${id} textarea, #${id} input`);
const tell = (id, value) => {
  const box = boxOf(id);
  if (!box) return false;
  box.value = value;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
};
const whenThere = (find, then, tries = 100) => {
  const found = find();
  if (found) then(found);
  else if (tries > 0) setTimeout(() => whenThere(find, then, tries - 1), 50);
};
const shown = (element) => element && element.offsetParent !== null;
const say = (name) => (document.querySelector("#words") || { dataset: {} }).dataset[name] || "";
const tabOf = (id) => document.querySelector(`[role=tab][data-tab-id="${id}"]`);
const openTab = (id) => tabOf(id)?.click();
const currentTab = () => document.querySelector('[role=tab][aria-selected="true"]')?.dataset.tabId || "home";
const toast = (text) => {
  document.querySelector("#said")?.remove();
  if (!text) return;
  const note = Object.assign(document.createElement("div"), { id: "said", textContent: text });
  note.setAttribute("role", "status");
  document.body.append(note);
  setTimeout(() => note.remove(), 1800);
};
const inAddress = (name) => new URLSearchParams(location.search).get(name) || "";
const keepInAddress = (name, value) => {
  const address = new URL(location.href);
  if (value) address.searchParams.set(name, value);
  else address.searchParams.delete(name);
  if (address.href !== location.href) history.replaceState(history.state, "", address);
};

// A phone's keyboard takes its room from the page, so that the box that is typed in stays above it.
const viewport = document.querySelector("meta[name=viewport]");
if (viewport && !viewport.content.includes("interactive-widget")) viewport.content += ", interactive-widget=resizes-content";

// What a person chose stays chosen in this browser.
const kept = (name) => { try { return localStorage.getItem(`notes-${name}`); } catch { return null; } };
const remember = (name, value) => { try { localStorage.setItem(`notes-${name}`, value); } catch { /* private window */ } };
let quietly = false; // the page itself shows what was chosen before: nobody chooses
const keepChoice = (name, value) => {
  remember(name, value);
  if (!quietly) tell("go-choice", JSON.stringify({ [name]: value, at: Date.now() }));
};
window.keepLanguage = (code) => { keepChoice("language", code); document.documentElement.lang = code; };
window.keptLanguage = (code) => {
  const known = kept("language");
  const spoken = (navigator.language || code).startsWith("zh") ? "zh" : "en";
  const wanted = ["zh", "en"].includes(known) ? known : spoken;
  document.documentElement.lang = wanted;
  return wanted;
};
// What is chosen counts from the click on: the page may still be loading.
document.addEventListener("change", ({ target }) => {
  if (target.matches("#language input")) window.keepLanguage(target.value);
}, true);
window.showKeptLanguage = () => {
  const wanted = document.querySelector(`#language input[value="${window.keptLanguage("zh")}"]`);
  quietly = true;
  if (wanted && !wanted.checked) wanted.click();
  quietly = false;
};
// The page is built in Chinese: who reads another language sees it once its words are there.
const translated = () => document.documentElement.classList.remove("translating");
const toRead = window.keptLanguage("zh");
if (toRead !== "zh") {
  document.documentElement.classList.add("translating");
  // The rest of what the server has sent with those words is drawn a moment later.
  whenThere(() => document.querySelector(`#words[data-lang="${toRead}"]`), () => setTimeout(translated, 60));
  setTimeout(translated, 3000); // a server that is slow to answer
}
// What the server keeps of a login goes before what this browser has.
window.showChoices = (text) => {
  const mine = JSON.parse(text || "{}");
  for (const [name, value] of Object.entries(mine)) remember(name, value);
  applyTheme();
  if (mine.language) window.showKeptLanguage();
};
const applyTheme = () => {
  const wanted = kept("theme");
  if (!wanted || !document.body) return;
  if (document.body.classList.contains("dark") !== (wanted === "dark")) document.body.classList.toggle("dark", wanted === "dark");
};
// Gradio sets the system's theme when it starts: the choice comes after it.
const watchTheme = () => {
  applyTheme();
  new MutationObserver(applyTheme).observe(document.body, { attributes: true, attributeFilter: ["class"] });
};
if (document.body) watchTheme();
else document.addEventListener("DOMContentLoaded", watchTheme);
document.addEventListener("click", (event) => {
  if (!event.target.closest?.("#theme")) return;
  keepChoice("theme", document.body.classList.contains("dark") ? "light" : "dark");
  applyTheme();
});
