// The keyboard: what the sheet of keys tells.
const typing = (element) => element?.closest?.("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable=true]");
const steps = { home: ".folder > summary", ask: "#chat .cite.mark", practice: "#result .point, #result .cite, #iv-result .point, #iv-result .cite", notes: "#notes-table [role=gridcell]" };
const step = (by) => {
  const tab = currentTab();
  if (tab === "read") { document.querySelector(by > 0 ? ".around.following" : ".around.previous")?.click(); return; }
  const all = [...document.querySelectorAll(steps[tab] || "")].filter(shown);
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
  if (next.tabIndex < 0) next.tabIndex = 0;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
};
const sheet = () => document.querySelector("#keys");
const showKeys = () => { sheet()?.showModal(); sheet()?.querySelector(".keys-close")?.focus(); };
const focusAsk = () => { openTab("ask"); whenThere(() => shown(boxOf("question")) && boxOf("question"), (box) => box.focus()); };
const places = { h: "home", a: "ask", r: "read", p: "practice", n: "notes" };
let going = 0;
document.addEventListener("keydown", (event) => {
  if (event.isComposing || (sheet()?.open && event.key !== "Escape")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    if (event.target.closest?.("#explanation")) document.querySelector("#grade")?.click();
    else if (event.target.closest?.("#iv-answer")) document.querySelector("#iv-send")?.click();
    else if (event.target.closest?.("#question")) document.querySelector("#send")?.click();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    if (sheet()?.open) sheet().close();
    else if (document.body.classList.contains("passage")) closePassage();
    else if (window.closeOver()) return;
    else if (document.body.classList.contains("chats")) document.body.classList.remove("chats");
    else event.target.blur?.();
    return;
  }
  if (typing(event.target)) return;
  if (going && Date.now() - going < 1500 && places[event.key]) { openTab(places[event.key]); going = 0; return; }
  going = event.key === "g" ? Date.now() : 0;
  if (event.key === "/") { event.preventDefault(); focusAsk(); }
  else if (event.key === "?") showKeys();
  else if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if ("1234".includes(event.key) && currentTab() === "practice" && shown(document.querySelector("#rating"))) document.querySelectorAll("#rating input[type=radio]")[Number(event.key) - 1]?.click();
});
document.addEventListener("click", (event) => {
  if (event.target.closest?.("#help")) showKeys();
  else if (event.target.closest?.(".keys-close") || event.target === sheet()) sheet()?.close();
});
