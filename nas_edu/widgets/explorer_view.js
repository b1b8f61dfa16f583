// The controls of an explorer, made by what Python says of them. What it shares with other views is in frames.js.

const HELD = 400; // milliseconds for which a control keeps what a hand gave it, while older frames still arrive

const MAKERS = {
  Button({ name }, send) {
    const node = create("button", { type: "button", onclick: () => send("press", name) });
    return { node, input: node };
  },
  Select({ name }, send) {
    const input = create("select");
    input.onchange = () => send("set", [name, input.value]);
    return labelled(input);
  },
  Slider({ name }, send, want) {
    const input = create("input", { type: "range" });
    const shown = create("output", { className: "nas-shown" });
    input.oninput = () => {
      input.heldUntil = performance.now() + HELD;
      shown.textContent = input.value;
      want(name, Number(input.value));
    };
    return labelled(input, shown);
  },
  TextField({ name, lines }, send) {
    const input = lines > 1 ? create("textarea", { rows: lines, spellcheck: false }) : create("input", { type: "text" });
    input.onchange = () => send("set", [name, input.value]);
    return labelled(input);
  },
};

function labelled(input, shown) {
  const text = create("span");
  const node = create("label", { className: "nas-control" }, text, input, ...(shown ? [shown] : []));
  return { node, input, text, shown };
}

function setUnlessSame(node, property, value) {
  if (node[property] !== value) node[property] = value;
}

class ExplorerControls extends FrameView {
  constructor(model, root) {
    super(model, root, "Controls");
    this.status.setAttribute("role", "status");
    this.made = [];
    this.wanted = new Map();
  }

  showStatus(status) {
    setUnlessSame(this.status, "textContent", status.text);
    const kinds = status.controls.map(({ kind, name, lines }) => `${kind} ${name} ${lines}`).join("\n");
    if (kinds !== this.kinds) this.makeControls(status.controls);
    this.kinds = kinds;
    status.controls.forEach((control, i) => this.showControl(this.made[i], control, status.problem));
  }

  makeControls(controls) {
    const focused = this.made.find(({ input }) => input === document.activeElement)?.name;
    const want = (name, value) => {
      this.wanted.set(name, value);
      this.schedule();
    };
    this.made = controls.map((control) => ({ name: control.name, ...MAKERS[control.kind](control, this.send, want) }));
    for (const { input } of this.made) suppressShortcuts(input);
    this.controls.replaceChildren(...this.made.map(({ node }) => node));
    this.made.find(({ name }) => name === focused)?.input.focus();
  }

  showControl({ input, text, shown }, control, problem) {
    setUnlessSame(text ?? input, "textContent", control.label);
    setUnlessSame(input, "disabled", !control.enabled);
    if (text) setUnlessSame(input, "ariaLabel", control.label); // a label around it would read out its options, too
    if (control.kind === "Button") {
      input.classList.toggle("nas-main", control.main);
      return;
    }
    if (control.kind === "Select" && [...input.options].map((one) => one.value).join("\n") !== control.options.join("\n")) {
      input.replaceChildren(...control.options.map((value) => create("option", { textContent: value, value })));
    }
    if (control.kind === "Slider") {
      const wait = (input.heldUntil ?? 0) - performance.now();
      clearTimeout(input.timer);
      if (wait > 0) {
        input.timer = setTimeout(() => this.showControl({ input, text, shown }, control, problem), wait);
        return;
      }
      Object.assign(input, { min: control.low, max: control.high, step: control.step });
      setUnlessSame(shown, "textContent", control.shows);
      input.setAttribute("aria-valuetext", control.shows);
    }
    const unfinished = control.kind === "TextField" && problem; // so that what is wrong can be mended
    if (!unfinished) setUnlessSame(input, "value", String(control.value));
  }

  sendWanted() {
    for (const [name, value] of this.wanted) this.send("set", [name, value]);
    this.wanted.clear();
  }
}

export default () => widget(ExplorerControls);
