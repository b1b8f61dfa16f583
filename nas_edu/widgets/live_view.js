// The live views of searches and explorers. They show what Python has laid out, SVG elements by key, and the changes to them; they compute
// no position. An element with `data-click` can be clicked: then its key goes to Python.

const SVG = "http://www.w3.org/2000/svg";
const ANSWERED = 5; // every fifth frame: see painter.py
const MOST_WAITING = 40; // frames kept for a page that does not paint, such as a hidden tab
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function create(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// Or JupyterLab would take the arrow keys and Enter. It looks at the focused element alone.
function suppressShortcuts(node) {
  node.dataset.lmSuppressShortcuts = "true";
}

class Panel {
  constructor(onClick) {
    this.node = create("div", { className: "nas-panel" });
    this.node.addEventListener("click", (event) => {
      const { click, href } = event.target.dataset;
      if (click !== undefined) onClick(click);
      if (href) open(href, "_blank", "noopener");
    });
    this.node.addEventListener("keydown", (event) => this.pressed(event, onClick));
  }

  // Of all that can be clicked, one is reached by Tab, and the arrow keys lead from it to the others.
  get clickable() {
    return [...this.node.querySelectorAll("[data-click]")];
  }

  pressed(event, onClick) {
    const { href } = event.target.dataset;
    if (href && event.key === "Enter") open(href, "_blank", "noopener");
    const clickable = this.clickable;
    const place = clickable.indexOf(event.target);
    if (place < 0) return;
    if (event.key === "Enter" || event.key === " ") {
      onClick(event.target.dataset.click);
    } else if (event.key in STEPS) {
      clickable[(place + STEPS[event.key] + clickable.length) % clickable.length].focus();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  show(change) {
    const focused = this.node.contains(document.activeElement) && document.activeElement.dataset.click;
    if (change.patches) {
      for (const patch of change.patches) this.patch(patch);
    } else if (change.problem) {
      this.node.replaceChildren(problemNode(change.problem));
    } else {
      this.build(change.whole);
    }
    const clickable = this.clickable;
    const same = clickable.find((node) => node.dataset.click === focused);
    if (same && same !== document.activeElement) same.focus();
    if (clickable.length) this.svg.setAttribute("role", "group"); // the children of an image are hidden from readers
    for (const node of clickable) {
      node.setAttribute("tabindex", node === (same ?? clickable[0]) ? "0" : "-1");
      suppressShortcuts(node);
    }
  }

  build({ width, height, label, elements }) {
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("role", "img");
    this.svg.setAttribute("tabindex", "0");
    this.svg.setAttribute("aria-label", label);
    this.nodes = new Map();
    for (const [key, ...element] of elements) this.add(key, null, ...element);
    this.node.style.width = `${width}px`;
    this.node.replaceChildren(this.svg);
  }

  add(key, before, tag, attributes, text) {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    if (text) node.textContent = text;
    this.svg.insertBefore(node, before === null ? null : this.nodes.get(before));
    this.nodes.set(key, node);
  }

  patch([kind, ...rest]) {
    if (kind === "label") {
      this.svg.setAttribute("aria-label", rest[0]);
      return;
    }
    const [key, ...values] = rest;
    const node = this.nodes.get(key);
    if (kind === "remove") {
      node.remove();
      this.nodes.delete(key);
    } else if (kind === "add") {
      this.add(key, ...values);
    } else if (kind === "set") {
      for (const [name, value] of Object.entries(values[0])) node.setAttribute(name, value);
      if (node.textContent !== values[1]) node.textContent = values[1];
    } else {
      const [name, kept, tail] = values;
      node.setAttribute(name, node.getAttribute(name).slice(0, kept) + tail);
    }
  }
}

function problemNode({ line, traceback }) {
  const details = create("details", {}, create("summary", { textContent: line }));
  details.append(create("pre", { textContent: traceback }));
  return create("div", { className: "nas-problem" }, details);
}

class FrameView {
  constructor(model, root, toolbarLabel) {
    this.send = (type, value) => model.send({ type, value });
    root.classList.add("nas-live");
    const title = model.get("title");
    this.controls = create("div", { className: "nas-controls", role: "toolbar", ariaLabel: toolbarLabel });
    this.status = create("div", { className: "nas-status" });
    this.problem = create("div", {});
    this.panelsNode = create("div", { className: "nas-panels" });
    this.panels = {};
    root.append(
      ...(title ? [create("div", { className: "nas-title", textContent: title })] : []),
      this.controls,
      this.status,
      this.problem,
      this.panelsNode,
    );
    this.waiting = [];
    this.answered = 0; // the newest frame that Python has been told of
  }

  showAll(frame) {
    this.panelsNode.replaceChildren();
    this.panels = {};
    this.show(frame);
  }

  show(message) {
    if (message.status) {
      this.showStatus(message.status);
      this.showProblem(message.status.problem);
    }
    for (const [index, change] of Object.entries(message.panels)) {
      if (!this.panels[index]) {
        this.panels[index] = new Panel((key) => this.send("click", key));
        this.panelsNode.append(this.panels[index].node);
      }
      this.panels[index].show(change);
    }
  }

  showProblem(problem) {
    const open = this.problem.querySelector("details")?.open;
    this.problem.replaceChildren(...(problem ? [problemNode(problem)] : []));
    if (open && problem) this.problem.querySelector("details").open = true;
  }

  // A message is either a whole frame or the changes since the frame before it.
  receive(message) {
    if (message.whole) {
      this.waiting = [message];
    } else if (message.frame <= this.frame) {
      return;
    } else if (message.frame > this.frame + 1 || this.waiting.length === MOST_WAITING) {
      this.waiting = [];
      this.send("whole");
      return;
    } else {
      this.waiting.push(message);
    }
    this.frame = message.frame;
    this.schedule();
  }

  schedule() {
    this.requested ??= requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.requested = undefined;
    for (const message of this.waiting) message.whole ? this.showAll(message.whole) : this.show(message);
    this.waiting = [];
    if (this.frame - this.answered >= ANSWERED) {
      this.answered = this.frame;
      this.send("painted", this.frame);
    }
    this.sendWanted();
  }

  // What a slider wants: sent with a painted frame, not with every move.
  sendWanted() {}
}

// --- the buttons, the status line and the slider of a search

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

// --- the controls of an explorer, made by what Python says of them

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

const VIEWS = { search: SearchView, explorer: ExplorerControls };

export default () => {
  const views = new Set();
  let latest; // the number of the newest frame that this page has heard of
  return {
    initialize({ model }) {
      latest = model.get("screen").frame;
      model.on("msg:custom", (message) => {
        latest = message.frame;
        for (const view of views) view.receive(message);
      });
    },
    render({ model, el }) {
      const view = new VIEWS[model.get("kind")](model, el);
      const frame = model.get("screen");
      view.frame = frame.frame;
      view.showAll(frame);
      views.add(view);
      if (latest !== frame.frame) view.send("whole");
      return () => views.delete(view);
    },
  };
};
