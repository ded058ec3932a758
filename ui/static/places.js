// Where the page goes: home, the library, an exercise.
const went = (id) => {
  keepInAddress("tab", id === "home" ? "" : id);
  document.body.classList.remove("passage", "chats");
  window.scrollTo(0, 0);
};
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-go=practise], .practise-this")) document.body.classList.remove("passage");
  const tab = event.target.closest?.("[role=tab][data-tab-id]");
  if (tab) went(tab.dataset.tabId);
  const button = event.target.closest?.("button.go");
  if (!button) return;
  const { go, note, topic, text, lang } = button.dataset;
  if (go === "read") tell("go-read", JSON.stringify({ note, lang, at: Date.now() }));
  else if (go === "practise") tell("go-practise", `${topic}\n${Date.now()}`);
  else if (go === "ask") ask(text);
  else openTab(go);
});
document.addEventListener("submit", (event) => {
  const form = event.target.closest?.(".home-ask");
  if (!form) return;
  event.preventDefault();
  const text = form.querySelector("input").value.trim();
  if (text) { form.querySelector("input").value = ""; ask(text); } else form.querySelector("input").focus();
});
// What a learner wishes of the plan: the day of the interview, the study path.
const wish = (wished) => tell("go-plan", JSON.stringify({ ...wished, at: Date.now() }));
document.addEventListener("change", (event) => {
  if (event.target.matches?.(".interview-day input")) wish({ interview: event.target.value });
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".follow-path");
  if (button) wish({ path: Boolean(button.dataset.follow) });
});
// Another tab that Gradio opened by itself, and the note that is read, belong in the address.
const markOpenNote = () => {
  const key = window.openNote || "";
  for (const item of document.querySelectorAll(".shelf .topic")) {
    const here = item.dataset.note === key;
    item.classList.toggle("open", here);
    if (here) {
      item.closest("details").open = true;
      item.setAttribute("aria-current", "page");
      const column = document.querySelector("#shelf-column");
      const box = item.getBoundingClientRect(), around = column.getBoundingClientRect();
      if (box.top < around.top || box.bottom > around.bottom) column.scrollTop += box.top - around.top - around.height / 3;
    } else item.removeAttribute("aria-current");
  }
};
window.noteOpened = (key) => {
  if (!key) return;
  window.openNote = key;
  openTab("read");
  keepInAddress("note", key);
  document.body.classList.add("note");
  window.scrollTo(0, 0);
  whenThere(() => document.querySelector(".shelf .topic"), markOpenNote);
};
document.addEventListener("click", (event) => {
  if (event.target.closest?.(".to-shelf")) { document.body.classList.remove("note"); keepInAddress("note", ""); }
  const link = event.target.closest?.(".contents a");
  if (link) { event.preventDefault(); document.getElementById(link.dataset.part)?.scrollIntoView({ behavior: "smooth" }); }
});
document.addEventListener("input", (event) => {
  const box = event.target.closest?.(".shelf-find");
  if (!box) return;
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const folder of document.querySelectorAll(".shelf-folder")) {
    let here = 0;
    for (const item of folder.querySelectorAll(".topic")) {
      const text = `${item.textContent} ${item.dataset.note}`.toLowerCase();
      item.hidden = !words.every((word) => text.includes(word));
      if (!item.hidden) here += 1;
    }
    folder.hidden = here === 0;
    if (words.length) folder.open = here > 0;
    found += here;
  }
  const none = document.querySelector(".shelf .none");
  if (none) none.hidden = found > 0;
});
// The page that the address names, once the tabs are there.
whenThere(() => tabOf("ask"), () => {
  const tab = inAddress("tab") || (inAddress("chat") ? "ask" : inAddress("note") ? "read" : "");
  if (tab) openTab(tab);
  const note = inAddress("note");
  if (note && tab === "read") whenThere(() => boxOf("go-read"), () => setTimeout(() => tell("go-read", JSON.stringify({ note, at: Date.now() })), 300));
}, 400);

// A selected paragraph can be asked about.
document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  const text = selection?.toString().replace(/\s+/g, " ").trim() || "";
  const inside = selection?.anchorNode?.parentElement?.closest("#article, #note");
  const old = document.querySelector("#ask-selected");
  if (!inside || text.length < 4) { old?.remove(); return; }
  const box = selection.getRangeAt(0).getBoundingClientRect();
  const button = old || Object.assign(document.createElement("button"), { id: "ask-selected", type: "button" });
  button.textContent = say("askSelection");
  button.dataset.text = text.slice(0, 600);
  button.style.left = `${Math.min(box.left + window.scrollX, window.innerWidth - 140)}px`;
  button.style.top = `${box.bottom + window.scrollY + 8}px`;
  if (!old) document.body.append(button);
});
document.addEventListener("pointerdown", (event) => {
  const button = event.target.closest?.("#ask-selected");
  if (!button) return;
  event.preventDefault();
  fill(say("askSelectionText").replace("…", button.dataset.text));
  button.remove();
});

// The interview clock: counts down to the time in data-ends (milliseconds since 1970).
setInterval(() => {
  for (const clock of document.querySelectorAll(".countdown")) {
    const left = Math.round((Number(clock.dataset.ends) - Date.now()) / 1000);
    const minutes = Math.floor(Math.abs(left) / 60);
    const seconds = String(Math.abs(left) % 60).padStart(2, "0");
    clock.textContent = `${left < 0 ? "+" : ""}${minutes}:${seconds}`;
    clock.classList.toggle("over", left < 0);
  }
  for (const clock of document.querySelectorAll(".stopwatch")) {
    const spent = Math.max(0, Math.round((Date.now() - Number(clock.dataset.from)) / 1000));
    clock.textContent = `${Math.floor(spent / 60)}:${String(spent % 60).padStart(2, "0")}`;
  }
}, 500);
