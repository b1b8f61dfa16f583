// Shows what Python has laid out: SVG elements by key, and the changes to them. It computes no position.

const SVG = "http://www.w3.org/2000/svg";
const MOST_WAITING = 40; // frames kept for a page that does not paint, such as a hidden tab
const SPEEDS = [["as fast as possible", 0], ...[1, 2, 5, 10, 20, 50].map((n) => [`${n} a second`, n])];
const BUTTONS = ["Run", "Pause", "Step", "Stop", "Reset"];

function create(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

class Panel {
  constructor() {
    this.node = create("div", { className: "nas-panel" });
  }

  show(change) {
    if (change.patches) {
      for (const patch of change.patches) this.patch(patch);
    } else if (change.problem) {
      this.node.replaceChildren(problemNode(change.problem));
    } else {
      this.build(change.whole);
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

class View {
  constructor(model, root) {
    this.root = root;
    this.send = (type, value) => model.send({ type, value });
    root.classList.add("nas-live");
    const title = model.get("title");
    this.buttons = BUTTONS.map((name) => {
      const type = name.toLowerCase();
      return create("button", { type: "button", textContent: name, className: `nas-${type}`, onclick: () => this.send(type) });
    });
    this.speed = create("select", { onchange: () => this.send("speed", Number(this.speed.value)) });
    this.speed.append(...SPEEDS.map(([text, value]) => create("option", { textContent: text, value })));
    this.slider = create("input", { type: "range", min: 0, hidden: true, ariaLabel: "Position in the recorded search" });
    this.slider.oninput = () => {
      this.wanted = Number(this.slider.value); // sent with the next painted frame, not with every move
      this.schedule();
    };
    this.state = create("span", { className: "nas-state", role: "status" });
    this.progress = create("span", {});
    this.problem = create("div", {});
    this.panelsNode = create("div", { className: "nas-panels" });
    this.panels = {};
    const speed = create("label", {}, "Speed ", this.speed);
    const controls = create("div", { className: "nas-controls", role: "toolbar", ariaLabel: "Search" });
    controls.append(...this.buttons, speed, this.slider);
    for (const control of [...this.buttons, this.speed, this.slider]) {
      control.dataset.lmSuppressShortcuts = "true"; // or JupyterLab would take the arrow keys and Enter
    }
    root.append(
      ...(title ? [create("div", { className: "nas-title", textContent: title })] : []),
      controls,
      create("div", { className: "nas-status" }, this.state, this.progress),
      this.problem,
      this.panelsNode,
    );
    this.waiting = [];
  }

  showAll(frame) {
    this.panelsNode.replaceChildren();
    this.panels = {};
    this.show(frame);
  }

  show(message) {
    if (message.status) this.showStatus(message.status);
    for (const [index, change] of Object.entries(message.panels)) {
      if (!this.panels[index]) {
        this.panels[index] = new Panel();
        this.panelsNode.append(this.panels[index].node);
      }
      this.panels[index].show(change);
    }
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
    const open = this.problem.querySelector("details")?.open;
    this.problem.replaceChildren(...(status.problem ? [problemNode(status.problem)] : []));
    if (open && status.problem) this.problem.querySelector("details").open = true;
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
    if (this.waiting.length) this.send("painted", this.frame);
    this.waiting = [];
    if (this.wanted !== undefined) this.send("seek", this.wanted);
    this.wanted = undefined;
  }
}

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
      const view = new View(model, el);
      const frame = model.get("screen");
      view.frame = frame.frame;
      view.showAll(frame);
      views.add(view);
      if (latest !== frame.frame) view.send("whole");
      return () => views.delete(view);
    },
  };
};
