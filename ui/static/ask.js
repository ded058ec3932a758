// The question box.
const fill = (text) => {
  openTab("ask");
  whenThere(() => boxOf("question"), (box) => {
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
    const gap = text.indexOf("…");
    if (gap >= 0) box.setSelectionRange(gap, gap + 1);
  });
};
const ask = (text) => {
  fill(text);
  whenThere(() => boxOf("question")?.value === text && document.querySelector("#send"), () => setTimeout(() => document.querySelector("#send").click(), 120));
};
window.asking = () => document.body.classList.remove("passage");
// While an input method composes, Enter chooses a word and sends nothing.
window.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopImmediatePropagation();
}, true);

document.addEventListener("click", (event) => {
  const page = event.target.closest?.(".pdf-sheet");
  if (page) { page.classList.toggle("wide"); page.querySelector(".page-mark")?.scrollIntoView({ block: "center", inline: "start" }); }
  const button = event.target.closest?.("button");
  if (!button) return;
  const place = [...button.classList].map((name) => name.match(/^(cite|copy|read)-(p?\d+_\S+)$/)).find(Boolean);
  if (button.matches(".cite") && place) {
    const practice = place[2].startsWith("p");
    pickedAt = Date.now();
    document.querySelectorAll(".cite.open").forEach((other) => other.classList.remove("open"));
    button.classList.add("open");
    window.citedFrom = button;
    tell(practice ? "practice-picked" : "picked", `${place[2].replace("p", "")}_${Date.now()}`);
  } else if (button.matches(".copy-this") && place) tell("copy-picked", `${place[2]}_${Date.now()}`);
  else if (button.matches(".read-this") && place) tell("go-cited", `${place[2]}_${Date.now()}`);
  else if (button.matches(".ask-this")) ask(button.title);
  else if (button.matches(".fill-this, .edit-this")) fill(button.title);
  else if (button.matches(".practise-this")) document.querySelector("#practise")?.click();
  else if (button.matches(".to-notes")) openTab("notes");
  else if (button.matches(".aside-close")) {
    if (button.closest("#chats")) { document.body.classList.remove("chats"); return; }
    closePassage();
    if (button.closest("#aside")) document.body.classList.add("no-aside");
  }
  else if (button.matches(".earlier") && !document.querySelector("#chat .doing")) {
    const box = talk();
    fromEnd = box.scrollHeight - box.scrollTop;
    tell("chat-earlier", String(Date.now()));
  }
});
// What is closed before its passage has come stays closed.
let pickedAt = 0, closedAt = 0;
const closePassage = () => {
  closedAt = Date.now();
  document.body.classList.remove("passage", "practice-passage");
  document.querySelectorAll(".cite.open").forEach((other) => other.classList.remove("open"));
  window.citedFrom?.focus?.();
};
window.showCited = () => {
  if (closedAt >= pickedAt && pickedAt) return;
  document.body.classList.add("passage");
  document.body.classList.remove("no-aside");
  setTimeout(() => {
    const note = [...document.querySelectorAll("#note, #practice-note")].find(shown);
    const mark = note?.querySelector("mark");
    const box = document.querySelector("#aside");
    if (shown(box)) box.scrollTop = 0;
    const sheet = document.querySelector(".pdf-page");
    const place = sheet?.querySelector(".page-mark, mark");
    if (place && shown(sheet)) {
      sheet.scrollTop += place.getBoundingClientRect().top - sheet.getBoundingClientRect().top - sheet.clientHeight / 3;
      if (sheet.scrollHeight <= sheet.clientHeight + 2) place.scrollIntoView({ block: "center" });
    }
    if (mark && note) note.scrollTop += mark.getBoundingClientRect().top - note.getBoundingClientRect().top - note.clientHeight / 3;
    if (mark && note && !place && note.scrollHeight <= note.clientHeight) mark.scrollIntoView({ block: "center" });
  }, 150);
};
window.copyText = async (text) => {
  if (!text) return;
  try {
    await navigator.clipboard.writeText(text);
  } catch { // a page that is served without https may not: the old way
    const box = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  }
  toast(say("copied"));
};
window.saveFile = (file) => {
  if (!file) return;
  const [name, text] = JSON.parse(file);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
};

// A new question stands on top with the room for its answer below it, so that nothing moves while
// the answer is written, and it is read from its beginning.
const talk = () => document.querySelector("#chat .panel-wrap");
let asked = "";
let placedUntil = 0; // formulas above it are laid out a little later: it is held in its place
let fromEnd = null; // where the reader was, before earlier answers came in above
const toQuestion = () => {
  const rows = document.querySelectorAll("#chat .user-row");
  const last = rows[rows.length - 1];
  const now = last ? `${rows.length} ${last.textContent}` : "";
  if (now !== asked) {
    asked = now;
    if (fromEnd === null) placedUntil = Date.now() + 1200;
  } else if (Date.now() > placedUntil) return;
  const box = talk();
  if (!last || !box) return;
  if (fromEnd !== null) { box.scrollTop = box.scrollHeight - fromEnd; fromEnd = null; return; }
  box.scrollTop += last.getBoundingClientRect().top - box.getBoundingClientRect().top;
};
for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) document.addEventListener(kind, () => { placedUntil = 0; }, { passive: true });
setInterval(() => { if (Date.now() < placedUntil) toQuestion(); }, 100);

// The open conversation stands in the page's address, so that a reload finds it again.
window.chatInAddress = () => inAddress("chat");
window.keepChat = (id) => keepInAddress("chat", id);
window.toggleChats = () => {
  const list = document.querySelector("#chats");
  const open = shown(list);
  document.body.classList.toggle("chats", !open);
  document.body.classList.toggle("no-chats", open);
};
// What lies over the page goes with a click beside it, as with Escape.
const settings = () => document.querySelector("#settings > button.open");
window.closeOver = () => {
  const open = window.innerWidth < 1024 && document.body.classList.contains("chats");
  if (!open && !settings()) return false;
  document.body.classList.remove("chats");
  settings()?.click();
  return true;
};
document.addEventListener("pointerdown", (event) => {
  const path = event.composedPath(); // a choice may take what was clicked off the page
  const inside = path.some((element) => element.matches?.("#chats, #settings, #show-chats, ul.options"));
  if (!inside && window.closeOver() && event.target.closest?.("#ask-page")) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const item = event.target.closest?.(".chat-item, #chat-new");
  if (!item) return;
  // Where the list covers the page it makes way for what was opened.
  if (window.innerWidth < 1024) document.body.classList.remove("chats");
  document.body.classList.remove("passage");
  if (item.dataset.chat) tell("chat-picked", `${item.dataset.chat}_${Date.now()}`);
});

// What scrolls can be reached by the keyboard.
setInterval(() => {
  for (const box of document.querySelectorAll("#note, #practice-note, #own-note")) {
    if (box.tabIndex < 0) { box.tabIndex = 0; box.setAttribute("role", "region"); box.setAttribute("aria-label", say("note")); }
  }
  const search = document.querySelector("#notes-table .search-input");
  if (search && search.placeholder !== say("find")) { search.placeholder = say("find"); search.title = say("find"); search.setAttribute("aria-label", say("find")); }
}, 500);

// Gradio reads an answer's HTML to screen readers as its name: the text itself is enough.
new MutationObserver(() => {
  for (const said of document.querySelectorAll("#chat [data-testid][aria-label]")) said.removeAttribute("aria-label");
  toQuestion();
}).observe(document.documentElement, { childList: true, subtree: true });
