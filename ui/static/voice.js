// The browser's own voice, where it has one: an answer spoken, a question read aloud. Off until the
// learner switches it on: some browsers send what is spoken to their maker.
const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;
const voiced = () => Boolean(Recognition || window.speechSynthesis);
const applyVoice = () => {
  if (!document.body) return;
  const on = voiced() && kept("voice") === "on";
  document.body.classList.toggle("can-speak", voiced());
  document.body.classList.toggle("can-dictate", Boolean(Recognition));
  document.body.classList.toggle("voice", on);
  for (const box of document.querySelectorAll(".voice-choice input")) box.checked = on;
};
const spokenLanguage = (text) => (/[\u4e00-\u9fff]/.test(text) ? "zh-CN" : "en-US");
const questionBeside = (bar) => (bar.closest("#interview, #exercise")?.querySelector("#iv-head h3, #practice-question h3")?.textContent || "").trim();
let dictation = null; // the recognition that listens, and its button
const hush = () => { dictation?.stop(); window.speechSynthesis?.cancel(); };
const dictate = (button) => {
  if (dictation) { dictation.stop(); return; }
  const bar = button.closest(".voice-bar");
  const box = boxOf(bar.dataset.box);
  const listener = new Recognition();
  Object.assign(listener, { lang: spokenLanguage(questionBeside(bar)), continuous: true, interimResults: false });
  listener.onresult = (event) => {
    const said = [...event.results].slice(event.resultIndex).filter((result) => result.isFinal)
      .map((result) => result[0].transcript.trim()).join(" ");
    if (!said || !box) return;
    box.value += (box.value && !/\s$/.test(box.value) ? (listener.lang === "zh-CN" ? "" : " ") : "") + said;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };
  listener.onerror = (event) => { if (!["aborted", "no-speech"].includes(event.error)) toast(say("noMicrophone")); };
  listener.onend = () => { dictation = null; button.setAttribute("aria-pressed", "false"); };
  try { listener.start(); } catch { toast(say("noMicrophone")); return; }
  dictation = listener;
  button.setAttribute("aria-pressed", "true");
};
const readAloud = (bar) => {
  const text = questionBeside(bar);
  const speaking = window.speechSynthesis.speaking;
  window.speechSynthesis.cancel();
  if (speaking || !text) return; // a second click is silence
  window.speechSynthesis.speak(Object.assign(new SpeechSynthesisUtterance(text), { lang: spokenLanguage(text) }));
};
document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".voice-bar button");
  if (button?.classList.contains("dictate")) dictate(button);
  else if (button) readAloud(button.closest(".voice-bar"));
  else if (event.target.closest?.("#grade, #iv-send, #iv-skip, #iv-end, #iv-pause, #start")) hush();
});
document.addEventListener("change", ({ target }) => {
  if (!target.matches?.(".voice-choice input")) return;
  keepChoice("voice", target.checked ? "on" : "off");
  hush();
  applyVoice();
});
whenThere(() => document.body, applyVoice);
// The switch is drawn anew with the language.
new MutationObserver(() => {
  const box = document.querySelector(".voice-choice input");
  if (box && box.checked !== document.body.classList.contains("voice")) box.checked = !box.checked;
}).observe(document.documentElement, { childList: true, subtree: true });
