// A click on a citation tells the page which one; the page answers by showing its note.
document.addEventListener("click", (event) => {
  const button = event.target.closest && event.target.closest(".cite");
  if (!button) return;
  const place = [...button.classList].map((name) => name.match(/^cite-(p?\d+_-?\d+)$/)).find(Boolean);
  if (!place) return;
  const practice = place[1].startsWith("p");
  const id = practice ? "#practice-picked" : "#picked";
  const box = document.querySelector(`${id} textarea, ${id} input`);
  if (!box) return;
  // The time makes a second click on the same citation a change, too.
  box.value = `${place[1].replace("p", "")}_${Date.now()}`;
  box.dispatchEvent(new Event("input", { bubbles: true }));
});
window.showCited = () => setTimeout(() => {
  const shown = (element) => element && element.offsetParent !== null;
  const note = [...document.querySelectorAll("#note, #practice-note")].find(shown);
  const mark = note && note.querySelector("mark");
  if (window.innerWidth < 768 && note) note.scrollIntoView({ block: "start" });
  if (mark) mark.scrollIntoView({ block: "center" });
}, 150);

// The interview clock: counts down to the time in data-ends (milliseconds since 1970).
setInterval(() => {
  for (const clock of document.querySelectorAll(".countdown")) {
    const left = Math.round((Number(clock.dataset.ends) - Date.now()) / 1000);
    const minutes = Math.floor(Math.abs(left) / 60);
    const seconds = String(Math.abs(left) % 60).padStart(2, "0");
    clock.textContent = `${left < 0 ? "+" : ""}${minutes}:${seconds}`;
    clock.classList.toggle("over", left < 0);
  }
}, 500);

// The open conversation stands in the page's address, so that a reload finds it again.
window.chatInAddress = () => new URLSearchParams(location.search).get("chat") || "";
window.keepChat = (id) => {
  const address = new URL(location.href);
  if (id) address.searchParams.set("chat", id);
  else address.searchParams.delete("chat");
  history.replaceState(history.state, "", address);
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
window.toggleChats = () => document.querySelector("#chats .toggle-button")?.click();
document.addEventListener("click", (event) => {
  const item = event.target.closest && event.target.closest(".chat-item, #chat-new");
  if (!item) return;
  // On a phone the list covers the page: it makes way for what was opened.
  if (window.innerWidth < 768) window.toggleChats();
  const box = item.dataset.chat && document.querySelector("#chat-picked textarea, #chat-picked input");
  if (!box) return;
  box.value = `${item.dataset.chat}_${Date.now()}`;
  box.dispatchEvent(new Event("input", { bubbles: true }));
});
// The list belongs to the Ask page: it closes when another page is opened.
document.addEventListener("click", (event) => {
  const tab = event.target.closest && event.target.closest("[role=tab]");
  if (tab && document.querySelector("#chats.open")) window.toggleChats();
});
