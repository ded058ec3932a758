// A click on a citation tells the page which one; the page answers by showing its note.
document.addEventListener("click", (event) => {
  const button = event.target.closest && event.target.closest(".cite");
  if (!button) return;
  const place = [...button.classList].map((name) => name.match(/^cite-(\d+_-?\d+)$/)).find(Boolean);
  const box = document.querySelector("#picked textarea, #picked input");
  if (!place || !box) return;
  // The time makes a second click on the same citation a change, too.
  box.value = `${place[1]}_${Date.now()}`;
  box.dispatchEvent(new Event("input", { bubbles: true }));
});
window.showCited = () => setTimeout(() => {
  const mark = document.querySelector("#note mark");
  const note = document.querySelector("#note");
  if (window.innerWidth < 768 && note) note.scrollIntoView({ block: "start" });
  if (mark) mark.scrollIntoView({ block: "center" });
}, 150);
