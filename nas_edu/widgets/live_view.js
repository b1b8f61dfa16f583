// The buttons, the status line and the slider of a search. What it shares with other views is in frames.js.

const SPEEDS = [["as fast as possible", 0], ...[1, 2, 5, 10, 20, 50].map((n) => [`${n} a second`, n])];
const BUTTONS = ["Run", "Pause", "Step", "Stop", "Reset"];

class SearchView extends FrameView {
  constructor(model, root) {
    super(model, root, "Search");
    this.buttons = BUTTONS.map((name) => {
      const type = name.toLowerCase();
      return create("button", { type: "button", textContent: name, className: `nas-${type}`, onclick: () => this.send(type) });
    });
    this.speed = create("select", { onchange: () => this.send("speed", Number(this.speed.value)) });
    this.speed.append(...SPEEDS.map(([text, value]) => create("option", { textContent: text, value })));
    this.slider = create("input", { type: "range", min: 0, hidden: true, ariaLabel: "Position in the recorded search" });
    this.slider.oninput = () => {
      this.wanted = Number(this.slider.value);
      this.schedule();
    };
    this.controls.append(...this.buttons, create("label", {}, "Speed ", this.speed), this.slider);
    for (const control of [...this.buttons, this.speed, this.slider]) suppressShortcuts(control);
    this.state = create("span", { className: "nas-state", role: "status" });
    this.progress = create("span", {});
    this.status.append(this.state, this.progress);
  }

  showStatus(status) {
    for (const button of this.buttons) button.disabled = !status.buttons.includes(button.textContent.toLowerCase());
    if (this.state.textContent !== status.state) this.state.textContent = status.state;
    this.progress.textContent = `: ${status.progress}`;
    if (document.activeElement !== this.speed) this.speed.value = status.speed;
    this.slider.hidden = status.total === null;
    if (status.total !== null && this.wanted === undefined) {
      this.slider.max = status.total;
      this.slider.value = status.position;
    }
  }

  sendWanted() {
    if (this.wanted !== undefined) this.send("seek", this.wanted);
    this.wanted = undefined;
  }
}

export default () => widget(SearchView);
