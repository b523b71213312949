// The page of the stepper: it draws `state` and sends what a button asks for. No request leaves it.
const SVG = "http://www.w3.org/2000/svg";
const BLUE = "#0072b2", ORANGE = "#d55e00", GREY = "#8a8a8a";

function filled(node, attributes, text) {
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

function make(tag, attributes = {}, text) {
  return filled(document.createElement(tag), attributes, text);
}

function draw(parent, tag, attributes, text) {
  const node = filled(document.createElementNS(SVG, tag), attributes, text);
  parent.append(node);
  return node;
}

function canvas(width, height, label) {
  const attributes = { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label };
  return filled(document.createElementNS(SVG, "svg"), attributes);
}

// Blue below 1 pu, orange above, dark at the limits; a cross in the map marks 0.
function colour(v, world) {
  if (!(v > 0)) return "#000";
  const reach = v > 1 ? world.v_max_pu - 1 : 1 - world.v_min_pu;
  const share = Math.min(1, Math.abs(v - 1) / Math.max(reach, 1e-6));
  const to = v > 1 ? [213, 94, 0] : [0, 114, 178];
  return `rgb(${to.map((part) => Math.round(255 + (part - 255) * share)).join(",")})`;
}

// Cumulative energy over price: [[kWh, EUR/kWh], ...], one step an order.
function staircase(orders, descending) {
  const sorted = [...orders].sort((a, b) => (descending ? b[3] - a[3] : a[3] - b[3]));
  const points = [];
  let energy = 0;
  for (const order of sorted) {
    points.push([energy, order[3]]);
    energy += order[2] / 1000;
    points.push([energy, order[3]]);
  }
  return points;
}

function book(state, world) {
  const svg = canvas(360, 210, "Supply and demand of the newest round");
  const open = (state.book ?? []).filter((order) => order[5] === "");
  const bids = staircase(open.filter((order) => order[1] === "bid"), true);
  const asks = staircase(open.filter((order) => order[1] === "ask"), false);
  const all = [...bids, ...asks];
  const most = Math.max(0.001, ...all.map((point) => point[0]));
  const top = Math.max(world.retail, ...all.map((point) => point[1])) * 1.1 || 1;
  const x = (kwh) => 44 + (300 * kwh) / most;
  const y = (price) => 175 - (160 * price) / top;
  const levels = [[world.retail, "retail"], [world.feed_in, "feed-in"]];
  for (const [price, name] of levels) {
    draw(svg, "line", { x1: 44, x2: 344, y1: y(price), y2: y(price), stroke: GREY, "stroke-dasharray": "3 3" });
    draw(svg, "text", { x: 344, y: y(price) - 3, "text-anchor": "end" }, name);
  }
  const named = [[bids, BLUE, "demand", 50], [asks, ORANGE, "supply", 110]];
  for (const [points, stroke, name, left] of named.filter(([points]) => points.length)) {
    const path = points.map((point) => `${x(point[0])},${y(point[1])}`).join(" ");
    draw(svg, "polyline", { points: path, fill: "none", stroke, "stroke-width": 2, class: name });
    draw(svg, "text", { x: left, y: 14, style: `fill:${stroke}` }, name);  // above the highest price
  }
  if (state.price !== null && state.price !== undefined) {
    draw(svg, "circle", { cx: x(state.traded_kwh), cy: y(state.price), r: 4, fill: "#000" });
  }
  draw(svg, "path", { d: "M44 10V175H344", fill: "none", stroke: "#333" });
  for (const share of [0, 0.5, 1]) {
    draw(svg, "text", { x: 40, y: y(top * share) + 4, "text-anchor": "end" }, (top * share).toFixed(2));
    draw(svg, "text", { x: x(most * share), y: 188, "text-anchor": "middle" }, (most * share).toFixed(1));
  }
  draw(svg, "text", { x: 194, y: 204, "text-anchor": "middle" }, "kWh; price in EUR/kWh");
  return svg;
}

function voltages(state, world) {
  const svg = canvas(360, 210, "Voltage at every house, with the limits");
  const known = (state.v_pu ?? []).filter((v) => v > 0);
  const low = Math.min(world.v_min_pu, ...known) - 0.01;
  const high = Math.max(world.v_max_pu, ...known) + 0.01;
  const y = (v) => 175 - (160 * (v - low)) / (high - low);
  const x = (i) => 50 + (290 * (i + 0.5)) / world.houses.length;
  for (const limit of [world.v_min_pu, world.v_max_pu]) {
    draw(svg, "line", { x1: 44, x2: 344, y1: y(limit), y2: y(limit), stroke: "#333", "stroke-dasharray": "4 3" });
    draw(svg, "text", { x: 40, y: y(limit) + 4, "text-anchor": "end" }, limit.toFixed(2));
  }
  (state.v_pu ?? []).forEach((v, i) => {
    const house = world.houses[i];
    const mark = v > 0
      ? draw(svg, "circle", { cx: x(i), cy: y(v), r: 3.5, fill: colour(v, world), stroke: "#333", class: "house" })
      : draw(svg, "text", { x: x(i), y: 172, "text-anchor": "middle", class: "house" }, "×");
    draw(mark, "title", {}, `${house.name}, ${house.bus}.${house.phase}: ${v > 0 ? v.toFixed(4) + " pu" : "no supply"}`);
  });
  draw(svg, "path", { d: "M44 10V175H344", fill: "none", stroke: "#333" });
  draw(svg, "text", { x: 194, y: 204, "text-anchor": "middle" }, "houses, in order; voltage in pu");
  return svg;
}

function feeder(state, world) {
  const svg = canvas(360, 210, "The feeder, coloured by voltage");
  const buses = world.map.buses ?? {};
  const places = Object.values(buses);
  if (!places.length) return svg;
  const xs = places.map((p) => p[0]), ys = places.map((p) => p[1]);
  const span = (values) => Math.max(...values) - Math.min(...values) || 1;
  const x = (p) => 20 + (300 * (p[0] - Math.min(...xs))) / span(xs);
  const y = (p) => 190 - (165 * (p[1] - Math.min(...ys))) / span(ys);
  for (const [a, b] of world.map.lines ?? []) {
    draw(svg, "line", { x1: x(buses[a]), y1: y(buses[a]), x2: x(buses[b]), y2: y(buses[b]), stroke: GREY });
  }
  for (const [name, place] of Object.entries(buses)) {
    const v = state.buses?.[name];
    const dot = draw(svg, "circle", { cx: x(place), cy: y(place), r: 5, stroke: "#333", fill: v === undefined ? "#fff" : colour(v, world) });
    draw(dot, "title", {}, v === undefined ? name : `${name}: ${v.toFixed(4)} pu`);
    if (places.length < 40) draw(svg, "text", { x: x(place) + 7, y: y(place) - 5 }, name);
  }
  const at = {};
  world.houses.forEach((house, i) => {
    const place = buses[house.bus];
    if (!place) return;
    const n = (at[house.bus] = (at[house.bus] ?? 0) + 1) - 1;
    const angle = n * 2.4, ring = 9 + 1.6 * Math.sqrt(n) * 2;
    const v = state.v_pu?.[i];
    const mark = draw(svg, "rect", {
      x: x(place) + ring * Math.cos(angle) - 2.5, y: y(place) + ring * Math.sin(angle) - 2.5,
      width: 5, height: 5, stroke: "#333", "stroke-width": 0.6, fill: v === undefined ? "#fff" : colour(v, world),
    });
    draw(mark, "title", {}, house.name);
  });
  return svg;
}

// Highest voltage of both ways since they parted; the branch is dashed.
function branched(branch, world) {
  const svg = canvas(360, 130, "Highest voltage of both ways since they parted");
  const all = [...branch.v_max_pu[0], ...branch.v_max_pu[1], world.v_max_pu];
  const low = Math.min(...all) - 0.005, high = Math.max(...all) + 0.005;
  const y = (v) => 95 - (80 * (v - low)) / (high - low);
  const most = Math.max(1, branch.v_max_pu[0].length - 1);
  const x = (i) => 50 + (290 * i) / most;
  draw(svg, "line", { x1: 44, x2: 344, y1: y(world.v_max_pu), y2: y(world.v_max_pu), stroke: "#333", "stroke-dasharray": "4 3" });
  draw(svg, "text", { x: 40, y: y(world.v_max_pu) + 4, "text-anchor": "end" }, world.v_max_pu.toFixed(2));
  [BLUE, ORANGE].forEach((stroke, way) => {
    const points = branch.v_max_pu[way].map((v, i) => `${x(i)},${y(v)}`).join(" ");
    draw(svg, "polyline", { points, fill: "none", stroke, "stroke-width": 2, "stroke-dasharray": way ? "5 3" : "none" });
  });
  draw(svg, "path", { d: "M44 10V95H344", fill: "none", stroke: "#333" });
  draw(svg, "text", { x: 50, y: 108, "text-anchor": "middle" }, branch.tick);
  draw(svg, "text", { x: 194, y: 124, "text-anchor": "middle" }, "tick; highest voltage in pu; branch dashed");
  return svg;
}

function bothWays(branch, world) {
  const box = make("div", { class: "branch" });
  const figure = (value) => (value === null ? "" : Number.isInteger(value) ? String(value) : value.toFixed(4));
  box.append(branched(branch, world), table(["since they parted", "as it is", "branch"], branch.figures.map((row) => [row[0], figure(row[1]), figure(row[2])])));
  return box;
}

function table(head, rows, kind = "") {
  const box = make("div", { class: `scroll ${kind}`, tabindex: "0" }), node = make("table");
  const first = make("tr");
  for (const name of head) first.append(make("th", { scope: "col" }, name));
  node.append(first);
  for (const row of rows) {
    const line = make("tr");
    for (const cell of row) line.append(make("td", {}, cell));
    node.append(line);
  }
  box.append(node);
  return box;
}

const fixed = (value, digits) => (value === null || value === undefined ? "" : value.toFixed(digits));

function panels(state, world) {
  const taps = Object.entries(state.taps ?? {}).map(([name, tap]) => `${name} ${tap}`).join(", ");
  const price = state.price === null || state.price === undefined ? "no trade" : `${state.price.toFixed(4)} EUR/kWh, ${state.traded_kwh.toFixed(2)} kWh`;
  const orders = [...(state.book ?? [])].sort((a, b) => (a[1] === b[1] ? (a[1] === "bid" ? b[3] - a[3] : a[3] - b[3]) : a[1] < b[1] ? 1 : -1));
  const branch = state.branch;
  const other = branch && Object.entries(branch.fields).map(([field, value]) => `${field} ${value}`).join(", ");
  return [
    ...(branch ? [[`Branch at tick ${branch.tick}: ${other}`, bothWays(branch, world)]] : []),
    [`Market: ${price}`, book(state, world)],
    ["Voltages at the meters", voltages(state, world)],
    [`Feeder${taps ? `: taps ${taps}` : ""}`, feeder(state, world)],
    ["Book", table(["trader", "side", "Wh", "EUR/kWh", "filled Wh"], orders.map((o) => [o[0], o[5] || o[1], o[2], o[3].toFixed(4), o[4]]))],
    ["Ledger", table(["trader", "EUR", "open EUR", "kWh"], state.ledger.map((r) => [r[0], r[1].toFixed(4), r[2].toFixed(4), r[3].toFixed(3)]))],
    ["Faults, alarms, taps", table(["tick", "what"], [...state.events].reverse(), "words")],
    ["Devices", table(["house", "device", "kW", "stored Wh"], (state.devices ?? []).map((d) => [d[0], d[1], fixed(d[3], 3), fixed(d[4], 0)]))],
  ];
}

function render({ model, el }) {
  const root = make("div", { class: "p2p" }), bar = make("div", { class: "bar" });
  const where = make("span", { class: "where", role: "status" }), calls = make("pre", { title: "The same in Python" });
  const error = make("div", { class: "error", role: "alert" }), grid = make("div", { class: "grid" });
  const send = (message) => { busy = true; model.send(message); show(); };
  let busy = false, playing = false, timer;

  const buttons = {};
  const button = (name, title, action) => {
    buttons[name] = make("button", { type: "button", title }, name);
    buttons[name].addEventListener("click", action);
    bar.append(buttons[name]);
  };
  button("Step", "sim.step()", () => send({ do: "step", ticks: 1 }));
  button("Run 10", "for _ in range(10): sim.step()", () => send({ do: "step", ticks: 10 }));
  button("To event", "Run to the next fault, alarm, tap move or voltage outside the band", () => send({ do: "event" }));
  button("Play", "sim.step(), again and again", () => { playing = !playing; advance(); });
  button("Reset", "sim = p2p.Simulation(scenario, seed)", () => { playing = false; send({ do: "reset" }); });
  const speed = make("input", { type: "range", min: 1, max: 10, value: 4, "aria-label": "Ticks a second" });
  const label = make("label", {}, "speed ");
  label.append(speed);
  bar.append(label, where);

  // Fields that may change while it runs: choose a value, then say where it is to hold.
  const changes = make("div", { class: "bar changes" }), controls = {};
  let chosen = null;
  const choose = (field, value) => { chosen = { field, value }; show(); };
  for (const offered of model.get("world").changeable) {
    const line = make("label", {}, `${offered.field} `);
    const control = make(offered.options ? "select" : "input", offered.options ? {} : { type: "range", min: offered.min, max: offered.max, step: offered.step });
    for (const option of offered.options ?? []) control.append(make("option", { value: option }, option));
    const told = make("output");
    control.addEventListener(offered.options ? "change" : "input", () => {
      told.textContent = offered.options ? "" : ` ${control.value}`;
      choose(offered.field, offered.options ? control.value : Number(control.value));
    });
    controls[offered.field] = [control, told];
    line.append(control, told);
    changes.append(line);
  }
  const touched = make("span", { class: "touched" });
  const apply = (name, title, what) => {
    buttons[name] = make("button", { type: "button", title }, name);
    buttons[name].addEventListener("click", () => { const message = { do: what, ...chosen }; chosen = null; send(message); });
    changes.append(buttons[name]);
  };
  apply("Change", "stepper.change(field=value): from the next tick on", "change");
  apply("Branch", "stepper.branch(field=value): replay to this tick, and go on both ways", "branch");
  changes.append(touched);

  function advance() {
    clearTimeout(timer);
    const state = model.get("state");
    if (state.done || model.get("error")) playing = false;
    if (playing && !busy) timer = setTimeout(() => playing && send({ do: "step", ticks: 1 }), 1000 / speed.value);
    show();
  }

  function show() {
    const state = model.get("state"), world = model.get("world");
    where.textContent = `tick ${state.tick} of ${world.ticks}, ${state.done ? "done" : state.time}`;
    calls.textContent = state.calls.join("\n");
    error.textContent = model.get("error");
    for (const name of ["Step", "Run 10", "To event"]) buttons[name].disabled = busy || playing || state.done;
    buttons.Play.disabled = state.done;
    buttons.Play.textContent = playing ? "Pause" : "Play";
    buttons.Reset.disabled = busy;
    for (const name of ["Change", "Branch"]) buttons[name].disabled = busy || playing || state.done || !chosen;
    if (state.branch) buttons.Change.disabled = true;
    touched.textContent = state.touched ? "touched from outside" : "";
    for (const [field, [control, told]] of Object.entries(controls)) {
      if (chosen?.field === field) continue;
      if (control.tagName === "SELECT" && ![...control.options].some((option) => option.value === state.now[field])) {
        control.append(make("option", { value: state.now[field] }, state.now[field]));
      }
      control.value = state.now[field];
      told.textContent = control.tagName === "SELECT" ? "" : ` ${state.now[field]}`;
    }
  }

  function redraw() {
    const state = model.get("state"), world = model.get("world");
    grid.replaceChildren(...panels(state, world).map(([title, content]) => {
      const panel = make("section");
      panel.append(make("h4", {}, title), content);
      return panel;
    }));
    show();
  }
  const heard = [["change:state", redraw], ["change:error", show], ["change:answered", () => { busy = false; advance(); }]];
  for (const [event, act] of heard) model.on(event, act);
  root.append(bar, changes, calls, error, grid);
  el.append(root);
  redraw();
  return () => {
    clearTimeout(timer);
    for (const [event, act] of heard) model.off(event, act);
  };
}

export default { render };
